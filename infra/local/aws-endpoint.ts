import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';
import { verifySigV4 } from './iam/sigv4.ts';
import { type AwsAnswer, AwsError, type AwsService, tellAsJson } from './lib/aws-service.ts';
import { readBody } from './lib/http.ts';
import type { Principal } from './lib/principal.ts';

// DynamoDB's largest request, the largest of all.
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Answers a request of the local run's own, such as `POST /_local/sweep`. */
export type LocalPage = (body: Buffer) => AwsAnswer | Promise<AwsAnswer>;

/**
 * One endpoint for all of AWS's services, for `--endpoint-url`. The scope of a signature says which
 * service a request is for. On AWS, the host's name does so too.
 * @param keys all principals by access key id
 * @param local what this run has of its own, by method and path; needs no signature
 * @param log takes a line for each refused or failed request: the operation and the error's name
 */
export function awsEndpoint(
  services: readonly AwsService[],
  keys: ReadonlyMap<string, Principal>,
  { local, log }: { local: Readonly<Record<string, LocalPage>>; log: (line: string) => void },
): RequestListener {
  return async (request, response) => {
    const page = local[`${request.method} ${request.url}`];
    if (page) {
      const given = (await readBody(request, MAX_BODY_BYTES)) ?? Buffer.alloc(0);
      const { status, headers, body } = await page(given);
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
      return;
    }
    const { headers, method, url = '/' } = request;
    const [, scope] = /\/([a-z-]+)\/aws4_request/.exec(headers.authorization ?? '') ?? [];
    const service = services.find(({ name }) => name === scope);
    const target = headers['x-amz-target'] ?? [scope, method, url.split('?')[0]].join(' ').trim();
    const operation = String(target).replace(/[^ -~]/g, '?');
    let answer: AwsAnswer;
    try {
      if (!service) throw noService(scope, operation);
      answer = await handle(request, service, keys);
    } catch (error) {
      const known = error instanceof AwsError ? error : internalFailure(error);
      const detail = known.code === 'AccessDeniedException' ? `: ${known.message}` : '';
      log(`${operation} refused, ${known.code}${detail}`);
      answer = service ? service.tell(known) : tellAsJson('application/x-amz-json-1.1', known);
    }
    response.writeHead(answer.status, { 'x-amzn-requestid': randomUUID(), ...answer.headers });
    response.end(answer.body);
  };
}

function noService(scope: string | undefined, operation: string): AwsError {
  if (scope === undefined) {
    return new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token', 403);
  }
  return new AwsError(
    'UnknownOperationException',
    `This machine has no ${scope} for ${operation}: there are Secrets Manager, DynamoDB, Lambda, Step Functions, EventBridge (PutEvents), STS (GetCallerIdentity) and CloudFormation (DescribeStacks), as far as the stack needs them.`,
  );
}

async function handle(
  request: IncomingMessage,
  service: AwsService,
  keys: ReadonlyMap<string, Principal>,
): Promise<AwsAnswer> {
  const body = await readBody(request, MAX_BODY_BYTES);
  if (!body) {
    const limit = `The request is longer than ${MAX_BODY_BYTES} bytes.`;
    throw new AwsError('RequestEntityTooLargeException', limit, 413);
  }
  const { method = '', url: target = '/', headers, rawHeaders } = request;
  const verified = await verifySigV4(
    { method, target, rawHeaders, body },
    { service: service.name, keys },
  );
  if (!verified.ok) throw new AwsError(verified.code, verified.message, 403);
  const [path = '/', query] = target.split('?');
  return service.handle({
    method,
    path,
    query: new URLSearchParams(query),
    headers,
    body,
    principal: verified.key,
  });
}

/** A fault of the local run itself. Its message may carry data, so it stays inside. */
function internalFailure(error: unknown): AwsError {
  const name = error instanceof Error ? error.name : 'unknown';
  return new AwsError('InternalFailure', `The local endpoint failed (${name}).`, 500);
}
