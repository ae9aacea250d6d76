import {
  asksForHelp,
  npmTook,
  parseArguments,
  takenByNpm,
  UsageError,
} from '../command-line/arguments.ts';
import { LIST_USAGE, listInvites } from './invite-list.ts';
import { callInvites } from './invites-api.ts';

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
                         without --url, the stack on this machine, at PORT

${LIST_USAGE}`;

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
    '--channel, --email, --user, --full-access, --dry-run, --async, --resend, --reference, --url, --list and --help',
  );

/** @throws UsageError for options that stand before the "--". */
const refuseTaken = (args: string[], env: NodeJS.ProcessEnv): void => {
  const taken = takenByNpm(
    [
      ...['--channel', '--email', '--user', '--full-access', '--dry-run', '--async', '--resend'],
      ...['--reference', '--url', '--list', '--status', '--since'],
    ],
    env,
  );
  // An .npmrc may have an email of its own, which says nothing about this command line.
  const named = args.some((arg) => /^--(email|user)\b/.test(arg));
  if (taken.length === 0 || (named && taken.join() === '--email')) return;
  throw npmTook(taken, EXAMPLE);
};

const send = async (args: string[], env: NodeJS.ProcessEnv): Promise<number> => {
  if (asksForHelp(args)) {
    console.log(USAGE);
    return 0;
  }
  if (args.includes('--list')) return listInvites(args, env);
  refuseTaken(args, env);
  const { channel, email, user, resend, reference, url, ...rest } = readArguments(args);
  const missing = [
    ...(channel === undefined ? ['--channel'] : []),
    ...(email || user ? [] : ['--email or --user']),
  ];
  if (missing.length > 0) {
    throw new UsageError(`Missing: ${missing.join(', and ')}.\n\n${USAGE}`);
  }
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
  const query = rest['dry-run'] ? { dry_run: 'true' } : {};
  const response = await callInvites(url, env, { method: 'POST', headers, body, query });
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
