import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readBody } from '../lib/http.ts';
import { MAX_RESPONSE_BYTES, type Outcome, responseTooLarge, unhandled } from './errors.ts';

/** One invocation as the Runtime API hands it to the process. */
export type Invocation = {
  requestId: string;
  functionArn: string;
  /** Milliseconds since 1970. */
  deadlineMs: number;
  traceId: string;
  payload: Buffer;
};

/** What the process says. */
export type RuntimeListener = {
  /** It asks for an invocation. */
  onNext(): void;
  /** It has the outcome of the current one, or could not load the function, which ends it too. */
  onOutcome(outcome: Outcome): void;
};

export type RuntimeApi = {
  /** Host and port. */
  address: string;
  /** Answers the pending question for an invocation. */
  deliver(invocation: Invocation): void;
  close(): void;
};

const PREFIX = '/2018-06-01/runtime';

/**
 * The Lambda Runtime API (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html) of one
 * execution environment, on a port of its own. It takes one connection, so nobody else can ask for
 * the environment's invocations or answer them.
 */
export async function startRuntimeApi(listener: RuntimeListener): Promise<RuntimeApi> {
  let waiting: ServerResponse | undefined;
  let currentRequestId: string | undefined;

  // A process that is frozen keeps its connection silent for as long as it takes.
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  server.maxConnections = 1;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return { address: `127.0.0.1:${port}`, deliver, close };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = `${request.method} ${request.url?.replace(PREFIX, '')}`;
    if (route === 'GET /invocation/next') {
      waiting = response;
      listener.onNext();
      return;
    }
    const body = await readBody(request, MAX_RESPONSE_BYTES);
    switch (route) {
      case `POST /invocation/${currentRequestId}/response`:
        return accept(response, body && { payload: body });
      case `POST /invocation/${currentRequestId}/error`:
      case 'POST /init/error':
        return accept(response, body && { payload: body, functionError: 'Unhandled' });
      default:
        reply(response, 400, {
          errorType: 'InvalidRequestID',
          errorMessage: 'Invalid request ID',
        });
    }
  }

  function accept(response: ServerResponse, outcome: Outcome | undefined): void {
    listener.onOutcome(outcome ?? unhandled(responseTooLarge()));
    if (outcome) {
      reply(response, 202, { status: 'OK' });
    } else {
      reply(response, 413, {
        errorType: 'RequestEntityTooLarge',
        errorMessage: `Exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`,
      });
    }
  }

  function deliver(invocation: Invocation): void {
    currentRequestId = invocation.requestId;
    waiting?.writeHead(200, {
      'content-type': 'application/json',
      'content-length': invocation.payload.length,
      'lambda-runtime-aws-request-id': invocation.requestId,
      'lambda-runtime-deadline-ms': invocation.deadlineMs,
      'lambda-runtime-invoked-function-arn': invocation.functionArn,
      'lambda-runtime-trace-id': invocation.traceId,
    });
    waiting?.end(invocation.payload);
    waiting = undefined;
  }

  function close(): void {
    server.close();
    server.closeAllConnections();
  }
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
