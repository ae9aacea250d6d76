import type { IncomingMessage, RequestListener } from 'node:http';
import { matches } from '../iam/policy.ts';
import { verifySigV4 } from '../iam/sigv4.ts';
import { MAX_REQUEST_BYTES, newTraceRoot } from '../lambda/invocation.ts';
import type { Lambda } from '../lambda/lambda.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION } from '../lib/account.ts';
import { readBody } from '../lib/http.ts';
import type { Principal } from '../lib/principal.ts';
import type { ApiModel, RouteModel } from './api-model.ts';
import { type HttpRequest, newRequestId, toEvent } from './event.ts';
import type { CheckJwt, JwtAuthorizer, VerifiedJwt } from './jwt-authorizer.ts';
import { type HttpResponse, toResponse } from './response.ts';
import { routeTable } from './routes.ts';

export type HttpApiOptions = {
  api: ApiModel;
  principals: ReadonlyMap<string, Principal>;
  /** For routes with a JWT authorizer. */
  checkJwt: CheckJwt;
  invoke: Lambda['invoke'];
  /** Takes a line for each request: method, route, status, time, and why the gateway itself answered. */
  log: (line: string) => void;
};

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html, "Payload size" */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** As much of a path without a route as the log shows. */
const MAX_PATH = 100;

/**
 * `why` is for the log, if the gateway answers in place of the function. It contains nothing of the
 * body. It contains the path only if no route has it, and then without an address.
 */
type Answer = HttpResponse & { why?: string };

type Caller = { principal?: Principal; jwt?: VerifiedJwt; refusal?: Answer };

/**
 * The HTTP API of the template: routes, authorization by IAM or JWT, integration with the functions,
 * and the gateway's own answers. It does not throttle.
 */
