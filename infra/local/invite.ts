import { asksForHelp, npmTook, parseArguments, takenByNpm, UsageError } from './arguments.ts';
import { type Credentials, type Signing, signedFetch } from './iam/signer.ts';
import { httpPort } from './ports.ts';

const EXAMPLE = 'npm run invite -- --channel C0PARTNER01 --email ada@partner.example';

const USAGE = `Sends one invitation by POST /invites, signed with AWS Signature Version 4.

  ${EXAMPLE}

  --channel ID           the channel
  --email ADDRESS        the person, or
  --user ID              the person, by Slack user id
  --full-access          external_limited=false
  --dry-run              say what would happen, and do nothing
  --async                do not wait: the workflow sends it when its turn comes
  --resend N             send another one; N is the invite's attempts
  --reference TEXT       your own id for the person or ticket
  --url URL              the ApiUrl of a deployed stack, called with the credentials of
                         AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN;
                         AWS_REGION or AWS_DEFAULT_REGION says where a domain of your own is;
                         without --url, the stack on this machine, at PORT`;

const readArguments = (args: string[]) =>
  parseArguments(
    args,
    {
      channel: { type: 'string' },
      // A list, although only one is accepted: the API explains that when there is a second one.
      email: { type: 'string', multiple: true },
      user: { type: 'string', multiple: true },
      'full-access': { type: 'boolean' },
      'dry-run': { type: 'boolean' },
      async: { type: 'boolean' },
      resend: { type: 'string' },
      reference: { type: 'string' },
      url: { type: 'string' },
    },
    '--channel, --email, --user, --full-access, --dry-run, --async, --resend, --reference, --url and --help',
  );

/** @throws UsageError for options that stand before the "--". */
const refuseTaken = (args: string[], env: NodeJS.ProcessEnv): void => {
  const taken = takenByNpm(
    [
      ...['--channel', '--email', '--user', '--full-access'],
      ...['--dry-run', '--async', '--resend', '--reference', '--url'],
    ],
    env,
  );
  // An .npmrc may have an email of its own, which says nothing about this command line.
  const named = args.some((arg) => /^--(email|user)\b/.test(arg));
  if (taken.length === 0 || (named && taken.join() === '--email')) return;
  throw npmTook(taken, EXAMPLE);
};

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

const send = async (args: string[], env: NodeJS.ProcessEnv): Promise<number> => {
  if (asksForHelp(args)) {
    console.log(USAGE);
    return 0;
  }
  refuseTaken(args, env);
  const { channel, email, user, resend, reference, url, ...rest } = readArguments(args);
  const missing = [
    ...(channel === undefined ? ['--channel'] : []),
    ...(email || user ? [] : ['--email or --user']),
  ];
  if (missing.length > 0) {
    throw new UsageError(`Missing: ${missing.join(', and ')}.\n\n${USAGE}`);
  }
  const target = readUrl(url ?? `http://127.0.0.1:${httpPort(env)}`);
  if (rest['dry-run']) target.searchParams.set('dry_run', 'true');
  const body = JSON.stringify({
    channel,
    ...(email && { emails: email }),
    ...(user && { user_ids: user }),
    ...(rest['full-access'] && { external_limited: false }),
    // Anything but a number goes as it is, and the API says what it should be.
    ...(resend !== undefined && { resend: /^\d+$/.test(resend) ? Number(resend) : resend }),
    ...(reference !== undefined && { reference }),
  });
  const headers = {
    'content-type': 'application/json',
    ...(rest.async && { prefer: 'respond-async' }),
  };
  const response = await signedFetch(
    target,
    { method: 'POST', headers, body },
    signingFor(target, env),
  ).catch((error: Error) => {
    throw unreachable(target, error);
  });
  const text = await response.text();
  console.log(`${response.status} ${response.statusText}${whatNow(response, text)}`);
  console.log(pretty(text));
  return response.ok ? 0 : 1;
};

/** A hint for the first line: the number that the answer calls `retry_after`, or the likely mistake. */
const whatNow = ({ status, headers }: Response, text: string): string => {
  const seconds = headers.get('retry-after');
  if (seconds !== null) return `: try again in ${seconds} s`;
  // The gateway's own answer, not the function's.
  const isNoRoute = status === 404 && text === '{"message":"Not Found"}';
  return isNoRoute ? ": there is no POST /invites; --url takes the stack's ApiUrl" : '';
};

/** JSON on several lines. Anything else, such as a proxy's page, stays as it is. */
const pretty = (text: string): string => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
};

try {
  process.exitCode = await send(process.argv.slice(2), process.env);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
