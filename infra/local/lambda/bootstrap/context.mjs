/**
 * The handler's second argument. Node.js 24 has no `callbackWaitsForEmptyEventLoop`, `done`,
 * `succeed` or `fail` any more.
 *
 * @param {import('node:http').IncomingHttpHeaders} headers of the Runtime API's answer to `next`
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html
 */
export function invocationContext(headers) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  const traceId = String(headers['lambda-runtime-trace-id']);
  // The AWS SDK and X-Ray read the trace from the environment.
  process.env._X_AMZN_TRACE_ID = traceId;
  return {
    invokedFunctionArn: String(headers['lambda-runtime-invoked-function-arn']),
    awsRequestId: String(headers['lambda-runtime-aws-request-id']),
    xRayTraceId: traceId,
    getRemainingTimeInMillis: () => deadline - Date.now(),
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
  };
}
