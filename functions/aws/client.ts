import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { urlToHttpOptions } from 'node:url';
import aws4 from 'aws4';
import type { Abortable } from '../invites/invocation.ts';
import { loopbackUrl } from '../lib/text.ts';
import {
  AWS_ANSWER_MS,
  AWS_ATTEMPTS,
  AWS_CLOCK_SKEW_MS,
  AWS_CONNECT_MS,
  AWS_PAUSE_MS,
} from '../lib/times.ts';
import { AwsError, errorOf } from './failure.ts';

/**
 * Carries out one operation of one service: a signed request with a JSON body, and its answer.
 *
 * @throws AwsError by the name that AWS gives it; `TimeoutError`, `AbortError` or an error of Node's
 *   where there was no answer.
 */
export type AwsClient = <Output>(
  operation: string,
  input: object,
  invocation: Abortable,
) => Promise<Output>;

/** @see https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html */
const SERVICES = {
  dynamodb: { target: 'DynamoDB_20120810', endpoint: 'AWS_ENDPOINT_URL_DYNAMODB', json: '1.0' },
  states: { target: 'AWSStepFunctions', endpoint: 'AWS_ENDPOINT_URL_SFN', json: '1.0' },
  events: { target: 'AWSEvents', endpoint: 'AWS_ENDPOINT_URL_EVENTBRIDGE', json: '1.1' },
} as const;

/**
 * A client of DynamoDB, Step Functions or EventBridge. AWS's SDK takes a cold start some 40 ms of a processor to
 * load and 16 for its first request; this one signs by `aws4` with the credentials of the environment, and keeps
 * the SDK's rules: what is repeated, and whose clock counts.
 *
 * @param environment the process's, unless told otherwise.
 */
export const awsClient = (
  service: keyof typeof SERVICES,
  environment: NodeJS.ProcessEnv = process.env,
): AwsClient => {
  const url = endpointOf(service, environment);
  const target = urlToHttpOptions(url);
  const { target: prefix, json } = SERVICES[service];
  const region = environment.AWS_REGION ?? '';
  let skewMs = 0;

  /** Sets the clock by AWS's. @returns whether it was wrong. */
  const setClock = ({ date = '' }: IncomingHttpHeaders): boolean => {
    const offMs = Date.parse(date) - (Date.now() + skewMs);
    const isWrong = Math.abs(offMs) >= AWS_CLOCK_SKEW_MS;
    if (isWrong) skewMs += offMs;
    return isWrong;
  };

  const attempt = async (
    operation: string,
    body: string,
    options: Pick<PostOptions, 'signal' | 'fresh'>,
  ): Promise<unknown> => {
    const unsigned = {
      host: url.host,
      'content-type': `application/x-amz-json-${json}`,
      'x-amz-target': `${prefix}.${operation}`,
      'x-amz-date': amzDate(Date.now() + skewMs),
      ...traceHeader(environment),
    };
    const { headers } = aws4.sign(
      { service, region, method: 'POST', path: url.pathname, headers: unsigned, body },
      credentialsOf(environment),
    );
    const answer = await post(target, body, { headers, ...options });
    const clockWasWrong = setClock(answer.headers);
    if (answer.status === 200) return JSON.parse(answer.body);
    throw errorOf(answer, clockWasWrong);
  };

  return async <Output>(operation: string, input: object, { signal }: Abortable) => {
    const body = JSON.stringify(input);
    for (let tries = 1; ; tries += 1) {
      try {
        return (await attempt(operation, body, { signal, fresh: tries > 1 })) as Output;
      } catch (error) {
        const pauseMs = error instanceof AwsError ? error.pauseMs : AWS_PAUSE_MS;
        if (tries === AWS_ATTEMPTS || pauseMs === undefined || signal.aborted) throw error;
        // At random: not all that were turned away at once come back at once.
        await new Promise((resolve) => setTimeout(resolve, Math.random() * pauseMs));
      }
    }
  };
};

/** Where AWS serves the region; or the address of a local run, for which see `loopbackUrl`. */
const endpointOf = (service: keyof typeof SERVICES, environment: NodeJS.ProcessEnv): URL => {
  const { endpoint } = SERVICES[service];
  const override = environment[endpoint];
  if (override) return loopbackUrl(endpoint, override);
  const region = environment.AWS_REGION ?? '';
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return new URL(`https://${service}.${region}.${domain}/`);
};

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
const amzDate = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\.\d+/g, '');

/** What a role's session signs with. */
export type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

/** Those of the function's role, as Lambda hands them over. @throws AwsError */
export const credentialsOf = ({
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  AWS_SESSION_TOKEN: sessionToken,
}: NodeJS.ProcessEnv): Credentials => {
  if (!accessKeyId || !secretAccessKey) throw new AwsError('CredentialsProviderError');
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
};

/** Joins what a request starts to the trace of the invocation. */
const traceHeader = ({ _X_AMZN_TRACE_ID: trace }: NodeJS.ProcessEnv) =>
  trace ? { 'x-amzn-trace-id': trace } : {};

// An ES import of node:http would evaluate all of Node's built-in undici, at every cold start.
const http = process.getBuiltinModule('node:http');
const https = process.getBuiltinModule('node:https');
const BY_PROTOCOL = {
  'https:': { request: https.request, agent: new https.Agent({ keepAlive: true }) },
  // Of a local run.
  'http:': { request: http.request, agent: new http.Agent({ keepAlive: true }) },
};

type Answer = { status: number; headers: IncomingHttpHeaders; body: string };

type PostOptions = {
  headers: OutgoingHttpHeaders;
  signal: AbortSignal;
  /** Over a connection of its own: after a freeze, all those that were kept may be dead. */
  fresh: boolean;
};

/**
 * Sends one POST. Over a kept connection its outcome may stay unknown, and AWS is asked again; for
 * what must not be repeated, see `lib/exchange.ts`.
 */
const post = async (
  target: ReturnType<typeof urlToHttpOptions>,
  body: string,
  { headers, signal, fresh }: PostOptions,
): Promise<Answer> => {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const { request, agent } = BY_PROTOCOL[target.protocol as keyof typeof BY_PROTOCOL];
  if (signal.aborted) throw new AwsError('AbortError');
  const outgoing = request({ ...target, method: 'POST', headers, agent: fresh ? false : agent });
  const end = (name: string, pauseMs?: number) => {
    reject(new AwsError(name, pauseMs));
    outgoing.destroy();
  };
  const giveUp = () => end('TimeoutError', AWS_PAUSE_MS);
  // Node's own way, the option `signal`, takes ten times as long.
  const abort = () => end('AbortError');
  signal.addEventListener('abort', abort);
  let connecting: NodeJS.Timeout | undefined;
  const answering = setTimeout(giveUp, AWS_ANSWER_MS);

  outgoing.on('error', reject);
  outgoing.once('socket', (socket) => {
    if (!socket.connecting) return;
    connecting = setTimeout(giveUp, AWS_CONNECT_MS);
    socket.once('connect', () => clearTimeout(connecting));
  });
  outgoing.once('response', (incoming) => {
    const { statusCode: status = 0, headers } = incoming;
    let text = '';
    incoming.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    incoming.on('error', reject).once('end', () => resolve({ status, headers, body: text }));
  });
  outgoing.end(body);
  try {
    return await promise;
  } finally {
    clearTimeout(connecting);
    clearTimeout(answering);
    signal.removeEventListener('abort', abort);
  }
};
