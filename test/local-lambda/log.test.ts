import { describe, expect, test } from 'vitest';
import { ask, functionOf, serve } from '../support/local-functions.ts';

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

function logging(body: string) {
  return functionOf(`export const handler = async () => { ${body} };`);
}

describe('the log', () => {
  test('has a line of JSON for each call of console', async () => {
    const lambda = await serve(logging("console.log('Hello'); console.warn({ a: [1] });"));

    const { requestId } = await ask(lambda);

    expect(lambda.lines.map((line) => JSON.parse(line))).toEqual([
      { timestamp: TIME, level: 'INFO', requestId, message: 'Hello' },
      { timestamp: TIME, level: 'WARN', requestId, message: { a: [1] } },
    ]);
  });

  test.each([
    ['trace', 'TRACE'],
    ['debug', 'DEBUG'],
    ['info', 'INFO'],
    ['error', 'ERROR'],
    ['fatal', 'FATAL'],
  ])('calls console.%s %s', async (method, level) => {
    const lambda = await serve(logging(`console.${method}('x');`));

    await ask(lambda);

    expect(JSON.parse(lambda.lines[0] ?? '')).toMatchObject({ level, message: 'x' });
  });

  test('formats several arguments', async () => {
    const lambda = await serve(logging("console.error('%s failed', 'it', new TypeError('why'));"));

    await ask(lambda);

    expect(JSON.parse(lambda.lines[0] ?? '')).toMatchObject({
      level: 'ERROR',
      message: expect.stringMatching(/^it failed TypeError: why/),
    });
  });

  test('keeps the own properties of an error', async () => {
    const lambda = await serve(
      logging("console.error(Object.assign(new RangeError('far'), { code: 'E_FAR' }));"),
    );

    await ask(lambda);

    expect(JSON.parse(lambda.lines[0] ?? '').message).toEqual({
      errorType: 'RangeError',
      errorMessage: 'far',
      stackTrace: expect.arrayContaining(['RangeError: far']),
      code: 'E_FAR',
    });
  });

  test('has what JSON cannot say as text', async () => {
    const lambda = await serve(logging('const a = {}; a.a = a; console.log(a);'));

    await ask(lambda);

    expect(JSON.parse(lambda.lines[0] ?? '').message).toBe('<ref *1> { a: [Circular *1] }');
  });

  test('has the error that a handler throws', async () => {
    const lambda = await serve(logging("throw Object.assign(new Error('no'), { code: 7 });"));

    const { requestId } = await ask(lambda);

    expect(lambda.lines).toHaveLength(1);
    expect(JSON.parse(lambda.lines[0] ?? '')).toMatchObject({
      level: 'ERROR',
      requestId,
      message: { errorType: 'Error', errorMessage: 'no', code: 7 },
    });
  });

  test('has a dash for the invocation while the function loads', async () => {
    const lambda = await serve(
      functionOf("console.log('loading'); export const handler = async () => {};"),
    );

    await ask(lambda);

    expect(JSON.parse(lambda.lines[0] ?? '')).toMatchObject({ requestId: '-', message: 'loading' });
  });

  test('leaves out what is below the log level', async () => {
    const lambda = await serve({
      ...logging("console.info('no'); console.warn('yes');"),
      environment: { AWS_LAMBDA_LOG_LEVEL: 'warn' },
    });

    await ask(lambda);

    expect(lambda.lines.map((line) => JSON.parse(line).message)).toEqual(['yes']);
  });

  test('reports a time-out and a crash as platform records', async () => {
    const slow = functionOf(
      `await new Promise((resolve) => setTimeout(resolve, 3000));
      export const handler = () => new Promise((resolve) => setTimeout(resolve, 9e3));`,
      { name: 'slow', timeoutMs: 100 },
    );
    const crash = functionOf('export const handler = () => process.exit(2);', { name: 'crash' });
    const lambda = await serve(slow, crash);

    const ids = [await ask(lambda, {}, 'slow'), await ask(lambda, {}, 'crash')].map(
      ({ requestId }) => requestId,
    );

    const records = lambda.lines.map((line) => JSON.parse(line));
    // The start is not in it.
    expect(records[0].record.metrics.durationMs).toBeLessThan(3000);
    expect(records).toMatchObject([
      {
        time: TIME,
        type: 'platform.report',
        record: { requestId: ids[0], status: 'timeout', errorType: 'Sandbox.Timedout' },
      },
      {
        type: 'platform.report',
        record: { requestId: ids[1], status: 'error', errorType: 'Runtime.ExitError' },
      },
    ]);
  });
});

describe('output', () => {
  test('written past console is unchanged, and in the order of writing', async () => {
    const lambda = await serve(
      logging(`
        for (let n = 0; n < 200; n += 1) {
          process.stdout.write('{"out":' + n + '}\\n');
          process.stderr.write('{"err":' + n + '}\\n');
        }`),
    );

    await ask(lambda);

    expect(lambda.lines).toEqual(
      Array.from({ length: 200 }, (_, n) => [`{"out":${n}}`, `{"err":${n}}`]).flat(),
    );
  });

  test('is complete when the invocation ends, also without a line feed', async () => {
    const lambda = await serve(logging("process.stdout.write('no line feed');"));

    await ask(lambda);

    expect(lambda.lines).toEqual(['no line feed']);
  });

  test.each(['', 'process.exit(1)', "process.kill(process.pid, 'SIGKILL')"])(
    'is complete however much it is, even before %s',
    async (end) => {
      const lambda = await serve(
        logging(`process.stdout.write('é'.repeat(2_000_000) + '\\n'); ${end};`),
      );

      await ask(lambda);

      expect(lambda.lines[0]?.length).toBe(2_000_000);
      expect(lambda.lines[0]).toMatch(/^é+$/);
    },
  );

  test('of an invocation is in its tail, the last 4,096 bytes', async () => {
    const lambda = await serve(
      functionOf(`export const handler = async ({ text, times }) => {
        process.stdout.write((text + '\\n').repeat(times));
      };`),
    );

    const first = await ask(lambda, { text: 'first', times: 1 });
    const second = await ask(lambda, { text: 'second7', times: 1000 });
    const third = await ask(lambda, { text: 'third', times: 1 });

    expect(first.logTail).toBe('first\n');
    expect(second.logTail).toBe('second7\n'.repeat(512));
    expect(third.logTail).toBe('third\n');
  });
});