export function httpApi(options: HttpApiOptions): RequestListener {
  const findRoute = routeTable(options.api.routes);
  const routes = options.api.routes.map(({ routeKey }) => routeKey).join(', ');
  return async (request, response) => {
    const startedAt = performance.now();
    const requestId = newRequestId();
    let label = String(request.method);
    const answer = await handle(request, requestId, (routeKey) => {
      label = routeKey;
    }).catch((error: Error) =>
      // Only its name: the message may quote what was sent.
      gatewayAnswer(500, 'Internal Server Error', `failed with ${error.name}`),
    );
    const why = answer.why ? `, ${answer.why}` : '';
    options.log(`${label} ${answer.status} ${Math.round(performance.now() - startedAt)} ms${why}`);
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
  ): Promise<Answer> {
    const body = await readBody(incoming, MAX_BODY_BYTES);
    if (!body) return tooLarge(`a body of more than ${MAX_BODY_BYTES} bytes`);
    const request = readRequest(incoming, body);
    if (!request) return gatewayAnswer(400, 'Bad Request', 'a path that cannot be decoded');

    const match = findRoute(request.method, request.path);
    if (!match) {
      const shown = request.path.slice(0, MAX_PATH).replace(/[^/]*@[^/]*/g, '…');
      const why = `no route has ${request.method} ${JSON.stringify(shown)}; there are ${routes}`;
      return gatewayAnswer(404, 'Not Found', why);
    }
    const { route } = match;
    onRoute(route.routeKey);

    const { refusal, ...caller } = await authorize(route, incoming, request);
    if (refusal) return refusal;

    const now = new Date();
    const traceId = newTraceRoot(now);
    const context = { apiId: options.api.id, match, requestId, traceId, now };
    const event = toEvent(request, { ...context, ...caller });
    const payload = Buffer.from(JSON.stringify(event));
    // A body of more than about 4.5 MB in base64 never gets to the function.
    if (payload.length > MAX_REQUEST_BYTES) {
      return tooLarge(`an event of more than the ${MAX_REQUEST_BYTES} bytes that Lambda takes`);
    }
    if (!isPermitted(options.api, request.method, route)) {
      const why = 'no permission of the function lets the API call it for this route';
      return gatewayAnswer(500, 'Internal Server Error', why);
    }
    return integrate(route, payload, traceId);
  }

  async function authorize(
    { authorization, jwt }: RouteModel,
    incoming: IncomingMessage,
    request: HttpRequest,
  ): Promise<Caller> {
    if (authorization === 'AWS_IAM') return signer(incoming, request);
    return jwt ? bearer(incoming, jwt) : {};
  }

  /** Whose token came with the request, or why it does not open the route. */
  async function bearer({ headers }: IncomingMessage, authorizer: JwtAuthorizer): Promise<Caller> {
    const checked = await options.checkJwt(headers.authorization, authorizer);
    if ('jwt' in checked) return checked;
    const { status, challenge, why } = checked.refusal;
    const refusal = gatewayAnswer(status, status === 401 ? 'Unauthorized' : 'Forbidden', why);
    return {
      refusal: { ...refusal, headers: [...refusal.headers, ['www-authenticate', challenge]] },
    };
  }

  /** Who signed the request, or why they may not call the route. */
  async function signer(
    { url: target = '/', rawHeaders }: IncomingMessage,
    { method, path, body }: HttpRequest,
  ): Promise<Caller> {
    const verified = await verifySigV4(
      { method, target, rawHeaders, body },
      { service: 'execute-api', region: LOCAL_REGION, keys: options.principals },
    );
    if (!verified.ok) return forbidden(`${verified.code}: ${verified.message}`);
    const principal = verified.key;
    const resource = executeApiArn(options.api.id, method, path);
    const decision = principal.decide('execute-api:Invoke', resource);
    if (decision.allowed) return { principal };
    return forbidden(`${principal.arn} is not authorized ${decision.reason}`);
  }

  async function integrate(route: RouteModel, event: Buffer, traceId: string): Promise<Answer> {
    const { promise: timedOut, resolve } = Promise.withResolvers<'timed out'>();
    const timer = setTimeout(resolve, route.timeoutMs, 'timed out');
    // On AWS too, the function runs on after the gateway has stopped waiting.
    const invocation = options.invoke(route.functionName, event, { traceId });
    const result = await Promise.race([invocation, timedOut]).finally(() => clearTimeout(timer));
    if (result === 'timed out') {
      const why = `the function took longer than ${route.timeoutMs} ms`;
      return gatewayAnswer(503, 'Service Unavailable', why);
    }
    const response = result.functionError ? undefined : toResponse(result.payload);
    if (response) return response;
    const why = result.functionError
      ? 'the function failed'
      : 'the function gave no valid response';
    return gatewayAnswer(500, 'Internal Server Error', why);
  }
}

function readRequest(incoming: IncomingMessage, body: Buffer): HttpRequest | undefined {
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

/** The function's own permission for API Gateway, which names a route by its path with `{parameters}`. */
function isPermitted({ id, permissions }: ApiModel, method: string, route: RouteModel): boolean {
  const arn = executeApiArn(id, method, route.routeKey.split(' ')[1] ?? '');
  return permissions.some(
    ({ functionName, sourceArn }) =>
      functionName === route.functionName && (sourceArn === undefined || matches(sourceArn, arn)),
  );
}

/** `arn:aws:execute-api:<region>:<account>:<api>/<stage>/<method>/<path>` */
function executeApiArn(apiId: string, method: string, path: string): string {
  return `arn:aws:execute-api:${LOCAL_REGION}:${LOCAL_ACCOUNT}:${apiId}/$default/${method}${path}`;
}

function tooLarge(why: string): Answer {
  return gatewayAnswer(413, 'Request Entity Too Large', why);
}

const forbidden = (why: string): Caller => ({ refusal: gatewayAnswer(403, 'Forbidden', why) });

function gatewayAnswer(status: number, message: string, why: string): Answer {
  return {
    status,
    why,
    headers: [['content-type', 'application/json']],
    body: Buffer.from(JSON.stringify({ message })),
  };
}
