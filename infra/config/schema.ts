import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as z from 'zod';
import { reservedConcurrency, throttle, webhooks } from './bounds.ts';
import { isObject, number, text, whole } from './fields.ts';
import { lifecycle } from './lifecycle.ts';
import { functionName, LONGEST_STACK_NAME } from './physical-names.ts';
import { channels, deniedEmailDomains, readers } from './policy.ts';
import { checkGroups, checkRules } from './policy-checks.ts';
import { certificateArn, checkDomain, domainName, secretArn, tableArn } from './resources.ts';
import { sources } from './sources.ts';

// Without "never" (9999): a log group of this stack always forgets.
const LOG_RETENTION = Object.values(RetentionDays).filter(
  (days) => typeof days === 'number' && days !== RetentionDays.INFINITE,
) as number[];

const ISSUER =
  'the https:// address of the token issuer, as the iss claim has it, without query or fragment';
const claims = (what: string, most: number) => `a list of 1 to ${most} ${what}s`;
// API Gateway's own limits: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
const CLAIMS = (what: string, most: number) =>
  z
    .array(text(/^[\x21-\x7e]{1,256}$/, `${what} without spaces`), claims(what, most))
    .min(1, claims(what, most))
    .max(most, claims(what, most));

const jwt = z.strictObject(
  {
    issuer: text(/^https:\/\/[a-z0-9.-]+(:\d{1,5})?(\/[^\s?#]*)?$/i, ISSUER),
    audience: CLAIMS('audience', 50),
    scopes: CLAIMS('scope', 10).exactOptional(),
    /** The claim that has the caller's groups. */
    groupsClaim: text(
      /^[\x21-\x7e]{1,256}$/,
      'the name of a claim, such as "groups" or "cognito:groups"',
    ).exactOptional(),
  },
  'an object with issuer, audience and, if wanted, scopes and groupsClaim',
);

const observability = z
  .strictObject(
    {
      alarmTopicArn: text(
        /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/,
        'the ARN of an SNS topic in the region of the stack',
      ).exactOptional(),
      alarmEmail: text(/^[^\s@]{1,64}@[^\s@]{1,190}$/, 'an e-mail address').exactOptional(),
      dashboard: z.boolean('true or false').default(true),
      /** Bulk requests for 6 hours are 7,200, at Slack's pace. */
      longestWaitHours: whole(1, 168, ' hours').default(6),
    },
    'an object with alarmTopicArn or alarmEmail, and, if wanted, dashboard and longestWaitHours',
  )
  .refine(
    ({ alarmTopicArn, alarmEmail }) => (alarmTopicArn === undefined) !== (alarmEmail === undefined),
    { error: 'either alarmTopicArn or alarmEmail: whom the alarms tell' },
  );

const fields = z.strictObject(
  {
    /** Also the prefix of every physical name, so another name makes a second stack. */
    stackName: text(
      new RegExp(`^[A-Za-z][A-Za-z0-9-]{0,${LONGEST_STACK_NAME - 1}}$`),
      `a letter, then up to ${LONGEST_STACK_NAME - 1} letters, digits or hyphens, since the function ${functionName('<stackName>', 'slack-events')} may have 64 characters`,
    ).default('SlackConnectInvites'),

    /** Who may be invited where, and by whom. */
    channels,
    deniedEmailDomains,
    /** Who may read every invite. */
    readers,

    ratePerMinute: number(1, 6_000, ' (Slack tolerates about 20)').default(20),
    /**
     * Below 20: a burst as large as what Slack tolerates at once would meet its 429. Not 1: a request of
     * the queue that comes a moment early would find no place, and its own would stay empty.
     */
    burst: whole(2, 19, ' calls').default(5),

    /** Not under 14: an invitation lives 14 days, and one forgotten earlier could be sent twice. */
    retentionDays: whole(14, 3_650, ' days').default(400),
    logRetentionDays: z
      .literal(LOG_RETENTION, `one of the days CloudWatch Logs knows: ${LOG_RETENTION.join(', ')}`)
      .default(RetentionDays.THREE_MONTHS),

    workspace: text(
      /^[TE][A-Z0-9]{8,20}$/,
      'a workspace id (T or E and 8 to 20 capitals or digits), such as "T0ACMECORP1"',
    ).exactOptional(),
    /** Of a ledger that is there already: restored, or of a stack that is gone. */
    tableArn: tableArn.exactOptional(),
    secretArn: secretArn.exactOptional(),
    webhookSecretArn: secretArn.exactOptional(),
    lookupSecretArn: secretArn.exactOptional(),
    lifecycle,
    jwt: jwt.exactOptional(),
    throttle: throttle(10, 20),
    /** Whom the alarms tell, and whether there are dashboards; left out: nobody is woken. */
    observability: observability.exactOptional(),
    webhooks: webhooks.prefault({}),
    /** Nothing is reserved: a new account has too little to reserve any of it. */
    reservedConcurrency: reservedConcurrency.default({}),

    /** A name of your own for the HTTP API, so that it stays when the API is made anew. */
    domainName: domainName.exactOptional(),
    certificateArn: certificateArn.exactOptional(),
    /** Whether the API also answers at its own address of AWS. */
    defaultEndpoint: z.boolean('true or false').default(true),

    /** The HR systems that may call, and whom their events invite. */
    sources,
  },
  'an object',
);

/** The configuration: context key `slackConnectInvites`. Nothing is allowed that is not listed. */
export const configSchema = fields
  .superRefine(checkRules, { when: isObject })
  .superRefine(checkGroups, { when: isObject })
  .superRefine(checkDomain, { when: isObject });

export type Config = z.output<typeof configSchema>;

export const hasSources = ({ sources }: Config): boolean => Object.keys(sources).length > 0;
