/**
 * @typedef {{ token: string } & Record<string, unknown>} Call
 * @typedef {{ method: string, path: string, headers: Record<string, string>, body: string }} Written
 * @typedef {{ request: Call | Written } | { fault: object }} Trigger
 */

const PATH = '/api/conversations.inviteShared';
const TIMEOUT_MS = 10_000;

/**
 * @param {Trigger} trigger
 * @param {Call} good a request that is accepted.
 * @returns {Written[]} the HTTP requests that lead to the answer, the last one is the call.
 */
export function requestsFor(trigger, good) {
  if ('fault' in trigger) {
    const body = JSON.stringify({ times: 1, ...trigger.fault });
    return [{ method: 'POST', path: '/sandbox/faults', headers: {}, body }, asJson(good)];
  }
  const { request } = trigger;
  return [isWritten(request) ? request : asJson(request)];
}

/**
 * Whether an answer comes to the reader's own channel and address.
 * @param {string} code
 * @param {Record<string, Trigger>} triggers
 */
export const takesOwn = (code, triggers) => {
  const trigger = triggers[code];
  return code === 'ok' || (trigger !== undefined && 'fault' in trigger);
};

/**
 * The answers that can be provoked, each group in the order of the alphabet.
 * @param {Record<string, Trigger>} triggers
 */
export const answerGroups = (triggers) => {
  const codes = Object.keys(triggers).filter((code) => code !== 'ok');
  codes.sort();
  return [
    { label: 'a fault, for this call', codes: codes.filter((code) => takesOwn(code, triggers)) },
    { label: 'by a call of its own', codes: codes.filter((code) => !takesOwn(code, triggers)) },
  ];
};

/** @param {Call | Written} request @returns {request is Written} */
const isWritten = (request) => typeof request.method === 'string';

/** @param {Call} call @returns {Written} */
const asJson = ({ token, ...fields }) => ({
  method: 'POST',
  path: PATH,
  headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(fields),
});

/** @param {Written[]} requests */
export const asCurl = (requests) =>
  requests
    .map(({ path, headers, body }) =>
      [
        `curl -sS ${location.origin}${path}`,
        ...Object.entries(headers).map(headerOption),
        `--data-raw ${quoted(body)}`,
      ].join(' \\\n  '),
    )
    .join('\n');

/**
 * For a header without a value, curl wants a semicolon.
 * @param {[string, string]} header
 */
const headerOption = ([name, value]) =>
  `-H ${quoted(value === '' ? `${name};` : `${name}: ${value}`)}`;

/** @param {string} text */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * Sends the requests.
 * @param {Written[]} requests
 * @returns {Promise<{ title: string, text: string }>} the answer to the last one.
 */
export async function send(requests) {
  try {
    /** @type {Response | undefined} */
    let response;
    for (const { path, ...init } of requests) {
      response = await fetch(path, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    }
    if (!response) return { title: '', text: '' };
    const wait = response.headers.get('retry-after');
    const title = `HTTP ${response.status}${wait === null ? '' : ` · Retry-After: ${wait}`}`;
    return { title, text: indented(await response.text()) };
  } catch (error) {
    const late = error instanceof DOMException && error.name === 'TimeoutError';
    return { title: late ? 'No answer within 10 seconds' : 'Closed without an answer', text: '' };
  }
}

/** @param {string} text */
const indented = (text) => {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
};
