import { Agent, request } from 'node:http';

const PREFIX = '/2018-06-01/runtime';

/**
 * The client's side of the Runtime API (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html).
 * One connection, kept for the life of the process.
 *
 * @param {string} address host and port, as in AWS_LAMBDA_RUNTIME_API
 */
export function createRuntimeClient(address) {
  const [hostname, port] = address.split(':');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });

  return { next, respond, fail, failInit };

  /** Waits for an invocation. The wait has no limit: the process is frozen meanwhile. */
  async function next() {
    const { headers, body } = await send('GET', '/invocation/next');
    return { headers, event: JSON.parse(body) };
  }

  /**
   * @param {string} requestId
   * @param {unknown} result
   */
  async function respond(requestId, result) {
    await post(`/invocation/${requestId}/response`, serialize(result), 'success');
  }

  /**
   * @param {string} requestId
   * @param {unknown} error
   */
  async function fail(requestId, error) {
    await post(`/invocation/${requestId}/error`, serialize(errorResponse(error)), 'failure');
  }

  /** @param {unknown} error */
  async function failInit(error) {
    await post('/init/error', serialize(errorResponse(error)), 'failure');
  }

  /**
   * The service decides what a refused answer means for the caller (a response that is too large);
   * the runtime only notes it and goes on.
   *
   * @param {string} path
   * @param {string} body
   * @param {'success' | 'failure'} outcome
   */
  async function post(path, body, outcome) {
    const { statusCode } = await send('POST', path, body);
    if (statusCode === 202) return;
    process.stderr.write(
      `LAMBDA_RUNTIME Failed to post handler ${outcome} response. Http response code: ${statusCode}.\n`,
    );
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {string} [body]
   * @returns {Promise<{statusCode: number | undefined, headers: import('node:http').IncomingHttpHeaders, body: string}>}
   */
  function send(method, path, body) {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    return new Promise((resolve, reject) => {
      const outgoing = request(
        { hostname, port, agent, method, path: PREFIX + path, headers },
        (incoming) => {
          let text = '';
          incoming.setEncoding('utf8');
          incoming.on('data', (chunk) => {
            text += chunk;
          });
          incoming.on('error', reject);
          incoming.on('end', () => {
            resolve({ statusCode: incoming.statusCode, headers: incoming.headers, body: text });
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
}

/** @param {unknown} value */
function serialize(value) {
  try {
    // undefined also stands for what JSON cannot say, such as a function.
    return JSON.stringify(value === undefined ? null : value) ?? 'null';
  } catch {
    throw new JSONStringifyError('Unable to stringify response body');
  }
}

/** Logs show the name of the class, callers get this one, as from AWS's runtime. */
class JSONStringifyError extends Error {
  /** @override */ name = 'Runtime.JSONStringifyError';
}

/**
 * What the caller of the function gets as its payload.
 *
 * @param {unknown} thrown
 */
function errorResponse(thrown) {
  return thrown instanceof Error
    ? { errorType: thrown.name, errorMessage: thrown.message, trace: thrown.stack?.split('\n') }
    : { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
}
