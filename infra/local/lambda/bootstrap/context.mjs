/**
 * The handler's second argument. Node.js 24 has no `callbackWaitsForEmptyEventLoop`, `done`,
 * `succeed` or `fail` any more.
 *
 * @param {import('../runtime-process.ts').Invocation} invocation
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html
 */
export function invocationContext({ requestId, functionArn, deadlineMs, traceId }) {
  // The AWS SDK and X-Ray read the trace from the environment.
  process.env._X_AMZN_TRACE_ID = traceId;
  return {
    invokedFunctionArn: functionArn,
    awsRequestId: requestId,
    xRayTraceId: traceId,
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
  };
}
