import { gzipSync } from 'node:zlib';
import { vi } from 'vitest';
import type { OwnCode } from '../../functions/errors/codes.ts';
import type { Lambda } from '../../infra/local/lambda/lambda.ts';
import {
  type Delivery,
  deliveryOf,
  oktaDelivery,
  oktaEvent,
  PAYLOAD_MARKER,
  signedDelivery,
  withHeaders,
} from './deliveries.ts';
import { startFunctionsAgain } from './functions-again.ts';
import {
  type EventItem,
  eventExecutions,
  makeOlder,
  newcomer,
  newestRecord,
  untilIdle,
} from './hr-events.ts';
import type { HrStandIn, Misbehaviour } from './hr-stand-in.ts';
import { CHANNEL, type LocalRun } from './local-run.ts';
import { SENDERS } from './signatures.ts';
import { lookupCredential, ROTATED, signingSecret } from './sources.ts';

/** Codes that only an event of an HR system can come to. */
export const EVENT_CODES: OwnCode[] = [
  'bad_person_id',
  'event_settled',
  'event_too_old',
  'lookup_misconfigured',
  'lookup_unavailable',
  'no_email',
  'no_such_event',
  'webhook_secret_misconfigured',
  'webhook_secret_unavailable',
];

/** What nobody may ever read in a log or a history. */
export const EVENT_SECRETS = [
  '@partner.example',
  '@acme.example',
  PAYLOAD_MARKER,
  'msg_',
  ...SENDERS.flatMap((source) => [signingSecret(source), lookupCredential(source)]),
  ...ROTATED,
];

/** Denies an address of the company's own, which is allowed otherwise. */
export const EVENT_POLICY = {
  channels: { [CHANNEL]: { emailDomains: ['partner.example', 'acme.example'] } },
  deniedEmailDomains: ['acme.example'],
  readers: [],
};

const DAY_S = 24 * 3600;
/** Nothing listens there. */
const NOWHERE = 'http://127.0.0.1:1';
const CRIPPLES: Record<string, string>[] = [
  { AWS_ENDPOINT_URL_DYNAMODB: NOWHERE },
  { AWS_ENDPOINT_URL_SECRETS_MANAGER: NOWHERE },
  { AWS_ENDPOINT_URL_SFN: NOWHERE },
  { TABLE_NAME: 'another-table' },
  { WEBHOOK_SECRET_ARN: 'another-secret' },
  { LOOKUP_SECRET_ARN: 'another-secret' },
  { WORKFLOW_ARN: 'another-workflow' },
];

/** Deliveries that are refused, ignored or unreadable, all with an address in them. */
const hostile = (): Delivery[] => {
  const genuine = deliveryOf('greenhouse', newcomer());
  const [slow, quick] = [newcomer(), newcomer()];
  const hire = String(genuine.body);
  return [
    withHeaders(genuine, { signature: undefined }),
    { ...genuine, body: `${hire} ` },
    { ...genuine, source: 'somebody@partner.example' },
    { ...deliveryOf('okta', newcomer()), method: 'GET' },
    deliveryOf('svix', newcomer(), 0),
    signedDelivery('greenhouse', hire.slice(0, -1)),
    signedDelivery('greenhouse', `${'['.repeat(100)}${hire}${']'.repeat(100)}`),
    signedDelivery('greenhouse', JSON.stringify(hire)),
    withHeaders(signedDelivery('greenhouse', Buffer.from(`\xff${hire}`, 'latin1')), {
      'content-type': 'application/octet-stream',
    }),
    withHeaders(signedDelivery('greenhouse', gzipSync(`"${hire.repeat(50_000)}"`)), {
      'content-encoding': 'gzip',
    }),
    signedDelivery('greenhouse', hire.replace('hire_candidate', 'somebody@partner.example')),
    signedDelivery('generic', '{"event":"contractor.joined","email":["x@partner.example"]}'),
    signedDelivery('generic-hmac', '{"occurred_at":"2016-01-31","email":"x@partner.example"}'),
    oktaDelivery('okta-names', [oktaEvent(slow, `${'a'.repeat(60)}@partner.example`)]),
    oktaDelivery('okta-names', [{ ...oktaEvent(quick), target: 'x@partner.example' }]),
  ];
};

/** What it takes to bring things about, and to count them. */
type Drive = {
  run: LocalRun;
  hr: HrStandIn;
  delivered: Delivery[];
  deliver(delivery: Delivery): Promise<unknown>;
  /** Calls `hr-invite`, of the run or of other functions. */
  make(input: unknown, lambda?: Lambda): Promise<void>;
};

