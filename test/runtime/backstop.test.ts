import middy from '@middy/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { answering } from '../../functions/runtime/answering.ts';
import { type ObservedContext, observed } from '../../functions/runtime/observed.ts';
import type { HttpResponse } from '../../functions/runtime/problem.ts';
import { throwing } from '../../functions/runtime/throwing.ts';
import { sendingInTime } from '../../functions/runtime/timed.ts';

const DOOR = { stack: 'test', door: 'test' };
/** Lambda's context, a moment before the backstop acts. */
const nearlyOver = () => {
  const end = Date.now() + 1050;
  return {
    awsRequestId: 'r',
    getRemainingTimeInMillis: () => end - Date.now(),
  } as unknown as ObservedContext;
};
const forever = () => new Promise<never>(() => undefined);

let printed: string[];
beforeEach(() => {
  printed = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

test('a domain that misses its deadline still gets the HTTP caller an answer, and a record', async () => {
  const handler = middy<unknown, HttpResponse, Error, ObservedContext>(sendingInTime)
    .use(answering())
    .use(observed(DOOR))
    .handler(forever);

  const { statusCode, body } = await handler({}, nearlyOver());

  expect(statusCode).toBe(504);
  expect(JSON.parse(body)).toMatchObject({ class: 'OutcomeUnknown', code: 'timed_out' });
  expect(printed).toHaveLength(1);
  expect(JSON.parse(printed[0] ?? '')).toMatchObject({ outcome: 'unknown', code: 'timed_out' });
});

test('and the task door throws OutcomeUnknown', async () => {
  const handler = middy<unknown, never, Error, ObservedContext>(sendingInTime)
    .use(throwing())
    .use(observed(DOOR))
    .handler(forever);

  const thrown = await handler({}, nearlyOver()).catch((error: Error) => error);

  expect(thrown).toMatchObject({ name: 'OutcomeUnknown' });
  expect(thrown).not.toHaveProperty('cause');
});
