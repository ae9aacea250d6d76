import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ERROR_CLASSES } from '../../functions/errors/classes.ts';
import { codeRow, OWN_CODES, type OwnCode } from '../../functions/errors/codes.ts';
import { CODES } from '../../functions/slack/codes.ts';
import { EVENT_CODES } from '../support/every-event.ts';
import { driveEveryOutcome, POLICY, SECRETS } from '../support/every-outcome.ts';
import { type LocalRun, startLocalRun } from '../support/local-run.ts';

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

/** Codes of ours that nothing from outside brings about, and where they are tested. */
const UNDRIVEN: Partial<Record<OwnCode, string>> = {
  bus_unavailable: 'only with lifecycle: test/lifecycle/tell.test.ts',
  lane_busy: 'only where five races are lost in a row: test/invites/lane.test.ts',
  not_all_kept: 'only where a delivery takes too long: test/webhooks/receive-many.test.ts',
  policy_behind: 'only while a deploy is under way: test/webhooks/make-invite.test.ts',
  record_raced: 'only where five races are lost in a row: test/webhooks/receive-many.test.ts',
  rules_too_slow: 'only where a delivery takes too long: test/webhooks/rule-time.test.ts',
  signing_secret_misconfigured: 'only with lifecycle: test/lifecycle/handler.test.ts',
  signing_secret_unavailable: 'only with lifecycle: test/lifecycle/handler.test.ts',
  timed_out: 'only where the domain misses its own deadline: test/lambda/backstop.test.ts',
  workflow_ends_at_once:
    'only where three executions end at once: test/invites/queue-start.test.ts',
};

let run: LocalRun;
let invocations: number;
beforeAll(async () => {
  run = await startLocalRun({ policy: POLICY });
  invocations = await driveEveryOutcome(run);
}, 300_000); // on a busy machine
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
    expect([...sets].sort()).toEqual([
      'stack',
      'stack,class',
      'stack,code',
      'stack,function,class',
      'stack,function,outcome',
      'stack,outcome',
    ]);
  });

  test('of the workflow count each end once, by outcome and class, and tell depth and wait', () => {
    const ends = records().filter(({ Workflows }) => Workflows === 1);
    const counted = ends.map((record) => record.class ?? record.outcome);
    expect(counted.sort()).toEqual([
      'Cancelled',
      'Conflict',
      'Conflict',
      'NotAllowed',
      'sent',
      'sent',
    ]);
    const tickets = records().filter(({ outcome }) => outcome === 'ticket');
    expect(tickets.map(({ QueueDepth }) => (QueueDepth as number[])[0])).toContain(0);
    for (const ticket of tickets) expect(ticket.function).toBe('lane-ticket');
    const waited = ends.filter(({ QueueWait }) => QueueWait !== undefined);
    expect(waited.map(({ outcome }) => outcome).sort()).toEqual([
      'given_up',
      'refused',
      'sent',
      'sent',
    ]);
  });

  test.each(['invite-api', 'invite-task'])('of %s know every outcome and class', (name) => {
    const own = records().filter((record) => record.function === name);
    const seen = (key: string) => new Set(own.map((record) => record[key]));
    for (const outcome of ['sent', 'existing', 'already_in_channel', 'refused', 'unknown']) {
      expect(seen('outcome')).toContain(outcome);
    }
    // Only the workflow waits for an operator, or for what somebody cancels; what it waits for is what counts.
    const others = ['Blocked', 'Cancelled'];
    const classes = Object.keys(ERROR_CLASSES).filter((one) => !others.includes(one));
    for (const errorClass of classes) expect(seen('class')).toContain(errorClass);
  });

  test('count every code of the method, and what is on no list as other', () => {
    const codes = new Set(records().map(({ code }) => code));
    const refusals = Object.keys(CODES).filter((code) => code !== 'already_in_channel');
    for (const code of refusals) expect(codes).toContain(code);
    expect(codes).not.toContain('never_heard_of');
    // That one, at both doors, and nothing that has a place on a list.
    expect(records().filter(({ code }) => code === 'other')).toHaveLength(2);
  });

  test('count every code of ours', () => {
    const codes = new Set(records().map(({ code }) => code));
    // Those of events are counted in webhook-privacy.test.ts.
    const others = [...EVENT_CODES, ...Object.keys(UNDRIVEN)];
    const answered = (Object.keys(OWN_CODES) as OwnCode[]).filter(
      (code) => !codeRow(code).onlyRecorded,
    );
    expect(answered.filter((code) => !codes.has(code)).sort()).toEqual(others.sort());
  });

  test('of the HTTP door tell a look at an invite from an ask', () => {
    const looks = records().filter(({ outcome }) => outcome === 'read');
    expect([...new Set(looks.map((look) => look.function))]).toEqual(['invite-api']);
  });

  test('tell how long Slack took and how many warnings there were', () => {
    const called = records().filter(({ outcome }) => outcome === 'sent');
    for (const record of called) expect(record.SlackLatency).toEqual([expect.any(Number)]);
    expect(records().some(({ Warnings }) => Warnings === 1)).toBe(true);
  });

  test('tell that the secret was read once more, for each code that speaks against the token', () => {
    const refreshed = records().filter(({ TokenRefresh }) => TokenRefresh === 1);
    const against = Object.entries(CODES).filter(([, row]) => row.class === 'SlackCredentials');
    const codes = new Set(refreshed.map(({ code }) => code));
    expect([...codes].sort()).toEqual(against.map(([code]) => code).sort());
  });
});
