import { randomUUID } from 'node:crypto';
import { MAX_REQUEST_BYTES } from '../lambda/invocation.ts';
import type { InvokeResult, Lambda } from '../lambda/lambda.ts';
import type { FunctionModel } from '../template/functions.ts';
import { configuration, parseReference } from './lambda-function.ts';
import {
  type AwsAnswer,
  AwsError,
  type AwsRequest,
  type AwsService,
  authorize,
} from './service.ts';

/** The local Lambda service's own way in. */
export type Invoke = Lambda['invoke'];

const ROOT = '/2015-03-31/functions';
const MAX_PAYLOAD_BYTES = {
  RequestResponse: MAX_REQUEST_BYTES,
  DryRun: MAX_REQUEST_BYTES,
  // "Invocation payload", asynchronous: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
  Event: 1_048_576,
};

/**
 * Lambda's API: ListFunctions, GetFunction, Invoke.
 *
 * An `Event` invocation runs once, in the background: a failed one is not repeated after one and
 * two minutes as on AWS, where nobody waits at a terminal for it.
 * Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 * @param log takes a line for each invocation: the function, `ok` or the type of its error, the time
 */
export function createLambdaApi(
  functions: readonly FunctionModel[],
  invoke: Invoke,
  log: (line: string) => void,
): AwsService & { serves: (path: string) => boolean } {
  return {
    name: 'lambda',
    serves: (path) => path === ROOT || path.startsWith(`${ROOT}/`),
    tell: ({ code, message, status }) =>
      json(status, { Type: 'User', Message: message }, { 'x-amzn-errortype': code }),
    handle: async (request) => {
      const [encodedName, operation, ...rest] = request.path.slice(ROOT.length + 1).split('/');
      const route = `${request.method} ${operation ?? ''}${rest.length > 0 ? '/…' : ''}`;
      if (!encodedName && request.method === 'GET') return list(functions, request);
      const name = decodeURIComponent(encodedName ?? '');
      if (route === 'GET ') return get(functions, name, request);
      if (route === 'POST invocations') return invokeNow(functions, name, request, invoke, log);
      throw new AwsError(
        'UnknownOperationException',
        `The local Lambda has ListFunctions, GetFunction and Invoke, not ${request.method} ${request.path}.`,
        404,
      );
    },
  };
}

function list(functions: readonly FunctionModel[], { principal, query }: AwsRequest): AwsAnswer {
  authorize(principal, 'lambda:ListFunctions', '*');
  const start = Number(query.get('Marker') ?? 0);
  const end = start + Number(query.get('MaxItems') ?? 50);
  if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || end <= start) {
    throw new AwsError('InvalidParameterValueException', 'Marker or MaxItems is not acceptable.');
  }
  return json(200, {
    Functions: functions.slice(start, end).map(configuration),
    NextMarker: end < functions.length ? String(end) : null,
  });
}

function get(functions: readonly FunctionModel[], name: string, request: AwsRequest): AwsAnswer {
  const model = find(functions, name, 'lambda:GetFunction', request);
  return json(200, { Configuration: configuration(model), Tags: {} });
}

async function invokeNow(
  functions: readonly FunctionModel[],
  name: string,
  request: AwsRequest,
  invoke: Invoke,
  log: (line: string) => void,
): Promise<AwsAnswer> {
  const { headers, body } = request;
  const model = find(functions, name, 'lambda:InvokeFunction', request);
  const type = String(headers['x-amz-invocation-type'] ?? 'RequestResponse');
  if (!Object.hasOwn(MAX_PAYLOAD_BYTES, type)) {
    throw new AwsError('InvalidParameterValueException', `${type} is no invocation type.`);
  }
  const limit = MAX_PAYLOAD_BYTES[type as keyof typeof MAX_PAYLOAD_BYTES];
  if (body.length > limit) {
    throw new AwsError(
      'RequestEntityTooLargeException',
      `Request must be smaller than ${limit} bytes for the InvokeFunction operation`,
      413,
    );
  }
  const payload = body.length === 0 ? Buffer.from('{}') : body;
  checkJson(payload);
  if (type === 'DryRun') return { status: 204, body: '' };

  const startedAt = performance.now();
  const running = invoke(model.name, payload, invokeOptions(headers)).then((result) => {
    const ms = Math.round(performance.now() - startedAt);
    log(`Invoke ${model.name} ${outcome(result)} ${ms} ms`);
    return result;
  });
  if (type === 'Event') {
    // Nobody is left to be told.
    running.catch((error: Error) => log(`Invoke ${model.name} refused, ${error.name}`));
    return { status: 202, headers: { 'x-amzn-requestid': randomUUID() }, body: '' };
  }
  const result = await running.catch(asAwsError);
  return {
    status: 200,
    headers: {
      'content-type': 'application/json',
      'x-amzn-requestid': result.requestId,
      'x-amz-executed-version': '$LATEST',
      ...(result.functionError && { 'x-amz-function-error': result.functionError }),
      ...(headers['x-amz-log-type'] === 'Tail' && {
        'x-amz-log-result': Buffer.from(result.logTail).toString('base64'),
      }),
    },
    body: result.payload,
  };
}

function outcome({ functionError, payload }: InvokeResult): string {
  if (!functionError) return 'ok';
  return (JSON.parse(payload.toString()) as { errorType: string }).errorType;
}

function invokeOptions(headers: AwsRequest['headers']) {
  const { 'x-amzn-trace-id': traceId, 'x-amz-client-context': context } = headers;
  return {
    ...(typeof traceId === 'string' && { traceId }),
    ...(typeof context === 'string' && {
      clientContext: Buffer.from(context, 'base64').toString(),
    }),
  };
}

function checkJson(payload: Buffer): void {
  try {
    JSON.parse(payload.toString());
  } catch (error) {
    // The parser's own sentence would quote the payload.
    const message = `Could not parse request body into json: ${(error as Error).name}`;
    throw new AwsError('InvalidRequestContentException', message);
  }
}

function asAwsError(error: Error & { statusCode?: number }): never {
  if (error.statusCode === undefined) throw error;
  throw new AwsError(error.name, error.message, error.statusCode);
}

/** @throws AwsError AccessDeniedException, or ResourceNotFoundException for a function or version */
function find(
  functions: readonly FunctionModel[],
  reference: string,
  action: string,
  { principal, query }: AwsRequest,
): FunctionModel {
  const qualifier = query.get('Qualifier');
  const { name, arn } = parseReference(qualifier ? `${reference}:${qualifier}` : reference);
  authorize(principal, action, arn);
  const model = functions.find((one) => one.name === name);
  if (model) return model;
  throw new AwsError('ResourceNotFoundException', `Function not found: ${arn}`, 404);
}

function json(status: number, body: object, headers = {}): AwsAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}
