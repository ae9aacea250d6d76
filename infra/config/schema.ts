import { domainToASCII } from 'node:url';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as z from 'zod';
import { CHANNEL_ID } from '../../functions/invites/request.ts';
import { isObject, number, text, whole } from './fields.ts';
import { functionName, LONGEST_STACK_NAME } from './physical-names.ts';
import { sources } from './sources.ts';
import { checkPolicy } from './sources-checks.ts';

// Without "never" (9999): a log group of this stack always forgets.
const LOG_RETENTION = Object.values(RetentionDays).filter(
  (days) => typeof days === 'number' && days !== RetentionDays.INFINITE,
) as number[];

const DOMAIN = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

const flag = z.boolean('true or false').default(false);

// `"*"` may be written bare, since it always stands alone.
const listOrEverything = (item: z.ZodString, allowed: string) =>
  z
    .preprocess(
      (value) => (value === '*' ? ['*'] : value),
      z.array(item, allowed).refine((list) => list.length === 1 || !list.includes('*'), {
        error: 'either a list or "*", since "*" among others would hide that it says everything',
        // Also when an item is wrong, so that all problems are told at once.
        when: ({ value }) => Array.isArray(value),
      }),
    )
    .default([]);

const CHANNELS =
  'channel ids (C or G and 8 to 20 capitals or digits), such as ["C0PARTNER01"]; or "*"';
const channels = listOrEverything(
  z
    .string(CHANNELS)
    .refine((channel) => channel === '*' || CHANNEL_ID.test(channel), { error: CHANNELS }),
  `a list of ${CHANNELS}`,
);

const DOMAINS = 'e-mail domains, such as ["partner.example", "*.partner.example"]; or "*"';
const domains = listOrEverything(
  z
    .string(DOMAINS)
    .toLowerCase()
    .superRefine((domain, context) => {
      if (domain === '*' || DOMAIN.test(domain.replace(/^\*\./, ''))) return;
      const ascii = domainToASCII(domain);
      const remedy = ascii && ascii !== domain ? `; write "${ascii}"` : '';
      context.addIssue(`${DOMAINS}${remedy}`);
    }),
  `a list of ${DOMAINS}`,
);

const ISSUER =
  'the https:// address of the token issuer, as the iss claim has it, without query or fragment';
const CLAIMS = (what: string) =>
  z
    .array(
      text(/^[\x21-\x7e]{1,256}$/, `${what} without spaces`),
      `a list with at least one ${what}`,
    )
    .min(1, `a list with at least one ${what}`);

const jwt = z.strictObject(
  {
    issuer: text(/^https:\/\/[a-z0-9.-]+(:\d{1,5})?(\/[^\s?#]*)?$/i, ISSUER),
    audience: CLAIMS('audience'),
    scopes: CLAIMS('scope').exactOptional(),
  },
  'an object with issuer, audience and, if wanted, scopes',
);

const throttle = z.strictObject(
  {
    rate: number(1, 10_000, ' requests a second').default(10),
    burst: whole(1, 5_000, ' requests').default(20),
  },
  'an object with rate and burst',
);

const fields = z.strictObject(
  {
    /** Also the prefix of every physical name, so another name makes a second stack. */
    stackName: text(
      new RegExp(`^[A-Za-z][A-Za-z0-9-]{0,${LONGEST_STACK_NAME - 1}}$`),
      `a letter, then up to ${LONGEST_STACK_NAME - 1} letters, digits or hyphens, since the function ${functionName('<stackName>', 'invite-task')} may have 64 characters`,
    ).default('SlackConnectInvites'),

    allowedChannels: channels,
    allowedEmailDomains: domains,
    deniedEmailDomains: domains,
    allowUserIds: flag,
    allowFullAccess: flag,

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
    secretArn: text(
      /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]{1,512}-[A-Za-z0-9]{6}$/,
      'the full ARN of a Secrets Manager secret in the region of the stack, with the six characters that end it',
    ).exactOptional(),
    jwt: jwt.exactOptional(),
    throttle: throttle.prefault({}),

    /** The HR systems that may call, and whom their events invite. */
    sources,
  },
  'an object',
);

/** The configuration: context key `slackConnectInvites`. Nothing is allowed that is not listed. */
export const configSchema = fields.superRefine(checkPolicy, { when: isObject });

export type Config = z.output<typeof configSchema>;
