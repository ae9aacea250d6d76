import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { OPEN } from '../invites/sending.ts';
import { taskRoot } from '../support/task-root.ts';

// A domain that misses its own deadline and never comes back. It should not, so nothing from
// outside can bring it about.
vi.mock('../../functions/wiring/invites.ts', () => {
  const forever = () => new Promise<never>(() => undefined);
  return { createInvites: () => ({ send: forever, read: forever }) };
});

type Handler = (event: unknown, context: unknown) => Promise<unknown>;
let api: Handler;
let task: Handler;

beforeAll(async () => {
  const environment = {
    STACK_NAME: 'test',
    FUNCTION: 'test',
    TABLE_NAME: 'table',
    SECRET_ARN: 'secret',
    WORKFLOW_ARN: 'workflow',
    CONFIG: '{}',
  };
  vi.stubEnv('LAMBDA_TASK_ROOT', taskRoot({ policy: OPEN }));
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  api = (await import('../../functions/invite-api/handler.ts')).handler as Handler;
  task = (await import('../../functions/invite-task/handler.ts')).handler as Handler;
});

let printed: string[];
beforeEach(() => {
  printed = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

/** Lambda's context, a moment before the backstop acts. */
const nearlyOver = () => {
  const end = Date.now() + 1050;
  return { awsRequestId: 'r', getRemainingTimeInMillis: () => end - Date.now() };
};
const request = { channel: 'C0PARTNER01', emails: 'ada@partner.example' };
const post = {
  routeKey: 'POST /invites',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(request),
  requestContext: {},
};
const get = { routeKey: 'GET /invites/{id}', pathParameters: { id: `inv1_${'A'.repeat(32)}` } };

/** The one metrics record of the invocation. */
const record = () => {
  expect(printed).toHaveLength(1);
  return JSON.parse(printed[0] ?? '');
};

describe('a domain that does not come back', () => {
  test.each([
    ['POST /invites', post, 504, 'OutcomeUnknown', 'unknown', 'timed_out'],
    ['GET /invites/{id}', get, 503, 'Unavailable', 'refused', 'out_of_time'],
  ])('still gets the caller of %s an answer, and a record', async (_, event, ...expected) => {
    const [status, errorClass, outcome, code] = expected;
    const answer = (await api(event, nearlyOver())) as { statusCode: number; body: string };
    expect(answer.statusCode).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject({ class: errorClass, code });
    expect(record()).toMatchObject({ outcome, class: errorClass, code });
  });

  test('makes the task door throw OutcomeUnknown, and a record', async () => {
    const thrown = await task(request, nearlyOver()).catch((error: Error) => error);
    expect(thrown).toMatchObject({ name: 'OutcomeUnknown' });
    expect(thrown).not.toHaveProperty('cause');
    expect(record()).toMatchObject({ outcome: 'unknown', code: 'timed_out' });
  });
});
