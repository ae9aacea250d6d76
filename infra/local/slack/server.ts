import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { logUnexpected } from '../../../functions/telemetry/observation.ts';
import { type Listening, listen } from '../lib/http.ts';
import { type Body, onClientError, readBody } from './body.ts';
import { NAMES } from './connect-methods.ts';
import { type Beside, createLive, type Live, snapshot } from './live.ts';
import { methodOf } from './methods.ts';
import { pageFile } from './page.ts';
import { serveSandbox } from './sandbox.ts';
import { createState, type StartOptions, type State } from './state.ts';
import { callMethod } from './web-api.ts';

/** Its `close` also ends hanging and delayed calls. */
export type LocalSlack = Listening & {
  /** What a client uses in place of `https://slack.com/api/`. */
  apiUrl: string;
};

/**
 * How much clients can take up, however they behave: options of Node's HTTP server, times in ms.
 * The size of a body is limited in body.ts, the lists that are kept in state.ts, watching pages in
 * live.ts.
 */
export const LIMITS = {
  /** One more is closed at once. */
  maxConnections: 250,
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  /** Longer than the wait for the body, so a slow body is answered as Slack answers it. */
  requestTimeout: 20_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 5_000,
  /** Without a byte either way. Longer than a fault can delay an answer. */
  timeout: 660_000,
};

/**
 * Starts a local Slack on 127.0.0.1: under `/api/` the methods of connect-methods.ts and
 * `conversations.inviteShared` as their pages describe them, over a world of its own; `/sandbox/…`
 * to inspect and change it; and at `/` a page that shows it.
 *
 * @param options.port 0 takes a free one.
 * @param options.log takes a line for each call of a method that is not there.
 * @param options.beside the stack that calls it, if the page is to tell of one.
 * @throws the error of Node when the port cannot be had (`code` is `EADDRINUSE` when it is taken).
 */
export async function startLocalSlack({
  port,
  log = () => {},
  beside,
  ...settings
}: {
  port: number;
  log?: (line: string) => void;
  beside?: Beside;
} & StartOptions): Promise<LocalSlack> {
  let state = createState(settings);
  let forgotten: Promise<void> | undefined;
  const reset = () => {
    state.events.stop();
    state = createState(settings);
    forgotten = beside?.forget();
  };
  const closing = new AbortController();
  const live = createLive(() => snapshot(state, beside));

  const server = createServer(LIMITS, (request, response) => {
    serve(request, response, {
      state,
      reset,
      isForgotten: () => forgotten,
      live,
      log,
      closing: closing.signal,
    }).catch((error: unknown) => {
      // The client left, or close() was called: there is nobody to answer.
      if (request.destroyed && !request.complete) return;
      if (closing.signal.aborted) return;
      logUnexpected(error);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });

  server.on('clientError', onClientError);
  server.maxConnections = LIMITS.maxConnections;
  server.timeout = LIMITS.timeout;

  const listening = await listen(server, port);
  return {
    ...listening,
    apiUrl: `${listening.url}/api/`,
    close() {
      closing.abort();
      state.events.stop();
      return listening.close();
    },
  };
}

type Running = {
  state: State;
  reset: () => void;
  /** Resolves when the stack beside it has forgotten, too. */
  isForgotten: () => Promise<void> | undefined;
  live: Live;
  log: (line: string) => void;
  closing: AbortSignal;
};

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  { state, reset, isForgotten, live, log, closing }: Running,
): Promise<void> {
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? '' : target.slice(mark + 1);
  const method = request.method ?? '';

  if (!path.startsWith(API)) {
    const body = await readBody(request);
    if (method === 'GET' && path === '/page/live') return live.watch(response);
    const file = method === 'GET' || method === 'HEAD' ? pageFile(path) : undefined;
    const answer = file ?? serveSandbox(method, path, body, state, reset);
    await isForgotten();
    send(response, body, answer);
    return live.changed();
  }
  if (method !== 'GET' && method !== 'POST') {
    return send(response, await readBody(request), METHOD_NOT_ALLOWED);
  }

  const name = path.slice(API.length);
  const called = methodOf(name);
  if (called === 'unknown_method') {
    const shown = /^[\w.]{1,60}$/.test(name) ? name : '…';
    log(`there is no method ${shown} here, only ${NAMES.join(', ')}`);
  }
  state.counters.arrived(called);
  const body = await readBody(request);
  const { authorization, 'content-type': contentType } = request.headers;
  const wire = { method, query, authorization, contentType, body };
  const reaction = await callMethod(called, wire, state, closing);
  live.changed();
  if (reaction === 'hang') return;
  if (reaction === 'drop') request.socket.destroy();
  else send(response, body, reaction);
}

const API = '/api/';

/** Slack documents GET and POST, and no code for anything else. */
const METHOD_NOT_ALLOWED = {
  status: 405,
  headers: { allow: 'GET, POST', 'content-type': 'text/plain; charset=utf-8' },
  body: 'The Web API takes GET and POST.\n',
};

function send(
  response: ServerResponse,
  request: Body,
  { status, headers, body }: { status: number; headers: Record<string, string>; body: string },
): void {
  // The rest of an unfinished body must not be taken for the next request.
  if (!request.complete) response.setHeader('connection', 'close');
  response.statusCode = status;
  response.setHeaders(new Map(Object.entries(headers)));
  response.end(body);
}
