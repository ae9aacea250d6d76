import middy from '@middy/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ownError } from '../../functions/errors/invite-error.ts';
import {
  type DeliveryContext,
  deliveryMetrics,
} from '../../functions/hr-webhook/delivery-metrics.ts';
import type { HttpResponse } from '../../functions/lambda/http-error-handler.ts';
import type { DeliveryRefusal, DeliveryResult } from '../../functions/webhooks/door.ts';
import type { Received } from '../../functions/webhooks/receive.ts';
import { REFUSALS } from '../../functions/webhooks/verify.ts';
import { catchPrinted, type Printed } from '../support/printed-output.ts';
import { UNAUTHORIZED } from '../webhooks/door.world.ts';

const OK = { status: 200, headers: {}, body: '' };
const IDENTITY = { stack: 'Stack', functionName: 'hr-webhook' };
const ANSWER: HttpResponse = { statusCode: 200, headers: {}, body: 'as it was' };

let printed: Printed;
beforeEach(() => {
  printed = catchPrinted();
});
afterEach(() => vi.restoreAllMocks());

/** One invocation that comes to an outcome, or to an error. */
const tell = (source: string | undefined, end: DeliveryResult | Error): Promise<HttpResponse> => {
  const handler = middy<unknown, HttpResponse, Error, DeliveryContext>()
    .use(deliveryMetrics(IDENTITY, new Set(['acme-hr', 'other-hr'])))
    .handler(async (_event, context) => {
      if (source !== undefined) context.source = source;
      if (end instanceof Error) throw end;
      context.result = end;
      if ('failure' in end) throw end.failure;
      return ANSWER;
    });
  return handler({}, { awsRequestId: 'r-1' } as DeliveryContext);
};
const received = (result: Received['result'], more: Partial<Received> = {}): Received => ({
  result,
  ignored: [],
  failed: [],
  ...more,
});

describe('a delivery that was taken', () => {
  test('is counted, each event by its result, and silent', async () => {
    const outcome: DeliveryResult = {
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
  test('is counted, and each reason logged once with its rule', async () => {
    const ignored = [{ reason: 'no_email', rule: 1 } as const];
    const events = [
      received('ignored', { ignored: [{ reason: 'no_rule' }] }),
      received('ignored', { ignored }),
      received('ignored', { ignored: [{ reason: 'no_rule' }] }),
    ];
    await tell('acme-hr', { reply: OK, received: events });
    expect(printed.metrics()).toMatchObject([{ result: 'ignored', WebhookEvents: 3 }]);
    const entry = { event: 'event_ignored', source: 'acme-hr' };
    expect(printed.logged()).toEqual([
      ['info', { ...entry, reason: 'no_rule', count: 2 }],
      ['info', { ...entry, reason: 'no_email', rule: 1, count: 1 }],
    ]);
  });
});

test('events that are refused beside others are counted, and why is told', async () => {
  const beside = { foreign: 1, tooOld: 2 };
  await tell('acme-hr', { reply: OK, received: [received('accepted')], ...beside });
  expect(printed.metrics()).toMatchObject([
    { result: 'accepted', WebhookEvents: 1 },
    { result: 'refused', WebhookEvents: 3 },
  ]);
  expect(printed.logged()).toEqual([
    ['warn', { event: 'events_refused', source: 'acme-hr', reason: 'bad_credentials', count: 1 }],
    ['warn', { event: 'events_refused', source: 'acme-hr', reason: 'event_too_old', count: 2 }],
  ]);
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
      ['warn', { event: 'expression_failed', source: 'acme-hr', ...failed[0], count: 1 }],
      ['warn', { event: 'expression_failed', source: 'acme-hr', ...more[0], count: 1 }],
    ]);
  });
});

