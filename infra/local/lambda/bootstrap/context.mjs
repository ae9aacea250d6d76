/**
 * @typedef {{
 *   awsRequestId: string,
 *   clientContext: unknown,
 *   functionName: string | undefined,
 *   functionVersion: string | undefined,
 *   getRemainingTimeInMillis(): number,
 *   identity: unknown,
 *   invokedFunctionArn: string | undefined,
 *   logGroupName: string | undefined,
 *   logStreamName: string | undefined,
 *   memoryLimitInMB: string | undefined,
 *   tenantId: string | undefined,
 *   xRayTraceId: string | undefined,
 * }} Context
 */

/**
 * The handler's second argument. Node.js 24 has no `callbackWaitsForEmptyEventLoop`, `done`,
 * `succeed` or `fail` any more (https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html).
 *
 * @param {import('node:http').IncomingHttpHeaders} headers of the Runtime API's answer to `next`
 * @returns {Context}
 */
export function invocationContext(headers) {
  const traceId = header(headers, 'lambda-runtime-trace-id');
  const deadline = Number(header(headers, 'lambda-runtime-deadline-ms'));
  exportTraceId(traceId);
  return {
    clientContext: json(header(headers, 'lambda-runtime-client-context')),
    identity: json(header(headers, 'lambda-runtime-cognito-identity')),
    invokedFunctionArn: header(headers, 'lambda-runtime-invoked-function-arn'),
    awsRequestId: header(headers, 'lambda-runtime-aws-request-id') ?? '',
    tenantId: header(headers, 'lambda-runtime-aws-tenant-id'),
    xRayTraceId: traceId,
    getRemainingTimeInMillis: () => deadline - Date.now(),
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
  };
}

/**
 * @param {import('node:http').IncomingHttpHeaders} headers
 * @param {string} name
 */
function header(headers, name) {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** @param {string | undefined} text */
function json(text) {
  return text ? JSON.parse(text) : undefined;
}

/** The AWS SDK and X-Ray read the trace from the environment. @param {string | undefined} traceId */
function exportTraceId(traceId) {
  if (traceId) process.env._X_AMZN_TRACE_ID = traceId;
  else delete process.env._X_AMZN_TRACE_ID;
}
