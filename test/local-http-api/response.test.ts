import { describe, expect, test } from 'vitest';
import { toResponse } from '../../infra/local/http-api/response.ts';

function respond(result: unknown) {
  const response = toResponse(Buffer.from(JSON.stringify(result)));
  return response && { ...response, body: response.body.toString() };
}

test("a response has the function's status, headers and body", () => {
  const response = respond({
    statusCode: 201,
    headers: { 'Content-Type': 'application/json', 'X-Count': 3 },
    body: '{"ok":true}',
  });
  expect(response).toEqual({
    status: 201,
    headers: [
      ['content-type', 'application/json'],
      ['x-count', '3'],
    ],
    body: '{"ok":true}',
  });
});

test('a body without a content type is text', () => {
  expect(respond({ statusCode: 200, body: 'hello' })?.headers).toEqual([
    ['content-type', 'text/plain;charset=UTF-8'],
  ]);
});

test('a response without a body has no content type', () => {
  expect(respond({ statusCode: 204 })).toEqual({ status: 204, headers: [], body: '' });
});

test("headers of the connection are the gateway's own", () => {
  const headers = { 'Content-Length': '999', Connection: 'close', 'Transfer-Encoding': 'chunked' };
  expect(respond({ statusCode: 200, headers })?.headers).toEqual([]);
});

describe('malformed is', () => {
  test.each([
    ['a status that is no number', { statusCode: 'ok' }],
    ['a status out of range', { statusCode: 99 }],
    ['a body that is no string', { statusCode: 200, body: { a: 1 } }],
    ['headers that are no object', { statusCode: 200, headers: ['a'] }],
    ['a cookie', { statusCode: 200, cookies: ['a=1'] }],
    ['a body in base64', { statusCode: 200, body: 'AP8B', isBase64Encoded: true }],
    ['a result without a status', { id: 1 }],
    ['nothing', null],
    ['a header with a line break', { statusCode: 200, headers: { 'x-a': 'b\r\nx-c: d' } }],
    ["a header's name with a blank", { statusCode: 200, headers: { 'x a': 'b' } }],
  ])('%s', (_, result) => {
    expect(respond(result)).toBeUndefined();
  });
});
