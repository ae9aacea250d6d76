import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CODES } from '../../functions/slack/codes.ts';
import { CHANNEL, type LocalRun, startLocalRun, TOKEN } from '../support/local-run.ts';

/** What must never be printed. Each address, reference and secret that the test uses is one of them. */
const SECRETS = [
  '@partner.example',
  '@gmail.example',
  'secret-ticket',
  'xoxb-',
  'join.slack.example',
  'enQt',
];

type Emf = Record<string, unknown> & {
  _aws: {
    Timestamp: number;
    CloudWatchMetrics: {
      Namespace: string;
      Dimensions: string[][];
      Metrics: { Name: string; Unit: string }[];
    }[];
  };
};

let run: LocalRun;
let invocations = 0;
let people = 0;
const GATE = { Key: { pk: { S: 'gate#conversations.inviteShared' } } };
const somebody = () => `private.person.${++people}@partner.example`;
const ask = (more: object = {}) => ({
  channel: CHANNEL,
  emails: [somebody()],
  reference: 'secret-ticket',
  ...more,
});
const doors = {
  'invite-api': (input: unknown) => run.post(input),
  'invite-task': (input: unknown) => run.task(input),
};
const everyDoor = async (input: () => unknown) => {
  for (const door of Object.values(doors)) {
    invocations += 1;
    await door(input());
  }
};

/** Every outcome, class and code, at both doors. */
const driveEverything = async () => {
  await everyDoor(() => ask());
  await everyDoor(() => ask({ external_limited: false }));
  const again = ask();
  await everyDoor(() => again);
  await everyDoor(() => again);
  await everyDoor(() => ({ ...again, external_limited: false }));
  await everyDoor(() => ({ ...again, resend: 1 }));
  await everyDoor(() => ({ channel: CHANNEL, emails: ['already.there@partner.example'] }));
  await everyDoor(() => ask({ emails: ['somebody@gmail.example'] }));
  await everyDoor(() => ask({ emails: ['two@partner.example', 'more@partner.example'] }));
  await everyDoor(() =>
    ask({ 'somebody@partner.example': 1, emails: 'no address@partner.example' }),
  );
  await everyDoor(() => ask({ channel: 'somebody@partner.example' }));
  await everyDoor(() => null);

  const faults = [
    ...Object.keys(CODES).map((error) => ({ error })),
    { status: 500 },
    { drop: 'before' },
    { drop: 'after' },
    { body: `{"ok":false,"error":"somebody@partner.example ${TOKEN}"}`, status: 200 },
    { body: '{"ok":false,"error":"never_heard_of"}', status: 200 },
    { body: `<html>${TOKEN} somebody@partner.example</html>`, status: 502 },
    {
      body: '{"ok":true,"invite_id":"I1","url":"https://join.slack.example/x","conf_code":"enQt"}',
      status: 200,
    },
    { body: '{"ok":true,"invite_id":"I2","warning":"missing_charset"}', status: 200 },
  ];
  for (const fault of faults) {
    await run.sandbox('POST', 'faults', fault);
    await everyDoor(() => ask());
    await run.dynamo('DeleteItem', GATE);
  }
  await run.sandbox('DELETE', 'faults');

  const unknown = ask();
  await run.sandbox('POST', 'faults', { drop: 'after', times: 1 });
  invocations += 1;
  await run.post(unknown);
  await everyDoor(() => unknown);

  // The gate, held off by Slack's 429.
  await run.sandbox('POST', 'faults', { status: 429, retry_after: 60, times: 1 });
  await everyDoor(() => ask());
  await run.dynamo('DeleteItem', GATE);

  // An item that no function ever wrote: the one error that nobody foresaw.
  const { body } = await run.post(ask());
  invocations += 1;
  await run.dynamo('PutItem', {
    Item: {
      pk: { S: `invite#${body.id}` },
      id: { S: String(body.id) },
      revision: { S: 'r' },
      status: { S: 'sent' },
      recipient: { S: 'somebody@partner.example' },
      attempts: { N: '123456789012345678901234567890' },
    },
  });
  await run.get(`/invites/${body.id}`);
  await run.get('/invites/somebody@partner.example');
  invocations += 2;
};

