import { parseArguments, readRate, UsageError } from './arguments.ts';
import { runCommand } from './command.ts';
import { asksForHelp } from './options.ts';
import { slackPort } from './ports.ts';
import { TIER_2_PER_MINUTE } from './slack/limiter.ts';
import { startLocalSlack } from './slack/server.ts';
import { welcome } from './slack/welcome.ts';

const USAGE = `Runs a Slack of its own on this machine, for conversations.inviteShared. Ctrl-C ends it.

  npm run slack
  npm run slack -- --rate 6000
  SLACK_PORT=3101 npm run slack

  --rate N   calls a minute, ${TIER_2_PER_MINUTE} otherwise
  --help     this text`;

await runCommand({
  async start({ atEnd }) {
    const args = process.argv.slice(2);
    if (asksForHelp(args)) return console.log(USAGE);
    const flags = parseArguments(args, { rate: { type: 'string' } }, '--rate n and --help');
    const slack = await startLocalSlack({
      ratePerMinute: readRate(flags.rate) ?? TIER_2_PER_MINUTE,
      port: slackPort(process.env),
    });
    atEnd(slack.close);
    console.log(welcome(slack));
  },
  toldInWords: [UsageError],
  withOtherPorts: 'SLACK_PORT=3101 npm run slack',
});
