import { parseArguments, UsageError } from './arguments.ts';
import { type Credentials, type Signing, signedFetch } from './iam/signer.ts';
import { httpPort } from './ports.ts';

const USAGE = `Sends one invitation by POST /invites, signed with AWS Signature Version 4.

  npm run invite -- --channel C0PARTNER01 --email ada@partner.example

  --channel ID           the channel
  --email ADDRESS        the person, or
  --user ID              the person, by Slack user id
  --full-access          external_limited=false
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
      // A list, although one is all that is taken: the API says so of a second one.
      email: { type: 'string', multiple: true },
      user: { type: 'string', multiple: true },
      'full-access': { type: 'boolean' },
      async: { type: 'boolean' },
      resend: { type: 'string' },
      reference: { type: 'string' },
      url: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
    '--channel, --email, --user, --full-access, --async, --resend, --reference, --url and --help',
  );

/** The stack on this machine, or a deployed one with the caller's own credentials. */
const signingFor = (url: URL, env: NodeJS.ProcessEnv): Signing => {
  if (url.hostname === '127.0.0.1') {
    return {
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      region: 'us-east-1',
    };
  }
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = env;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
    throw new UsageError(
      '--url needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; "aws configure export-credentials --format env" prints them',
    );
  }
  const region =
    /\.execute-api\.([a-z0-9-]+)\./.exec(url.hostname)?.[1] ??
    (env.AWS_REGION || env.AWS_DEFAULT_REGION);
  if (!region) {
    throw new UsageError('the region is not in --url: set AWS_REGION or AWS_DEFAULT_REGION');
  }
  const credentials: Credentials = {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
  };
  return { credentials, region };
};

const readUrl = (text: string): URL => {
  const base = text.replace(/\/$/, '');
  if (!/^https?:\/\//i.test(base) || !URL.canParse(`${base}/invites`)) {
    throw new UsageError(
      `--url must be an address such as https://abc123.execute-api.us-east-1.amazonaws.com, not "${text}"`,
    );
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
  const { channel, email, user, resend, reference, url, help, ...rest } = readArguments(args);
  if (help) {
    console.log(USAGE);
    return 0;
  }
  const missing = [
    ...(channel === undefined ? ['--channel'] : []),
    ...(email || user ? [] : ['--email or --user']),
  ];
  if (missing.length > 0) {
    throw new UsageError(`Missing: ${missing.join(', and ')}.\n\n${USAGE}`);
  }
  const target = readUrl(url ?? `http://127.0.0.1:${httpPort(env)}`);
  const body = JSON.stringify({
    channel,
    ...(email && { emails: email }),
    ...(user && { user_ids: user }),
    ...(rest['full-access'] && { external_limited: false }),
    // What is no number goes as it is, for the API to say what it should be.
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
  console.log(`${response.status} ${response.statusText}`);
  console.log(pretty(await response.text()));
  return response.ok ? 0 : 1;
};

/** JSON on several lines; anything else, such as a proxy's page, as it came. */
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
