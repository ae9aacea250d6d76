import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { invalidFields, ownError } from '../errors/invite-error.ts';
import type { Delivery } from '../webhooks/delivery.ts';

/** What of an HTTP API event (payload 2.0) carries the body. Header names are in lower case. */
type BodyEvent = {
  headers: Record<string, string | undefined>;
  body?: string | undefined;
  isBase64Encoded: boolean;
};

const MAX_BYTES = 16 * 1024;
const FORM = 'application/x-www-form-urlencoded';
/** Labels of UTF-8, and of what is a part of it. @see https://encoding.spec.whatwg.org/#names-and-labels */
const UTF_8 = ['', 'utf-8', 'utf8', 'unicode-1-1-utf-8', 'us-ascii', 'ascii'];
const JSON_TYPE = /^application\/(json|[\w.+-]+\+json)$/;

/**
 * Reads a JSON or form body into what `parseRequest` takes.
 * @throws InviteError `InvalidRequest` with the status 415, 413, 400 or 422.
 */
export const readBody = ({ headers, body = '', isBase64Encoded }: BodyEvent): unknown => {
  const [type, charset] = mediaType(headers['content-type'] ?? '');
  const isForm = type === FORM;
  if (!isForm && !JSON_TYPE.test(type)) {
    throw unsupported(type ? 'is of another type than JSON or a form' : 'has no content-type');
  }
  // RFC 8259, section 11: JSON has no charset parameter, and adding one has no effect.
  if (isForm && !UTF_8.includes(charset))
    throw unsupported('is a form in another charset than UTF-8');
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? '';
  if (encoding !== '' && encoding !== 'identity') {
    throw unsupported('is compressed, or says so in content-encoding');
  }
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > MAX_BYTES) {
    throw ownError('body_too_large', { limit: MAX_BYTES });
  }
  if (bytes.length === 0) throw ownError('unreadable_body', { problem: 'is empty' });
  const text = decode(bytes);
  return isForm ? readForm(text) : readJson(text);
};

const unsupported = (problem: string) => ownError('unsupported_media_type', { problem });

const mediaType = (header: string): [type: string, charset: string] => {
  const [type = '', ...parameters] = header.toLowerCase().split(';');
  const charset = parameters.map((text) => text.trim()).find((text) => text.startsWith('charset='));
  return [type.trim(), charset?.slice('charset='.length).replaceAll(/["']/g, '').trim() ?? ''];
};

const decode = (bytes: Buffer): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw ownError('unreadable_body', { problem: 'is not valid UTF-8' });
  }
};

const readJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    const at = firstMistake(text);
    const what = at > text.length ? 'it ends too early' : `the first mistake is at character ${at}`;
    throw ownError('unreadable_body', { problem: `is not valid JSON: ${what}` });
  }
};

/**
 * The parser's own message would quote the body, and often leaves the place out.
 * @returns the place of the character that no JSON has after those before it, counted from 1.
 */
const firstMistake = (text: string): number => {
  let [good, bad] = [0, text.length + 1];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (middle <= text.length && canGoOn(text.slice(0, middle))) good = middle;
    else bad = middle;
  }
  return bad;
};

/** Whether a text is JSON, or could become JSON if more followed. */
const canGoOn = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const { message } = error as Error;
    if (message.startsWith('Unexpected token')) return false;
    const [, at] = /position (\d+)/.exec(message) ?? [];
    return at === undefined || Number(at) === text.length;
  }
};

/** A form has only strings: lists come as JSON text, as Slack's own SDK writes them. */
const readForm = (text: string): Record<string, unknown> => {
  // What curl sends with -d and no content-type. No field begins like this.
  if (/^\s*[[{]/.test(text)) {
    throw unsupported('looks like JSON but calls itself a form');
  }
  const form = new URLSearchParams(text);
  if (!/\ufffd|%ef%bf%bd/i.test(text) && String(form).includes('%EF%BF%BD')) {
    throw ownError('unreadable_body', { problem: 'is not valid UTF-8' });
  }
  if (form.size === 0) throw ownError('unreadable_body', { problem: 'is an empty form' });
  const fields = new Map<string, string>();
  const twice = new Set<string>();
  for (const [name, value] of form) {
    if (fields.has(name)) twice.add(name);
    fields.set(name, value);
  }
  if (twice.size > 0) {
    const detail = 'is given more than once; give it once';
    throw invalidFields([...twice].map((field) => ({ field, detail })));
  }
  return Object.fromEntries([...fields].map(([name, value]) => [name, fieldOf(name, value)]));
};

const fieldOf = (name: string, text: string): unknown => {
  switch (name) {
    case 'emails':
    case 'user_ids':
      return text.trimStart().startsWith('[') ? (listOf(text) ?? text) : text;
    case 'external_limited':
      return BOOLEANS.get(text.trim().toLowerCase()) ?? text;
    case 'resend':
      return /^\s*\d{1,15}\s*$/.test(text) ? Number(text) : text;
    default:
      return text;
  }
};

/** As Slack reads them: Python and .NET write `True`. */
const BOOLEANS = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

const listOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

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
