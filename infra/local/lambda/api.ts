import { pathToFileURL } from 'node:url';
import { localArn } from '../lib/account.ts';
import {
  type AwsAnswer,
  AwsError,
  type AwsRequest,
  type AwsService,
  authorize,
} from '../lib/aws-service.ts';
import { type FunctionModel, HANDLER } from './function-model.ts';
import { MAX_REQUEST_BYTES } from './invocation.ts';
import type { InvokeResult, Lambda } from './lambda.ts';

const ROOT = '/2015-03-31/functions';
const SYNCHRONOUS = 'RequestResponse';

/**
 * Lambda's API: ListFunctions, GetFunction, and Invoke of a caller who waits for the answer.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 * @param log takes a line for each invocation: the function, `ok` or the type of its error, the time
 */
export function createLambdaApi(
  functions: readonly FunctionModel[],
  invoke: Lambda['invoke'],
  log: (line: string) => void,
): AwsService {
  return {
    name: 'lambda',
    tell: ({ code, message, status }) =>
      json(status, { Type: 'User', Message: message }, { 'x-amzn-errortype': code }),
    handle: async (request) => {
      const { method, path, principal } = request;
      const [, encoded = '', operation = ''] =
        /^\/([^/]*)\/?(.*)$/.exec(path.slice(ROOT.length)) ?? [];
      const route = `${method} ${operation}`;
      if (path.startsWith(ROOT) && encoded === '' && route === 'GET ') {
        authorize(principal, 'lambda:ListFunctions', '*');
        return json(200, { Functions: functions.map(configuration), NextMarker: null });
      }
      if (path.startsWith(`${ROOT}/`) && route === 'GET ') {
        const model = find(functions, encoded, request, 'lambda:GetFunction');
        // In place of a link to a zip: the folder with what was deployed.
        const Location = pathToFileURL(model.codeDir).href;
        return json(200, { Configuration: configuration(model), Code: { Location } });
      }
      if (path.startsWith(`${ROOT}/`) && route === 'POST invocations') {
        const model = find(functions, encoded, request);
        return invokeNow(model, request, invoke, log);
      }
      throw new AwsError(
        'UnknownOperationException',
        `The local Lambda has ListFunctions, GetFunction and Invoke, not ${method} ${path}.`,
        404,
      );
    },
  };
}

/**
 * @param encoded a name, a complete ARN, or a partial ARN (`account:function:name`), each with or
 *   without an alias or `:$LATEST`, the only version. Anything else is a name that no function has.
 * @throws AwsError AccessDeniedException, or ResourceNotFoundException for a function or version
 */
function find(
  functions: readonly FunctionModel[],
  encoded: string,
  { principal, query }: AwsRequest,
  action = 'lambda:InvokeFunction',
): FunctionModel {
  const version = query.get('Qualifier');
  const reference = decodeURIComponent(encoded) + (version ? `:${version}` : '');
  const pattern =
    /^(?:(?:arn:aws:lambda:[\w-]+:)?\d{12}:function:)?([\w-]+(?::[\w-]+)?)(?::\$LATEST)?$/;
  const name = pattern.exec(reference)?.[1] ?? reference;
  const arn = localArn('lambda', `function:${name}`);
  authorize(principal, action, arn);
  const model = functions.find((one) => one.arn === arn || one.aliases.includes(arn));
  if (model) return model;
  throw new AwsError('ResourceNotFoundException', `Function not found: ${arn}`, 404);
}

async function invokeNow(
  { name }: FunctionModel,
  { headers, body }: AwsRequest,
  invoke: Lambda['invoke'],
  log: (line: string) => void,
): Promise<AwsAnswer> {
  const type = headers['x-amz-invocation-type'] ?? SYNCHRONOUS;
  if (type !== SYNCHRONOUS) {
    throw new AwsError(
      'InvalidParameterValueException',
      `The local Lambda has the invocation type ${SYNCHRONOUS} only, not ${type}.`,
    );
  }
  if (body.length > MAX_REQUEST_BYTES) {
    throw new AwsError(
      'RequestEntityTooLargeException',
      `Request must be smaller than ${MAX_REQUEST_BYTES} bytes for the InvokeFunction operation`,
      413,
    );
  }
  const payload = body.length === 0 ? Buffer.from('{}') : body;
  checkJson(payload);

  const startedAt = performance.now();
  const traceId = headers['x-amzn-trace-id'];
  const options = typeof traceId === 'string' ? { traceId } : {};
  const result = await invoke(name, payload, options);
  log(`Invoke ${name} ${outcome(result)} ${Math.round(performance.now() - startedAt)} ms`);
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

function checkJson(payload: Buffer): void {
  try {
    JSON.parse(payload.toString());
  } catch (error) {
    // The parser's own message would quote the payload.
    const message = `Could not parse request body into json: ${(error as Error).name}`;
    throw new AwsError('InvalidRequestContentException', message);
  }
}

/** Lambda's FunctionConfiguration, with the environment of the template and nothing added to it. */
function configuration(model: FunctionModel) {
  return {
    FunctionName: model.name,
    FunctionArn: model.arn,
    Runtime: 'nodejs24.x',
    Role: model.role.arn,
    Handler: HANDLER,
    Timeout: model.timeoutMs / 1000,
    MemorySize: model.memoryMb,
    Version: '$LATEST',
    PackageType: 'Zip',
    State: 'Active',
    Environment: { Variables: model.environment },
    LoggingConfig: { LogFormat: 'JSON' },
  };
}

function json(status: number, body: object, headers = {}): AwsAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}
