import { describe, expect, test } from 'vitest';
import { ask, functionOf, serve } from '../support/local-functions.ts';

/** A function that misbehaves as the event says and tells its pid otherwise. */
const MISBEHAVING = `
  export const handler = async (event) => {
    if (event.exit !== undefined) process.exit(event.exit);
    if (event.kill) process.kill(process.pid, event.kill);
    if (event.sleep) await new Promise((resolve) => setTimeout(resolve, event.sleep));
    if (event.spin) while (true);
    if (event.reject) Promise.reject(new Error('nobody handles this'));
    if (event.never) await new Promise(() => {});
    if (event.size) return 'a'.repeat(event.size - 2);
    return process.pid;
  };`;

describe('an error that the handler throws', () => {
  test('is the payload, with its name, message and trace, and leaves the process as it is', async () => {
    const lambda = await serve(
      functionOf(`
        class RateLimited extends Error { name = 'RateLimited'; }
        export const handler = async (event) => {
          if (event.fail) throw new RateLimited('{"retry_after":3}');
          return process.pid;
        };`),
    );

    const { answer, functionError } = await ask(lambda, { fail: true });

    expect(functionError).toBe('Unhandled');
    expect(answer).toEqual({
      errorType: 'RateLimited',
      errorMessage: '{"retry_after":3}',
      trace: expect.arrayContaining(['RateLimited: {"retry_after":3}']),
    });
    const [environment] = lambda.environments('demo');
    expect((await ask(lambda)).answer).toBe(environment?.pid);
  });

  test('may be anything', async () => {
    const lambda = await serve(
      functionOf("export const handler = async () => { throw 'a string'; };"),
    );

    expect((await ask(lambda)).answer).toEqual({
      errorType: 'string',
      errorMessage: 'a string',
      trace: [],
    });
  });

  test('is also a result that JSON cannot say', async () => {
    const lambda = await serve(functionOf('export const handler = async () => 10n;'));

    expect((await ask(lambda)).answer).toMatchObject({
      errorType: 'Runtime.JSONStringifyError',
      errorMessage: 'Unable to stringify response body',
    });
  });
});

describe('a process that ends or runs out of time', () => {
  test.each([
    ['an exit', { exit: 1 }, 'Runtime exited with error: exit status 1'],
    ['an exit with 0', { exit: 0 }, 'Runtime exited without providing a reason'],
    ['a signal', { kill: 'SIGKILL' }, 'Runtime exited with error: signal: SIGKILL'],
    ['an unhandled rejection', { reject: true }, 'Runtime exited with error: exit status 1'],
    ['a promise nobody settles', { never: true }, 'Runtime exited without providing a reason'],
  ])('fails its invocation only: %s', async (_, event, message) => {
    const lambda = await serve(functionOf(MISBEHAVING));
    const { answer: firstPid } = await ask(lambda);

    const { answer, functionError, requestId } = await ask(lambda, event);

    expect(functionError).toBe('Unhandled');
    expect(answer).toEqual({
      errorType: 'Runtime.ExitError',
      errorMessage: `RequestId: ${requestId} Error: ${message}`,
    });
    const next = await ask(lambda);
    expect(next.functionError).toBeUndefined();
    expect(next.answer).not.toBe(firstPid);
  });

  test.each([
    ['waits', { sleep: 60_000 }],
    ['computes', { spin: true }],
  ])('fails at its time-out although it %s', async (_, event) => {
    const lambda = await serve(functionOf(MISBEHAVING, { timeoutMs: 250 }));
    const { answer: firstPid } = await ask(lambda);
    const begin = performance.now();

    const { answer, functionError, requestId } = await ask(lambda, event);

    expect(performance.now() - begin).toBeLessThan(10_000); // by itself it would take a minute, or for ever
    expect(functionError).toBe('Unhandled');
    expect(answer).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: `RequestId: ${requestId} Error: Task timed out after 0.25 seconds`,
    });
    expect((await ask(lambda)).answer).not.toBe(firstPid);
  });

  test('leaves other invocations of the function alone', async () => {
    const lambda = await serve(functionOf(MISBEHAVING));

    const [crashed, slow] = await Promise.all([
      ask(lambda, { exit: 1 }),
      ask(lambda, { sleep: 300 }),
    ]);

    expect(crashed.functionError).toBe('Unhandled');
    expect(slow.functionError).toBeUndefined();
  });
});

describe('an answer', () => {
  test('may have 6,291,556 bytes', async () => {
    const lambda = await serve(functionOf(MISBEHAVING, { timeoutMs: 30_000 }));

    const { payload, functionError } = await lambda.invoke('demo', '{"size":6291556}');

    expect(functionError).toBeUndefined();
    expect(payload.length).toBe(6_291_556);
  });

  test('of one byte more is an error, and the process goes on', async () => {
    const lambda = await serve(functionOf(MISBEHAVING, { timeoutMs: 30_000 }));

    const { answer, functionError } = await ask(lambda, { size: 6_291_557 });

    expect(functionError).toBe('Unhandled');
    expect(answer).toEqual({
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
    });
    const [environment] = lambda.environments('demo');
    expect((await ask(lambda)).answer).toBe(environment?.pid);
  });
});

describe('a function that cannot be loaded', () => {
  test.each([
    ['export const other = 1;', 'Runtime.HandlerNotFound'],
    ['export const handler = 1;', 'Runtime.HandlerNotFound'],
    ['export const handler = ;', 'SyntaxError'],
    ["import 'no-such-package';", 'Error'],
    ["throw new RangeError('at the top');", 'RangeError'],
    ['process.exit(7);', 'Runtime.ExitError'],
  ])('fails each invocation: %s (%s)', async (code, errorType) => {
    const lambda = await serve(functionOf(code));

    const { answer, functionError } = await ask(lambda);

    expect(functionError).toBe('Unhandled');
    expect(answer).toMatchObject({ errorType, errorMessage: expect.stringMatching(/./) });
    expect(lambda.environments('demo')).toEqual([]);
  });

  test('works again once it can be loaded', async () => {
    const lambda = await serve(
      functionOf(`
        import { existsSync, writeFileSync } from 'node:fs';
        if (!existsSync('tried')) { writeFileSync('tried', ''); throw new Error('once'); }
        export const handler = async () => 'loaded';`),
    );

    expect((await ask(lambda)).answer).toMatchObject({ errorMessage: 'once' });
    expect((await ask(lambda)).answer).toBe('loaded');
  });
});