beforeAll(async () => {
  run = await startLocalRun({
    policy: {
      allowedChannels: [CHANNEL],
      allowedEmailDomains: ['partner.example'],
      deniedEmailDomains: [],
      allowUserIds: false,
      allowFullAccess: true,
    },
  });
  await driveEverything();
}, 120_000);
afterAll(() => run.close());

const records = (): Emf[] =>
  run.lines.filter((line) => line.startsWith('{"_aws"')).map((line) => JSON.parse(line));

describe('what the functions print', () => {
  test.each(SECRETS)('never holds %s', (secret) => {
    expect(run.lines.filter((line) => line.includes(secret))).toEqual([]);
  });

  test('includes the log of every error that the task door throws', () => {
    const thrown = run.lines.filter(
      (line) => line.includes('stackTrace') && line.includes('RateLimited'),
    );
    expect(thrown.length).toBeGreaterThan(0);
  });
});

describe('the metrics', () => {
  test('are one record an invocation, whatever became of it', () => {
    expect(records()).toHaveLength(invocations);
    const ids = records().map(({ requestId }) => requestId);
    expect(new Set(ids).size).toBe(invocations);
  });

  test('are valid in the embedded metric format', () => {
    for (const record of records()) {
      expect(Math.abs(record._aws.Timestamp - Date.now())).toBeLessThan(300_000);
      for (const { Namespace, Dimensions, Metrics } of record._aws.CloudWatchMetrics) {
        expect(Namespace).toBe('SlackConnectInvites');
        for (const dimension of Dimensions.flat())
          expect(record[dimension]).toEqual(expect.any(String));
        for (const { Name, Unit } of Metrics) {
          const values = [record[Name]].flat();
          expect(values.length).toBeGreaterThan(0);
          for (const value of values) expect(value).toEqual(expect.any(Number));
          expect(['Count', 'Milliseconds']).toContain(Unit);
        }
      }
    }
  });

  test('have the agreed dimension sets and no other', () => {
    const sets = new Set(
      records().flatMap(({ _aws }) =>
        _aws.CloudWatchMetrics.flatMap(({ Dimensions }) => Dimensions.map((set) => set.join())),
      ),
    );
    expect([...sets].sort()).toEqual(['stack,code', 'stack,door,class', 'stack,door,outcome']);
  });

  test.each(Object.keys(doors))('of %s know every outcome and class', (door) => {
    const own = records().filter((record) => record.door === door);
    const seen = (key: string) => new Set(own.map((record) => record[key]));
    for (const outcome of ['sent', 'existing', 'already_in_channel', 'refused', 'unknown']) {
      expect(seen('outcome')).toContain(outcome);
    }
    for (const errorClass of [
      'InvalidRequest',
      'NotFound',
      'NotAllowed',
      'SlackRefused',
      'Conflict',
      'RateLimited',
      'SlackUnavailable',
      'OutcomeUnknown',
      'SlackCredentials',
      'Defect',
    ]) {
      expect(seen('class')).toContain(errorClass);
    }
  });

  test('count every code of the method, and what is on no list as other', () => {
    const codes = new Set(records().map(({ code }) => code));
    const refusals = Object.keys(CODES).filter((code) => code !== 'already_in_channel');
    for (const code of [...refusals, 'other', 'gate_closed', 'unexpected', 'no_usable_answer']) {
      expect(codes).toContain(code);
    }
    expect(codes).not.toContain('never_heard_of');
  });

  test('tell how long Slack took and how many warnings there were', () => {
    const called = records().filter(({ outcome }) => outcome === 'sent');
    for (const record of called) expect(record.SlackLatency).toEqual([expect.any(Number)]);
    expect(records().some(({ Warnings }) => Warnings === 1)).toBe(true);
  });
});
