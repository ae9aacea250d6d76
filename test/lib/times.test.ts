import { describe, expect, test, vi } from 'vitest';
import { intervalOf } from '../../functions/invites/gate.ts';
import { invocationOf, mayHaveSent, nothingSent } from '../../functions/lambda/deadline.ts';
import * as times from '../../functions/lib/times.ts';
import { configSchema } from '../../infra/config/schema.ts';

const { AWS_ANSWER_MS, AWS_ATTEMPTS, AWS_PAUSE_MS, FUNCTION_TIMEOUT_S, SETTLE_MS } = times;

/** Those that an HTTP API waits for, and no longer: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const BEHIND_THE_GATEWAY = ['invite-api', 'hr-webhook'] as const;
const GATEWAY_S = 30;
/** Those that call Slack. */
const SENDERS = ['invite-api', 'invite-task', 'invite-turn'] as const;

/** An attempt's time-out runs from its beginning, its connection included. */
const AWS_ACCESS_MS = AWS_ATTEMPTS * AWS_ANSWER_MS + (AWS_ATTEMPTS - 1) * AWS_PAUSE_MS;

/** When things happen in one invocation, in milliseconds from its start. */
const timeLine = (name: keyof typeof FUNCTION_TIMEOUT_S) => {
  const end = FUNCTION_TIMEOUT_S[name] * 1000;
  vi.useFakeTimers({ now: 0 });
  const { deadline, leaseUntil } = invocationOf({ getRemainingTimeInMillis: () => end });
  vi.useRealTimers();
  return {
    callsEnd: deadline - SETTLE_MS,
    deadline,
    backstop: end - mayHaveSent.timeoutEarlyInMillis,
    end,
    lease: leaseUntil,
  };
};

const inOrder = (...moments: number[]) =>
  expect(moments).toEqual([...new Set(moments)].sort((one, other) => one - other));

describe('the time line of a function that calls Slack', () => {
  test.each(SENDERS)('is in order: %s', (name) => {
    const { callsEnd, deadline, backstop, end, lease } = timeLine(name);
    inOrder(0, callsEnd - times.MIN_CALL_MS, callsEnd, deadline, backstop, end, lease);
    expect(lease - end).toBe(times.CLOCK_SKEW_MS);
  });

  test.each(SENDERS)(
    'has room for the gate at the default pace, and the longest call: %s',
    (name) => {
      const { ratePerMinute } = configSchema.parse({});
      const gate = intervalOf({ ratePerMinute }) + times.GATE_PATIENCE_MS;
      expect(gate + times.MAX_CALL_MS).toBeLessThan(timeLine(name).callsEnd);
    },
  );

  test.each(SENDERS)('has room for a call after a secret that takes its whole time: %s', (name) => {
    const { ratePerMinute } = configSchema.parse({});
    const gate = intervalOf({ ratePerMinute }) + times.GATE_PATIENCE_MS;
    const before = times.SECRET_READ_MS + gate;
    expect(before + times.MIN_CALL_MS).toBeLessThan(timeLine(name).callsEnd);
  });

  test('gives a call at least as long as one may have, and at most longer', () => {
    inOrder(0, times.MIN_CALL_MS, times.MAX_CALL_MS);
  });

  test('leaves the last write all its attempts', () => {
    inOrder(times.AWS_CONNECT_MS, AWS_ANSWER_MS);
    expect(AWS_ACCESS_MS).toBeLessThan(SETTLE_MS);
    expect(times.AWS_THROTTLED_PAUSE_MS + AWS_ANSWER_MS).toBeLessThan(SETTLE_MS);
  });
});

describe('the time line of every function', () => {
  const names = Object.keys(FUNCTION_TIMEOUT_S) as (keyof typeof FUNCTION_TIMEOUT_S)[];

  test.each(names)('has the domain end first, then the backstop, then the function: %s', (name) => {
    const { deadline, backstop, end, lease } = timeLine(name);
    inOrder(0, deadline, backstop, end, lease);
    expect(nothingSent.timeoutEarlyInMillis).toBe(mayHaveSent.timeoutEarlyInMillis);
  });

  test.each(BEHIND_THE_GATEWAY)('ends before the gateway gives up: %s', (name) => {
    expect(FUNCTION_TIMEOUT_S[name]).toBeLessThan(GATEWAY_S);
  });

  test('leaves a secret all its attempts', () => {
    expect(AWS_ACCESS_MS).toBeLessThan(times.SECRET_READ_MS);
  });
});

describe('the time of an event', () => {
  test('has room for a secret and a lookup that take theirs, and for four accesses to the table', () => {
    const needed = times.SECRET_READ_MS + times.LOOKUP_MS + 4 * AWS_ACCESS_MS;
    expect(needed).toBeLessThan(timeLine('hr-invite').deadline);
  });

  test('is the rules’ first, for half of what senders wait, and then that of their keeping', () => {
    const { deadline } = timeLine('hr-webhook');
    expect(times.RULES_MS).toBe(3000 / 2);
    inOrder(
      0,
      times.RULES_MS,
      deadline - times.KEEPING_MS,
      deadline - times.ONE_EVENT_MS,
      deadline,
    );
  });

  test('is shared among expressions', () => {
    inOrder(0, times.LEAST_EXPRESSION_MS, times.EXPRESSION_MS, times.RULES_MS);
  });

  test('of a lookup that is repeated grows, and ends', () => {
    const { LOOKUP_FIRST_PAUSE_S, LOOKUP_LONGEST_PAUSE_S, LOOKUP_PATIENCE_MS } = times;
    inOrder(0, LOOKUP_FIRST_PAUSE_S, LOOKUP_LONGEST_PAUSE_S, LOOKUP_PATIENCE_MS / 1000);
    expect(times.LOOKUP_RETRY_MAX_S).toBeLessThanOrEqual(LOOKUP_LONGEST_PAUSE_S);
  });
});

describe('the time in the queue', () => {
  test('is longer than the workflow’s, of which one that starts late has the whole', () => {
    inOrder(
      times.WORKFLOW_TIMEOUT_S * 1000,
      times.LEAST_QUEUE_LIFETIME_MS,
      times.QUEUE_LIFETIME_MS,
    );
  });

  test('ends before an invitation does', () => {
    inOrder(times.QUEUE_LIFETIME_MS, times.INVITE_LIFETIME_MS);
  });

  test('has many turns', () => {
    expect(times.LONGEST_TURN_WAIT_S * 100).toBeLessThan(times.WORKFLOW_TIMEOUT_S);
  });

  test('is waited for by a turn that comes early for no longer than a call needs', () => {
    for (const name of SENDERS) {
      const { callsEnd } = timeLine(name);
      expect(times.LONGEST_EARLINESS_MS + times.MAX_CALL_MS).toBeLessThan(callsEnd);
    }
  });
});

test('what is told to come back is told a time that helps', () => {
  inOrder(0, times.SLACK_UNREACHABLE_RETRY_S, times.SLACK_RETRY_S, times.SLACK_RETRY_MAX_S);
  const lease = times.CLOCK_SKEW_MS / 1000 + Math.max(...SENDERS.map((n) => FUNCTION_TIMEOUT_S[n]));
  expect(times.IN_PROGRESS_RETRY_S).toBeLessThan(lease);
});

test('secrets that fit nothing are read again sooner than others', () => {
  inOrder(0, times.RENEWED_SECRETS_MS, times.CACHED_MS);
});
