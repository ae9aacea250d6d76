import { validateHeaderName, validateHeaderValue } from 'node:http';

/** What goes back to the client. */
export type HttpResponse = {
  status: number;
  headers: [name: string, value: string][];
  body: Buffer;
};

/** These belong to the connection between gateway and client. A function may not set them. */
const GATEWAYS_OWN = ['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding'];

/**
 * Maps a function's result of payload format 2.0 to a response. Cookies, bodies in base64 and
 * results without a status are not understood here.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html#http-api-develop-integrations-lambda.response
 * @param payload the function's result in JSON
 * @returns undefined for a malformed result, which the gateway answers with 500
 */
export function toResponse(payload: Buffer): HttpResponse | undefined {
  const result: unknown = JSON.parse(payload.toString());
  if (!isRecord(result)) return undefined;
  const { statusCode: status, headers = {}, body = '', isBase64Encoded, ...others } = result;
  if (typeof status !== 'number' || !(status >= 200 && status <= 599)) return undefined;
  if (!isRecord(headers) || typeof body !== 'string') return undefined;
  if (isBase64Encoded === true || Object.keys(others).length > 0) return undefined;

  const pairs = Object.entries(headers)
    .map(([name, value]): [string, string] => [name.toLowerCase(), String(value)])
    .filter(([name]) => !GATEWAYS_OWN.includes(name));
  if (body !== '' && !pairs.some(([name]) => name === 'content-type')) {
    pairs.push(['content-type', 'text/plain;charset=UTF-8']);
  }
  return pairs.every(isSendable) ? { status, headers: pairs, body: Buffer.from(body) } : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSendable([name, value]: [string, string]): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}
