import { parseArgs } from 'node:util';
import { type Credentials, signedFetch } from './signed-fetch.ts';

const USAGE = `Sends one invitation by POST /invites, signed with AWS Signature Version 4.

  npm run invite -- --channel C0PARTNER01 --email ada@partner.example

  --channel ID           the channel
  --email ADDRESS        the person, or
  --user ID              the person, by Slack user id
  --full-access          external_limited=false
  --resend N             send another one; N is the invite's attempts
  --reference TEXT       your own id for the person or ticket
  --url URL              the ApiUrl of a deployed stack, called with the credentials of
                         AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN;
                         without it, the stack on this machine`;

const readArguments = () =>
  parseArgs({
    options: {
      channel: { type: 'string' },
      email: { type: 'string' },
      user: { type: 'string' },
      'full-access': { type: 'boolean' },
      resend: { type: 'string' },
      reference: { type: 'string' },
      url: { type: 'string' },
      help: { type: 'boolean' },
    },
  }).values;

/** The stack on this machine, or a deployed one with the caller's own credentials. */
const target = (url: string | undefined, env: NodeJS.ProcessEnv) => {
  if (url === undefined || url.startsWith('http://127.0.0.1:')) {
    const local: Credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    return {
      base: url ?? `http://127.0.0.1:${env.PORT || 3000}`,
      credentials: local,
      region: 'us-east-1',
    };
  }
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = env;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
    throw new Error(
      '--url needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; "aws configure export-credentials --format env" prints them',
    );
  }
  const region = /\.execute-api\.([a-z0-9-]+)\./.exec(url)?.[1] ?? env.AWS_REGION;
  if (!region) throw new Error('the region is not in --url: set AWS_REGION');
  const credentials: Credentials = {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
  };
  return { base: url, credentials, region };
};

const send = async (): Promise<number> => {
  const { channel, email, user, resend, reference, url, help, ...rest } = readArguments();
  if (help || !channel || !(email || user)) {
    console.error(USAGE);
    return help ? 0 : 1;
  }
  const { base, credentials, region } = target(url?.replace(/\/$/, ''), process.env);
  const body = JSON.stringify({
    channel,
    ...(email && { emails: [email] }),
    ...(user && { user_ids: [user] }),
    ...(rest['full-access'] && { external_limited: false }),
    ...(resend && { resend: Number(resend) }),
    ...(reference && { reference }),
  });
  const response = await signedFetch(
    new URL(`${base}/invites`),
    { method: 'POST', headers: { 'content-type': 'application/json' }, body },
    { credentials, region },
  );
  console.log(`${response.status} ${response.statusText}`);
  console.log(JSON.stringify(await response.json(), null, 2));
  return response.ok ? 0 : 1;
};

try {
  process.exitCode = await send();
} catch (error) {
  const { message, cause } = error as Error;
  const refused = (cause as { code?: string } | undefined)?.code === 'ECONNREFUSED';
  console.error(refused ? 'Nothing listens there: is "npm start" running?' : message);
  process.exitCode = 1;
}
