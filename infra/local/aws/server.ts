import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';
import { readBody } from '../http.ts';
import type { createLambdaApi } from './lambda-api.ts';
import type { Principals } from './principals.ts';
import { type AwsAnswer, AwsError, type AwsService, tellAsJson } from './service.ts';
import { verifySigV4 } from './sigv4.ts';

/** The services of the endpoint. */
export type AwsServices = {
  secretsManager: AwsService;
  dynamoDb: AwsService;
  lambda: ReturnType<typeof createLambdaApi>;
  stepFunctions: AwsService;
  sts: AwsService;
  cloudFormation: AwsService;
};

// DynamoDB's largest request, the largest of all.
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/**
 * One endpoint for all of AWS's services, as `--endpoint-url` wants it: a request goes to its
 * service by `x-amz-target`, by path or by the scope of its signature, if its signature is right.
 * @param log takes a line for each refused or failed request: the operation and the error's name
 */
export function awsEndpoint(
  services: AwsServices,
  principals: Principals,
  log: (line: string) => void,
): RequestListener {
  return async (request, response) => {
    const { service, operation } = route(request, services);
    let answer: AwsAnswer;
    try {
      if (!service) throw unknownOperation(operation);
      answer = await handle(request, service, principals);
    } catch (error) {
      const known = error instanceof AwsError ? error : internalFailure(error);
      const detail = known.code === 'AccessDeniedException' ? `: ${known.message}` : '';
      log(`${operation} refused, ${known.code}${detail}`);
      answer = service ? service.tell(known) : tellAsJson('application/x-amz-json-1.1', known);
    }
    const headers = { 'x-amzn-requestid': randomUUID(), ...answer.headers };
    response.writeHead(answer.status, headers).end(answer.body);
  };
}

function route(
  { method, url = '/', headers }: IncomingMessage,
  { secretsManager, dynamoDb, lambda, stepFunctions, sts, cloudFormation }: AwsServices,
): { service?: AwsService; operation: string } {
  const target = String(headers['x-amz-target'] ?? '');
  const [path = '/'] = url.split('?');
  const operation = target || `${method} ${path}`;
  if (target.startsWith('secretsmanager.')) return { service: secretsManager, operation };
  if (target.startsWith('DynamoDB_20120810.')) return { service: dynamoDb, operation };
  if (target.startsWith('AWSStepFunctions.')) return { service: stepFunctions, operation };
  if (target) return { operation };
  if (lambda.serves(path)) return { service: lambda, operation };
  // The query protocol has no header and no path of its own; on AWS the host's name tells.
  const [, scope] = /\/([a-z]+)\/aws4_request/.exec(headers.authorization ?? '') ?? [];
  const service = [sts, cloudFormation].find(({ name }) => name === scope);
  return service ? { service, operation: `${service.name} ${operation}` } : { operation };
}

function unknownOperation(operation: string): AwsError {
  return new AwsError(
    'UnknownOperationException',
    `This machine has no ${operation}: there are Secrets Manager, DynamoDB, Lambda, Step Functions, STS (GetCallerIdentity) and CloudFormation (DescribeStacks), as far as the stack needs them.`,
  );
}

async function handle(
  request: IncomingMessage,
  service: AwsService,
  principals: Principals,
): Promise<AwsAnswer> {
  const body = await readBody(request, MAX_BODY_BYTES);
  if (!body) {
    const limit = `The request is longer than ${MAX_BODY_BYTES} bytes.`;
    throw new AwsError('RequestEntityTooLargeException', limit, 413);
  }
  const { method = '', url: target = '/', headers, rawHeaders } = request;
  const verified = verifySigV4(
    { method, target, rawHeaders, body },
    { service: service.name, keys: principals.byKey },
  );
  if (!verified.ok) throw new AwsError(verified.code, verified.message, 403);
  const [path = '/', query] = target.split('?');
  const searchParams = new URLSearchParams(query);
  return service.handle({
    method,
    path,
    query: searchParams,
    headers,
    body,
    principal: verified.key,
  });
}

/** A fault of the local run itself: its own sentence, since it may carry data, stays inside. */
function internalFailure(error: unknown): AwsError {
  const name = error instanceof Error ? error.name : 'unknown';
  return new AwsError('InternalFailure', `The local endpoint failed (${name}).`, 500);
}
