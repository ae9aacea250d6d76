import middy from '@middy/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Outcome } from '../../functions/hr-webhook/door.ts';
import { type ToldContext, telling } from '../../functions/hr-webhook/telling.ts';
import { InviteError } from '../../functions/invites/errors.ts';
import type { HttpResponse } from '../../functions/runtime/problem.ts';
import type { Received } from '../../functions/webhooks/receive.ts';
import { REFUSALS } from '../../functions/webhooks/verify.ts';
import { UNAUTHORIZED } from './knocking.ts';
import { catchPrinted, type Printed } from './printed.ts';

const OK = { status: 200, headers: {}, body: '' };
const ANSWER: HttpResponse = { statusCode: 200, headers: {}, body: 'as it was' };

let printed: Printed;
beforeEach(() => {
  printed = catchPrinted();
});
afterEach(() => vi.restoreAllMocks());

/** One invocation that comes to an outcome, or to an error. */
const tell = (source: string | undefined, end: Outcome | Error): Promise<HttpResponse> => {
  const handler = middy<unknown, HttpResponse, Error, ToldContext>()
    .use(telling('Stack', new Set(['acme-hr', 'other-hr'])))
    .handler(async (_event, context) => {
      if (source !== undefined) context.source = source;
      if (end instanceof Error) throw end;
      context.outcome = end;
      return ANSWER;
    });
  return handler({}, { awsRequestId: 'r-1' } as ToldContext);
};
const received = (result: Received['result'], more: Partial<Received> = {}): Received => ({
  result,
  records: [],
  ignored: [],
  failed: [],
  ...more,
});

describe('a delivery that was taken', () => {
  test('is counted, each event by its result, and silent', async () => {
    const outcome: Outcome = {
      reply: OK,
      received: [received('accepted'), received('duplicate'), received('accepted')],
    };
    expect(await tell('acme-hr', outcome)).toEqual(ANSWER);
    expect(printed.metrics()).toMatchObject([
      { stack: 'Stack', source: 'acme-hr', result: 'accepted', WebhookEvents: 2, requestId: 'r-1' },
      { stack: 'Stack', source: 'acme-hr', result: 'duplicate', WebhookEvents: 1 },
    ]);
    expect(printed.logged()).toEqual([]);
  });

  test('of no events is not counted, such as a ping', async () => {
    await tell('acme-hr', { reply: OK });
    await tell('acme-hr', { reply: OK, received: [] });
    expect(printed.lines).toEqual([]);
  });
});

describe('an event that no rule takes', () => {
  test('is counted, and the reason logged with its rule', async () => {
    const ignored = [{ reason: 'no_email', rule: 1 } as const];
    const events = [
      received('ignored', { ignored: [{ reason: 'no_rule' }] }),
      received('ignored', { ignored }),
    ];
    await tell('acme-hr', { reply: OK, received: events });
    expect(printed.metrics()).toMatchObject([{ result: 'ignored', WebhookEvents: 2 }]);
    expect(printed.logged()).toEqual([
      ['info', { event: 'event_ignored', source: 'acme-hr', reason: 'no_rule' }],
      ['info', { event: 'event_ignored', source: 'acme-hr', reason: 'no_email', rule: 1 }],
    ]);
  });
});

describe('an expression that failed', () => {
  test('is counted and named, on whichever event, and the event has its own result', async () => {
    const failed = [{ rule: 2, field: 'when', reason: 'time_limit' } as const];
    const more = [{ rule: 0, field: 'reference', reason: 'not_a_reference' } as const];
    const events = [received('accepted', { failed }), received('ignored', { failed: more })];
    await tell('acme-hr', { reply: OK, received: events });
    expect(printed.metrics()).toMatchObject([
      { result: 'accepted', WebhookEvents: 1 },
      { result: 'ignored', WebhookEvents: 1 },
      { source: 'acme-hr', FailedExpressions: 2 },
    ]);
    expect(printed.logged()).toEqual([
      ['warn', { event: 'expression_failed', source: 'acme-hr', ...failed[0] }],
      ['warn', { event: 'expression_failed', source: 'acme-hr', ...more[0] }],
    ]);
  });
});

describe('a delivery that is refused', () => {
  test.each([...REFUSALS, 'not_a_handshake', 'invalid_json', 'too_many_events'] as const)(
    'is counted as one, with its reason in the log: %s',
    async (refused) => {
      expect(await tell('acme-hr', { reply: UNAUTHORIZED, refused })).toEqual(ANSWER);
      expect(printed.metrics()).toMatchObject([
        { source: 'acme-hr', result: 'refused', WebhookEvents: 1 },
      ]);
      expect(printed.logged()).toEqual([
        ['warn', { event: 'delivery_refused', source: 'acme-hr', reason: refused }],
      ]);
    },
  );

  test.each(['casey@partner.example', '__proto__', 'ACME-HR', '', undefined])(
    'for its source is counted under none: %s',
    async (name) => {
      await tell(name, { reply: UNAUTHORIZED, refused: 'unknown_source' });
      expect(printed.metrics()).toMatchObject([{ source: 'unknown', result: 'refused' }]);
      expect(printed.logged()).toEqual([
        ['warn', { event: 'delivery_refused', source: 'unknown', reason: 'unknown_source' }],
      ]);
      expect(printed.lines.join()).not.toContain('partner');
    },
  );
});

describe('a delivery that could not be kept', () => {
  const unavailable = new InviteError('SlackUnavailable', {
    code: 'table_unavailable',
    detail: 'the table did not answer',
    retryAfter: 5,
  });

  test('is answered with 503 and when to deliver it again', async () => {
    const { statusCode, headers, body } = await tell('acme-hr', unavailable);
    expect(statusCode).toBe(503);
    expect(headers).toMatchObject({ 'retry-after': '5', 'cache-control': 'no-store' });
    expect(JSON.parse(body)).toMatchObject({ code: 'table_unavailable', retryable: true });
  });

  test('is counted as failed, and logged', async () => {
    await tell('acme-hr', unavailable);
    expect(printed.metrics()).toMatchObject([
      { source: 'acme-hr', result: 'failed', WebhookEvents: 1 },
    ]);
    expect(printed.logged()).toMatchObject([
      ['error', { event: 'request_failed', class: 'SlackUnavailable', code: 'table_unavailable' }],
    ]);
  });

  test('for a reason that nobody foresaw is a 500, of which only the place is told', async () => {
    const error = new TypeError('cannot read casey@partner.example');
    const { statusCode, body } = await tell('acme-hr', error);
    expect(statusCode).toBe(500);
    expect(JSON.parse(body)).toMatchObject({ class: 'Defect', code: 'unexpected' });
    expect(printed.metrics()).toMatchObject([{ result: 'failed', WebhookEvents: 1 }]);
    expect(printed.logged()).toMatchObject([
      ['error', { event: 'unexpected_error', errorType: 'TypeError' }],
      ['error', { event: 'request_failed', class: 'Defect', code: 'unexpected' }],
    ]);
    expect(body + printed.lines.join()).not.toContain('partner');
  });

  test('before its source was read is counted under none', async () => {
    await tell(undefined, unavailable);
    expect(printed.metrics()).toMatchObject([{ source: 'unknown', result: 'failed' }]);
  });
});