/** Everybody delivers, and delivers again, later. */
const driveSenders = async ({ run, hr, deliver }: Drive) => {
  const told = SENDERS.map((source) => ({ source, person: newcomer() }));
  for (const { source, person } of told) {
    hr.people.set(person.id, person.email);
    await deliver(deliveryOf(source, person));
  }
  await untilIdle(run);
  const later = Date.now() + 60_000;
  for (const { source, person } of told) await deliver(deliveryOf(source, person, later));
  await deliver(deliveryOf('deel', newcomer('acme.example')));
  await untilIdle(run);
};

/** Every way in which a lookup leads to no invitation. */
const driveLookups = async ({ run, hr, deliver }: Drive) => {
  const lookedUp = async (behaviour: Misbehaviour | 'well', email?: string) => {
    const person = newcomer();
    hr.people.set(person.id, email);
    hr.behave(behaviour);
    await deliver(deliveryOf('bamboohr', person));
    return newestRecord(run);
  };
  await lookedUp('well', 'no address@partner.example');
  for (const behaviour of ['redirects', 'html'] as const) {
    const start = run.lines.length;
    await lookedUp(behaviour, newcomer().email);
    await vi.waitUntil(() => countOf(run.lines.slice(start), '"event_blocked"') > 0, 10_000);
  }
  hr.behave('well'); // somebody has mended it
  await deliver(deliveryOf('bamboohr', { ...newcomer(), id: '0' }));
  await untilIdle(run);

  await makeOlder(run, await lookedUp('unavailable'), DAY_S);
  await vi.waitUntil(() => run.lines.some((line) => line.includes('"lookup_unavailable"')), 10_000);
  hr.behave('well'); // and still nobody has entered an address
  await untilIdle(run);

  const { pk } = await lookedUp('well');
  await run.dynamo('DeleteItem', { Key: { pk } });
  await untilIdle(run);
};

/** Steps that are repeated, what no function ever wrote, and what nobody foresaw. */
const driveOddities = async ({ run, deliver, make }: Drive) => {
  const person = newcomer();
  await deliver(deliveryOf('greenhouse', person));
  await untilIdle(run);
  const record = await newestRecord(run);
  const event = idOf(record);
  await make({ event });
  await make({ event, give_up: 'somebody@partner.example' });
  const asked = { channel: { S: CHANNEL }, email: { S: person.email } };
  const invitation = { M: { ...asked, external_limited: { BOOL: true } } };
  await run.dynamo('PutItem', { Item: { ...record, status: { S: 'received' }, invitation } });
  await make({ event, give_up: 'somebody@partner.example' });
  await make({ event });
  const neverWritten = { ...record, status: { S: 'received' }, error: { NULL: true } };
  await run.dynamo('PutItem', { Item: neverWritten });
  await make({ event });
  const generation = { N: '123456789012345678901234567890' };
  await run.dynamo('PutItem', { Item: { ...neverWritten, generation } });
  await make({ event });
  await deliver(deliveryOf('greenhouse', person));
  await make({ event: 'somebody@partner.example' });
  await make('somebody@partner.example');
};

/** Deployments in which something is wrong. */
const driveCripples = async ({ run, delivered, make }: Drive) => {
  const event = idOf(await newestRecord(run));
  for (const environment of CRIPPLES) {
    const crippled = await startFunctionsAgain(run, { environment });
    const delivery = deliveryOf('greenhouse', newcomer());
    delivered.push(delivery);
    await Promise.all([crippled.deliver(delivery), make({ event }, crippled.lambda)]);
    await crippled.close();
  }
};

/**
 * Brings about every result at the door of HR systems, and every code that an event can come to.
 * @param run with the policy {@link EVENT_POLICY}, `impatient`, and `hr` for its lookups.
 * @returns what was delivered, and how often the functions behind the door were called.
 */
export const driveEveryEvent = async (
  run: LocalRun,
  hr: HrStandIn,
): Promise<{ delivered: Delivery[]; calls: number }> => {
  const delivered: Delivery[] = [];
  let calls = 0;
  const drive: Drive = {
    run,
    hr,
    delivered,
    deliver: (delivery) => {
      delivered.push(delivery);
      return run.deliver(delivery);
    },
    make: async (input, lambda = run.stack.lambda) => {
      calls += 1;
      await lambda.invoke('SlackConnectInvites-hr-invite', JSON.stringify(input));
    },
  };
  await driveSenders(drive);
  for (const delivery of hostile()) await drive.deliver(delivery);
  await driveLookups(drive);
  await driveOddities(drive);
  await driveCripples(drive);

  for (const { executionArn } of await eventExecutions(run)) {
    const { events } = await run.states('GetExecutionHistory', { executionArn, maxResults: 1000 });
    calls += (events as { type: string }[]).filter(({ type }) => type === 'TaskScheduled').length;
  }
  return { delivered, calls };
};

const countOf = (lines: readonly string[], text: string): number =>
  lines.filter((line) => line.includes(text)).length;

const idOf = ({ pk }: EventItem): string => String(pk?.S).slice('event#'.length);
