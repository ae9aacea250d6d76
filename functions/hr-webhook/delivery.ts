import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Delivery } from '../webhooks/delivery.ts';

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
