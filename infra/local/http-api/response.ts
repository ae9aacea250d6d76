import { validateHeaderName, validateHeaderValue } from 'node:http';

/** What goes back to the client. */
export type FrontResponse = {
  status: number;
  /** Name, value; a name comes more than once for cookies. */
  headers: [name: string, value: string][];
  body: Buffer;
};

/** Of the connection between gateway and client, so not the function's to say. */
const GATEWAYS_OWN = ['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding'];

/**
 * Maps a function's result of payload format 2.0 to a response.
 *
 * An object with `statusCode` is a response; anything else is the body of a 200 in JSON.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html#http-api-develop-integrations-lambda.response
 * @param payload the function's result in JSON
 * @returns undefined for a malformed result, which the gateway answers with 500
 */
export function toResponse(payload: Buffer): FrontResponse | undefined {
  const result = parse(payload);
  if (!isRecord(result) || !('statusCode' in result)) return inferred(result, payload);

  const { statusCode, headers = {}, cookies = [], body = '', isBase64Encoded = false } = result;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 200 || status > 599) return undefined;
  if (!isRecord(headers) || !Array.isArray(cookies) || typeof body !== 'string') return undefined;

  const pairs: [string, string][] = Object.entries(headers)
    .map(([name, value]): [string, string] => [name.toLowerCase(), String(value)])
    .filter(([name]) => !GATEWAYS_OWN.includes(name));
  pairs.push(...cookies.map((cookie): [string, string] => ['set-cookie', String(cookie)]));
  if (body !== '' && !pairs.some(([name]) => name === 'content-type')) {
    pairs.push(['content-type', 'text/plain;charset=UTF-8']);
  }
  if (!pairs.every(isSendable)) return undefined;
  return { status, headers: pairs, body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8') };
}

function parse(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString());
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function inferred(result: unknown, payload: Buffer): FrontResponse | undefined {
  if (result === undefined) return undefined;
  return {
    status: 200,
    headers: [['content-type', 'application/json']],
    body: typeof result === 'string' ? Buffer.from(result) : payload,
  };
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
