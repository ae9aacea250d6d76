import { UsageError } from '../command-line/arguments.ts';
import { type Credentials, type Signing, signedFetch } from '../local/iam/signer.ts';
import { httpPort } from '../local/ports.ts';

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];
const LOCAL = { accessKeyId: 'local', secretAccessKey: 'local' };

/** The stack on this machine, or a deployed one with the caller's own credentials. */
const signingFor = (url: URL, env: NodeJS.ProcessEnv): Signing => {
  if (LOOPBACK.includes(url.hostname)) return { credentials: LOCAL, region: 'us-east-1' };
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = env;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
    throw new UsageError(
      '--url needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (with temporary credentials, AWS_SESSION_TOKEN too); "aws configure export-credentials --format env" of AWS CLI 2 prints them, with version 1 set them yourself',
    );
  }
  if (AWS_ACCESS_KEY_ID === LOCAL.accessKeyId) {
    throw new UsageError(
      'AWS_ACCESS_KEY_ID is that of the local run: unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_DEFAULT_REGION AWS_ENDPOINT_URL, and set the credentials of the deployed stack',
    );
  }
  const region =
    /\.execute-api\.([a-z0-9-]+)\./.exec(url.hostname)?.[1] ??
    (env.AWS_REGION || env.AWS_DEFAULT_REGION);
  if (!region) {
    throw new UsageError('The region is not in --url: set AWS_REGION or AWS_DEFAULT_REGION');
  }
  const credentials: Credentials = {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
  };
  return { credentials, region };
};

const readUrl = (text: string): URL => {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash) {
    throw new UsageError(
      `--url must be an address such as https://abc123.execute-api.us-east-1.amazonaws.com, not "${text}"`,
    );
  }
  const base = url.href.replace(/\/+$/, '');
  if (base.endsWith('/invites')) {
    throw new UsageError(`--url takes the stack's ApiUrl alone: leave "/invites" out`);
  }
  return new URL(`${base}/invites`);
};

/** Why nothing came back, in one line. */
const unreachable = ({ origin }: URL, { cause, message }: Error): UsageError => {
  const { code, message: reason = message } = (cause ?? {}) as Partial<NodeJS.ErrnoException>;
  if (code === 'ECONNREFUSED') {
    return new UsageError(
      `Nothing listens at ${origin}: is "npm start" running? On another port, say so, as in PORT=3100 npm run invite -- …`,
    );
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new UsageError(`${origin} cannot be reached: the name does not resolve. Check --url`);
  }
  return new UsageError(`${origin} cannot be reached: ${reason}`);
};

/**
 * Calls the HTTP door of the stack on this machine, or of a deployed one.
 * @param url the stack's ApiUrl, as given with `--url`; left out: this machine.
 * @throws UsageError in words for the person at the command line.
 */
export const callInvites = async (
  url: string | undefined,
  env: NodeJS.ProcessEnv,
  { query = {}, ...init }: Parameters<typeof signedFetch>[1] & { query?: Record<string, string> },
): Promise<Response> => {
  const target = readUrl(url ?? `http://127.0.0.1:${httpPort(env)}`);
  for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value);
  return signedFetch(target, init, signingFor(target, env)).catch((error: Error) => {
    throw unreachable(target, error);
  });
};
