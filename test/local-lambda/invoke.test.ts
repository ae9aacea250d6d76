import { describe, expect, test } from 'vitest';
import { CONCURRENCY_LIMIT, startLambda } from '../../infra/local/lambda/lambda.ts';
import { ask, functionOf, serve } from '../support/local-functions.ts';

const ECHO = 'export const handler = async (event, context) => ({ event, context });';

describe('an invocation', () => {
  test('hands the payload to the handler and its result to the caller', async () => {
    const lambda = await serve(functionOf(ECHO));

    const { answer, functionError } = await ask(lambda, { name: 'Zoë', list: [1] });

    expect(answer.event).toEqual({ name: 'Zoë', list: [1] });
    expect(functionError).toBeUndefined();
  });

  test('carries the context of Node.js 24 on Lambda', async () => {
    const lambda = await serve(functionOf(ECHO));

    const { answer, requestId } = await ask(lambda);

    expect(answer.context).toEqual({
      awsRequestId: requestId,
      functionName: 'demo',
      functionVersion: '$LATEST',
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:demo',
      logGroupName: '/aws/lambda/demo',
      logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
      memoryLimitInMB: '256',
      xRayTraceId: expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};/),
    });
  });

  test('counts its remaining time from its delivery, not from the start of the process', async () => {
    const lambda = await serve(
      functionOf(`
        await new Promise((resolve) => setTimeout(resolve, 300));
        export const handler = async (event, context) => context.getRemainingTimeInMillis();`),
    );

    const { answer } = await ask(lambda);

    expect(answer).toBeGreaterThan(4800);
    expect(answer).toBeLessThanOrEqual(5000);
  });

  test('passes the trace on, to the environment too', async () => {
    const lambda = await serve(
      functionOf(
        'export const handler = async (_, { xRayTraceId }) => [xRayTraceId, process.env._X_AMZN_TRACE_ID];',
      ),
    );

    const { payload } = await lambda.invoke('demo', '{}', { traceId: 'Root=1-a-b;Sampled=1' });

    expect(JSON.parse(payload.toString())).toEqual([
      'Root=1-a-b;Sampled=1',
      'Root=1-a-b;Sampled=1',
    ]);
  });

  test('gives null for no result', async () => {
    const nothing = functionOf('export const handler = async () => {};');
    const lambda = await serve(nothing);

    expect((await lambda.invoke('demo', '{}')).payload.toString()).toBe('null');
  });
});

describe('the service refuses', () => {
  test('an unknown function', async () => {
    const lambda = await serve();

    await expect(lambda.invoke('nobody', '{}')).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
      status: 404,
      message: 'Function not found: nobody',
    });
  });

  test('more invocations at once than the limit', async () => {
    const lambda = await serve(functionOf(ECHO));
    const admitted = Array.from({ length: CONCURRENCY_LIMIT }, () => lambda.invoke('demo', '{}'));

    await expect(lambda.invoke('demo', '{}')).rejects.toMatchObject({
      code: 'TooManyRequestsException',
      status: 429,
    });

    const closed = lambda.close();
    const results = await Promise.allSettled(admitted);
    await closed;
    expect(results.map((result) => result.status)).not.toContain('fulfilled');
    expect(lambda.environments('demo')).toEqual([]);
  });

  test('a function without its bundle, by name and at the start', async () => {
    const spec = { ...functionOf(ECHO), codeDir: '/nowhere/asset.1' };

    await expect(startLambda({ functions: [spec], log: () => {} })).rejects.toThrow(
      'The bundle of the function demo has no /nowhere/asset.1/index.mjs',
    );
  });
});
