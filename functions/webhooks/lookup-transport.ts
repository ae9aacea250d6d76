import Client from 'undici/lib/dispatcher/client.js';

/** An answer as it came. */
export type LookupAnswer = { status: number; retryAfter: string | undefined; body: Buffer };

/** An answer that did not come, or is none. */
export type NoLookupAnswer = { failed: 'unreachable' | 'timeout' | 'too_large' };

/** Far more than one person's fields; an answer beyond it is none. */
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * One question over a connection of its own: a pooled one may have died while the function was frozen.
 * Redirects are not followed.
 *
 * @param body JSON to POST; left out: a GET.
 * @param timeoutMs from now until the whole answer is there.
 */
export const askOnce = async (
  url: URL,
  headers: Record<string, string>,
  body: string | undefined,
  timeoutMs: number,
): Promise<LookupAnswer | NoLookupAnswer> => {
  const hangUp = new AbortController();
  const client = new Client(url.origin, {
    allowH2: false,
    pipelining: 1,
    maxResponseSize: MAX_ANSWER_BYTES,
    // One timer covers it all: undici's own have half a second of resolution.
    headersTimeout: 0,
    bodyTimeout: 0,
    // Without the signal a connection that never comes about would outlive the call.
    connect: { timeout: 0, signal: hangUp.signal },
  });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    hangUp.abort();
    client.destroy();
  }, timeoutMs);

  const answer = new Promise<LookupAnswer>((resolve, reject) => {
    let status = 0;
    let retryAfter: string | undefined;
    const chunks: Buffer[] = [];
    client.dispatch(
      {
        path: url.pathname + url.search,
        method: body === undefined ? 'GET' : 'POST',
        headers,
        ...(body !== undefined && { body }),
      },
      {
        onRequestStart: () => undefined, // undici asks for it
        onResponseStart: (_controller, code, fields) => {
          status = code;
          retryAfter = [fields['retry-after']].flat()[0];
        },
        onResponseData: (_controller, chunk) => {
          chunks.push(chunk);
        },
        onResponseEnd: () => resolve({ status, retryAfter, body: Buffer.concat(chunks) }),
        onResponseError: (_controller, error) => reject(error),
      },
    );
  });

  try {
    return await answer;
  } catch (error) {
    if (timedOut) return { failed: 'timeout' };
    const { code } = error as { code?: string };
    return { failed: code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE' ? 'too_large' : 'unreachable' };
  } finally {
    clearTimeout(timer);
    client.destroy();
  }
};
