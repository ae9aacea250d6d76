import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deliveryOf } from '../../functions/lambda/http-body-parser.ts';

/** An event of API Gateway, as far as it matters here. */
const event = (fields: Partial<APIGatewayProxyEventV2>, method = 'POST') =>
  ({
    headers: {},
    isBase64Encoded: false,
    requestContext: { http: { method } },
    ...fields,
  }) as APIGatewayProxyEventV2;

describe('a delivery', () => {
  test('has the headers that the gateway hands over', () => {
    const { headers } = deliveryOf(event({ headers: { 'x-signature': 'a,b' } }));
    expect(headers).toEqual({ 'x-signature': 'a,b' });
  });

  test.each(['GET', 'POST'])('is a %s', (method) => {
    expect(deliveryOf(event({}, method)).method).toBe(method);
  });

  test.each(['HEAD', 'PUT', 'get', ''])('is no handshake as %s', (method) => {
    expect(deliveryOf(event({}, method)).method).toBe('POST');
  });

  test('has an empty body where there is none', () => {
    expect(deliveryOf(event({})).body).toEqual(Buffer.alloc(0));
    expect(deliveryOf(event({ isBase64Encoded: true })).body).toEqual(Buffer.alloc(0));
  });

  test('has no headers where there are none', () => {
    const bare = { isBase64Encoded: false, requestContext: { http: { method: 'POST' } } };
    const { headers } = deliveryOf(bare as APIGatewayProxyEventV2);
    expect(headers).toEqual({});
  });

  test('has the bytes that were sent, whichever way the gateway hands them over', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string({ unit: 'grapheme' }), (bytes, text) => {
        const body = Buffer.from(bytes).toString('base64');
        expect(deliveryOf(event({ body, isBase64Encoded: true })).body).toEqual(Buffer.from(bytes));
        expect(deliveryOf(event({ body: text })).body).toEqual(Buffer.from(text, 'utf8'));
      }),
    );
  });

  test('does not take text for base64, nor base64 for text', () => {
    expect(deliveryOf(event({ body: 'e30=' })).body.toString()).toBe('e30=');
    expect(deliveryOf(event({ body: 'e30=', isBase64Encoded: true })).body.toString()).toBe('{}');
  });
});
