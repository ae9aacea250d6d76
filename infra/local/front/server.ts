import type { IncomingMessage, RequestListener } from 'node:http';
import { readBody } from '../aws/http.ts';
import { matches } from '../aws/iam.ts';
import type { Invoke } from '../aws/lambda-api.ts';
import type { Principal } from '../aws/principals.ts';
import { verifySigV4 } from '../aws/sigv4.ts';
import type { ApiModel, RouteModel } from '../template/api.ts';
import type { FunctionModel } from '../template/functions.ts';
import { localAccount, localRegion } from '../template/identity.ts';
import { type FrontRequest, newRequestId, newTraceId, toEvent } from './event.ts';
import { type FrontResponse, toResponse } from './response.ts';
import { routeTable } from './routes.ts';

export type FrontOptions = {
  api: ApiModel;
  functions: readonly FunctionModel[];
  principals: ReadonlyMap<string, Principal>;
  invoke: Invoke;
  /** Takes a line for each request: method, route, status, time. */
  log: (line: string) => void;
};

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html, "Payload size" */
const maxBodyBytes = 10 * 1024 * 1024;
/** What Lambda takes in one invocation: a body of more than about 4.5 MB in base64 never gets there. */
const maxEventBytes = 6_291_456;

/**
 * The HTTP API of the template: routes, IAM authorization, integration with the functions, and the
 * gateway's own answers. It does not throttle, and answers a route with a JWT authorizer with 401.
 */
export function httpFront(options: FrontOptions): RequestListener {
  const findRoute = routeTable(options.api.routes);
  return async (request, response) => {
    const startedAt = performance.now();
    const requestId = newRequestId();
    let label = String(request.method);
    const answer = await handle(request, requestId, (routeKey) => {
      label = routeKey;
    }).catch((error: Error): FrontResponse => {
      // Its name only: the message may quote what was sent.
      options.log(`${label} failed, ${error.name}`);
      return gatewayAnswer(500, 'Internal Server Error');
    });
    options.log(`${label} ${answer.status} ${Math.round(performance.now() - startedAt)} ms`);
    response.writeHead(answer.status, [
      ...answer.headers.flat(),
      'content-length',
      String(answer.body.length),
      'apigw-requestid',
      requestId,
    ]);
    response.end(answer.body);
  };

  async function handle(
    incoming: IncomingMessage,
    requestId: string,
    onRoute: (routeKey: string) => void,
  ): Promise<FrontResponse> {
    const body = await readBody(incoming, maxBodyBytes);
    if (!body) return gatewayAnswer(413, 'Request Entity Too Large');
    const request = frontRequest(incoming, body);
    if (!request) return gatewayAnswer(400, 'Bad Request');

    const match = findRoute(request.method, request.path);
    if (!match) return gatewayAnswer(404, 'Not Found');
    const { route } = match;
    onRoute(route.routeKey);

    if (route.authorization === 'JWT') {
      const refusal = gatewayAnswer(401, 'Unauthorized');
      return { ...refusal, headers: [...refusal.headers, ['www-authenticate', 'Bearer']] };
    }
    const principal = route.authorization === 'AWS_IAM' ? signer(incoming, request) : undefined;
    if (route.authorization === 'AWS_IAM' && !principal) return gatewayAnswer(403, 'Forbidden');

    const now = new Date();
    const traceId = newTraceId(now);
    const context = { apiId: options.api.id, match, requestId, traceId, now };
    const event = toEvent(request, { ...context, ...(principal && { principal }) });
    const payload = Buffer.from(JSON.stringify(event));
    if (payload.length > maxEventBytes) return gatewayAnswer(413, 'Request Entity Too Large');
    if (!isPermitted(options.api, request.method, route)) {
      return gatewayAnswer(500, 'Internal Server Error');
    }
    return integrate(route, payload, traceId);
  }

  /** Who signed the request, if they may call the route. */
  function signer(
    { url: target = '/', rawHeaders }: IncomingMessage,
    { method, path, body }: FrontRequest,
  ): Principal | undefined {
    const verified = verifySigV4(
      { method, target, rawHeaders, body },
      { service: 'execute-api', region: localRegion, keys: options.principals },
    );
    if (!verified.ok) return undefined;
    const resource = executeApiArn(options.api.id, method, path);
    return verified.key.decide('execute-api:Invoke', resource).allowed ? verified.key : undefined;
  }

  async function integrate(
    route: RouteModel,
    event: Buffer,
    traceId: string,
  ): Promise<FrontResponse> {
    const model = options.functions.find(({ arn }) => arn === route.functionArn);
    if (!model) return gatewayAnswer(500, 'Internal Server Error');
    const { promise: timedOut, resolve } = Promise.withResolvers<'timed out'>();
    const timer = setTimeout(resolve, route.timeoutMs, 'timed out');
    // On AWS, too, the function runs on when the gateway has stopped waiting.
    const invocation = options.invoke(model.name, event, { traceId });
    const result = await Promise.race([invocation, timedOut]).finally(() => clearTimeout(timer));
    if (result === 'timed out') return gatewayAnswer(503, 'Service Unavailable');
    const response = result.functionError ? undefined : toResponse(result.payload);
    return response ?? gatewayAnswer(500, 'Internal Server Error');
  }
}

function frontRequest(incoming: IncomingMessage, body: Buffer): FrontRequest | undefined {
  const { method = '', url = '/', rawHeaders, socket } = incoming;
  const question = url.indexOf('?');
  const rawPath = question < 0 ? url : url.slice(0, question);
  try {
    return {
      method,
      path: decodeURIComponent(rawPath),
      rawQuery: question < 0 ? '' : url.slice(question + 1),
      rawHeaders,
      body,
      sourceIp: socket.remoteAddress ?? '127.0.0.1',
      port: socket.localPort ?? 0,
    };
  } catch {
    return undefined;
  }
}

/** The function's own leave for API Gateway, which names a route by its path with `{parameters}`. */
function isPermitted({ id, permissions }: ApiModel, method: string, route: RouteModel): boolean {
  const path = route.routeKey === '$default' ? '/$default' : route.routeKey.split(' ')[1];
  const arn = executeApiArn(id, method, path ?? '');
  return permissions.some(
    ({ functionArn, sourceArn }) =>
      functionArn === route.functionArn && (sourceArn === undefined || matches(sourceArn, arn)),
  );
}

/** `arn:aws:execute-api:<region>:<account>:<api>/<stage>/<method>/<path>` */
function executeApiArn(apiId: string, method: string, path: string): string {
  return `arn:aws:execute-api:${localRegion}:${localAccount}:${apiId}/$default/${method}${path}`;
}

function gatewayAnswer(status: number, message: string): FrontResponse {
  return {
    status,
    headers: [['content-type', 'application/json']],
    body: Buffer.from(JSON.stringify({ message })),
  };
}
