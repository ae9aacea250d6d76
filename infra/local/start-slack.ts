import { METHOD } from '../../functions/slack/method.ts';
import {
  asksForHelp,
  npmTook,
  parseArguments,
  readRate,
  takenByNpm,
  UsageError,
} from '../command-line/arguments.ts';
import { runCommand } from './command.ts';
import { printLog } from './log.ts';
import { slackPort } from './ports.ts';
import { TIER_2_PER_MINUTE } from './slack/limiter.ts';
import { type LocalSlack, startLocalSlack } from './slack/server.ts';
import { GOOD_REQUEST } from './slack/triggers.ts';

const USAGE = `Runs a Slack of its own on this machine, for invitations and what becomes of them. Ctrl-C ends it.

  npm run slack
  npm run slack -- --rate 6000
  SLACK_PORT=3101 npm run slack

  --rate N   calls a minute, ${TIER_2_PER_MINUTE} otherwise
  --help     this text`;

/** @returns what `npm run slack` prints when the server is up; its last line says so. */
const welcome = ({ url, apiUrl }: Pick<LocalSlack, 'url' | 'apiUrl'>): string => {
  const {
    token,
    channel,
    emails: [email],
  } = GOOD_REQUEST;
  return `
  Slack   ${url}                 channels, invitations and the mailbox, live, in a browser
  World   ${url}/sandbox/world   channels, users, tokens, and a request for every answer

  Send an invitation:

curl -sS -H 'authorization: Bearer ${token}' -d channel=${channel} -d emails=${email} ${apiUrl}${METHOD}

  Point your client at it, with the same token:

    @slack/web-api           new WebClient(token, { slackApiUrl: '${apiUrl}' })
    slack-web-api-client     new SlackAPIClient(token, { baseUrl: '${apiUrl}' })
    slack_sdk, for Python    WebClient(token=token, base_url='${apiUrl}')

  docs/slack.md has other languages, every answer and fault. Ctrl-C stops it; nothing is kept.

Ready.`;
};

await runCommand({
  async start({ atEnd }) {
    const args = process.argv.slice(2);
    if (asksForHelp(args)) return console.log(USAGE);
    const taken = takenByNpm(['--rate'], process.env);
    if (taken.length > 0) throw npmTook(taken, 'npm run slack -- --rate 6000');
    const flags = parseArguments(args, { rate: { type: 'string' } }, '--rate n and --help');
    const slack = await startLocalSlack({
      ratePerMinute: readRate(flags.rate) ?? TIER_2_PER_MINUTE,
      port: slackPort(process.env),
      log: (line) => printLog({ source: 'slack', line }),
    });
    atEnd(slack.close);
    console.log(welcome(slack));
  },
  toldInWords: [UsageError],
  withOtherPorts: 'SLACK_PORT=3101 npm run slack',
});
