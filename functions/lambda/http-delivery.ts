import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { InviteError } from '../errors/invite-error.ts';
import type { Delivery } from '../webhooks/delivery.ts';
import type { HttpResponse } from './http-error-handler.ts';

// Not by an ES import, which costs a cold start 19 ms: see aws/client.ts.
const { STATUS_CODES } = process.getBuiltinModule('node:http');

/** The request as it was sent: the gateway hands binary bodies over in base64. */
export const deliveryOf = (event: APIGatewayProxyEventV2): Delivery => {
  const { headers = {}, body = '', isBase64Encoded, requestContext, queryStringParameters } = event;
  return {
    method: requestContext.http.method === 'GET' ? 'GET' : 'POST',
    headers,
    query: queryStringParameters ?? {},
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
  };
};

/** As the gateway answers for itself: the sender may be anybody. */
export const plainErrorResponse = ({
  status,
  facts: { retryAfter },
}: InviteError): HttpResponse => ({
  statusCode: status,
  headers: {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
  },
  body: JSON.stringify({ message: STATUS_CODES[status] }),
});