describe('a delivery that is refused', () => {
  test.each<DeliveryRefusal>([
    ...REFUSALS,
    'body_too_large',
    'not_a_handshake',
    'invalid_json',
    'unsupported_encoding',
  ])('is counted as one, with its reason in the log: %s', async (refused) => {
    expect(await tell('acme-hr', { reply: UNAUTHORIZED, refused })).toEqual(ANSWER);
    expect(printed.metrics()).toMatchObject([
      { source: 'acme-hr', result: 'refused', WebhookEvents: 1 },
    ]);
    expect(printed.logged()).toEqual([
      ['warn', { event: 'delivery_refused', source: 'acme-hr', reason: refused }],
    ]);
  });

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
  const unavailable = ownError('table_unavailable', { reason: 'TimeoutError' });

  test('is answered with 503 and when to deliver it again, and nothing else', async () => {
    expect(await tell('acme-hr', unavailable)).toEqual({
      statusCode: 503,
      headers: {
        'content-type': 'application/json',
        'cache-control': 'no-store',
        'retry-after': '5',
      },
      body: '{"message":"Service Unavailable"}',
    });
  });

  test('because something is set up wrongly is a 500, and a stranger learns nothing of it', async () => {
    const reason = 'AccessDeniedException';
    const misconfigured = ownError('webhook_secret_misconfigured', { reason });
    const { statusCode, body } = await tell('acme-hr', misconfigured);
    expect([statusCode, body]).toEqual([500, '{"message":"Internal Server Error"}']);
    expect(printed.logged()).toMatchObject([
      [
        'error',
        {
          event: 'delivery_failed',
          source: 'acme-hr',
          class: 'Defect',
          detail: expect.stringContaining(`could not be used (${reason})`),
        },
      ],
    ]);
  });

  test('is counted as failed, and logged with its source', async () => {
    await tell('acme-hr', unavailable);
    expect(printed.metrics()).toMatchObject([
      { source: 'acme-hr', result: 'failed', WebhookEvents: 1 },
      { function: 'hr-webhook', class: 'Unavailable', code: 'table_unavailable', Errors: 1 },
    ]);
    expect(printed.logged()).toEqual([
      [
        'error',
        {
          event: 'delivery_failed',
          source: 'acme-hr',
          class: 'Unavailable',
          code: 'table_unavailable',
          detail:
            "The stack's table did not answer (TimeoutError), and nothing was sent. Try again after retry_after seconds.",
          retry_after: 5,
        },
      ],
    ]);
  });

  test('in part is counted in part, and what happened to the rest is told', async () => {
    const failed = [{ rule: 2, field: 'when', reason: 'time_limit' } as const];
    const events = [
      received('accepted'),
      received('duplicate'),
      received('accepted', { failed }),
      received('ignored', { ignored: [{ reason: 'no_rule' }] }),
    ];
    const end = { failure: unavailable, received: events, unfinished: 7 };
    expect(await tell('acme-hr', end)).toMatchObject({ statusCode: 503 });
    expect(printed.metrics()).toMatchObject([
      { result: 'accepted', WebhookEvents: 2 },
      { result: 'duplicate', WebhookEvents: 1 },
      { result: 'ignored', WebhookEvents: 1 },
      { result: 'failed', WebhookEvents: 7 },
      { FailedExpressions: 1 },
      { class: 'Unavailable', code: 'table_unavailable', Errors: 1 },
    ]);
    expect(printed.logged()).toMatchObject([
      ['error', { event: 'delivery_failed', code: 'table_unavailable', unfinished: 7 }],
      ['info', { event: 'event_ignored', reason: 'no_rule' }],
      ['warn', { event: 'expression_failed', ...failed[0] }],
    ]);
  });

  test('because it is too old is refused, and counts by its events', async () => {
    const failure = ownError('event_too_old', { seconds: 604_800 });
    const end = { failure, received: [], unfinished: 0, tooOld: 2 };
    const { statusCode, body } = await tell('acme-hr', end);
    expect([statusCode, body]).toEqual([403, '{"message":"Forbidden"}']);
    expect(printed.metrics()).toMatchObject([
      { source: 'acme-hr', result: 'refused', WebhookEvents: 2 },
      { class: 'NotAllowed', code: 'event_too_old', Errors: 1 },
    ]);
    expect(printed.logged()).toMatchObject([
      ['error', { event: 'delivery_failed', class: 'NotAllowed', code: 'event_too_old' }],
      ['warn', { event: 'events_refused', reason: 'event_too_old', count: 2 }],
    ]);
  });

  test('for a reason that nobody foresaw is a 500, of which only the place is told', async () => {
    const error = new TypeError('cannot read casey@partner.example');
    const { statusCode, body } = await tell('acme-hr', error);
    expect([statusCode, body]).toEqual([500, '{"message":"Internal Server Error"}']);
    expect(printed.metrics()).toMatchObject([
      { result: 'failed', WebhookEvents: 1 },
      { class: 'Defect', code: 'unexpected', Errors: 1 },
    ]);
    expect(printed.logged()).toMatchObject([
      ['error', { event: 'unexpected_error', errorType: 'TypeError' }],
      ['error', { event: 'delivery_failed', source: 'acme-hr', code: 'unexpected' }],
    ]);
    expect(body + printed.lines.join()).not.toContain('partner');
  });

  test('before its source was read is counted under none', async () => {
    await tell(undefined, unavailable);
    expect(printed.metrics()).toMatchObject([
      { source: 'unknown', result: 'failed' },
      { source: 'unknown', code: 'table_unavailable', Errors: 1 },
    ]);
  });
});
