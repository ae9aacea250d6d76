import { randomBytes } from 'node:crypto';
import type { APIGatewayProxyEventV2WithIAMAuthorizer } from 'aws-lambda';
import { LOCAL_ACCOUNT } from '../lib/account.ts';
import type { Principal } from '../lib/principal.ts';
import type { VerifiedJwt } from './jwt-authorizer.ts';
import type { Match } from './routes.ts';

export type HttpRequest = {
  method: string;
  /** Decoded: unlike a REST API, an HTTP API hands the path on without its percent-encoding. */
  path: string;
  /** As in the request line, without `?`. */
  rawQuery: string;
  rawHeaders: readonly string[];
  body: Buffer;
  sourceIp: string;
  /** The port that was called, which is the client's view of the API. */
  port: number;
};

export type EventContext = {
  apiId: string;
  match: Match;
  requestId: string;
  traceId: string;
  /** Who signed the request, on a route with IAM authorization. */
  principal?: Principal;
  /** Of the token, on a route with JWT authorization. */
  jwt?: VerifiedJwt;
  now: Date;
};

type Event = Omit<APIGatewayProxyEventV2WithIAMAuthorizer, 'requestContext'> & {
  requestContext: Omit<APIGatewayProxyEventV2WithIAMAuthorizer['requestContext'], 'authorizer'> & {
    authorizer?: object;
  };
};

/**
 * The event of payload format 2.0 for a request.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function toEvent(request: HttpRequest, context: EventContext): Event {
  const { match, principal, jwt, now } = context;
  const headers = readHeaders(request, context);
  const query = commaJoined([...new URLSearchParams(request.rawQuery)]);
  const domainName = (headers.host ?? '').replace(/:\d+$/, '');
  const base64 = !isText(headers);
  return {
    version: '2.0',
    routeKey: match.route.routeKey,
    rawPath: request.path,
    rawQueryString: request.rawQuery,
    headers,
    ...(Object.keys(query).length > 0 && { queryStringParameters: query }),
    requestContext: {
      accountId: LOCAL_ACCOUNT,
      apiId: context.apiId,
      ...(principal && { authorizer: { iam: iamContext(principal) } }),
      ...(jwt && { authorizer: { jwt } }),
      domainName,
      domainPrefix: domainName.split('.')[0] ?? '',
      http: {
        method: request.method,
        path: request.path,
        protocol: 'HTTP/1.1',
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: context.requestId,
      routeKey: match.route.routeKey,
      stage: '$default',
      time: commonLogTime(now),
      timeEpoch: now.getTime(),
    },
    ...(match.pathParameters && { pathParameters: match.pathParameters }),
    ...(request.body.length > 0 && { body: request.body.toString(base64 ? 'base64' : 'utf8') }),
    isBase64Encoded: request.body.length > 0 && base64,
  };
}

/**
 * These belong to one hop, not to the request. Cookies are elsewhere in an event, and no function
 * reads them.
 */
const LEFT_OUT = [
  'connection',
  'cookie',
  'expect',
  'keep-alive',
  'te',
  'transfer-encoding',
  'upgrade',
];

function readHeaders(
  { rawHeaders, sourceIp, port }: HttpRequest,
  { traceId }: EventContext,
): Record<string, string> {
  const received = rawHeaders.flatMap((header, index) =>
    index % 2 === 0 ? [[header.toLowerCase(), rawHeaders[index + 1] ?? ''] as const] : [],
  );
  return {
    'x-amzn-trace-id': traceId,
    ...commaJoined([
      ...received.filter(([name]) => !LEFT_OUT.includes(name)),
      ['x-forwarded-for', sourceIp],
    ]),
    'x-forwarded-port': String(port),
    'x-forwarded-proto': 'http',
  };
}

function commaJoined(pairs: (readonly [string, string])[]): Record<string, string> {
  const joined = new Map<string, string>();
  for (const [name, value] of pairs) {
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(joined);
}

/** Everything else is binary to an HTTP API: a form, a body without a type, a compressed one. */
function isText({
  'content-type': contentType = '',
  'content-encoding': encoding,
}: Record<string, string>): boolean {
  const [type = ''] = contentType.toLowerCase().split(';');
  return (
    encoding === undefined &&
    /^(text\/.+|application\/(json|javascript|xml|[^ ]+\+(json|xml)))$/.test(type.trim())
  );
}

function iamContext({ accessKeyId, arn, userId }: Principal) {
  return {
    accessKey: accessKeyId,
    accountId: LOCAL_ACCOUNT,
    callerId: userId,
    cognitoIdentity: null,
    principalOrgId: null,
    userArn: arn,
    userId,
  };
}

/** `12/Mar/2020:19:03:58 +0000` */
function commonLogTime(time: Date): string {
  const [, day, month, year, clock] = time.toUTCString().split(' ');
  return `${day}/${month}/${year}:${clock} +0000`;
}

/** A request id in API Gateway's form: 15 characters of base64 and `=`. */
export function newRequestId(): string {
  return randomBytes(11).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}
