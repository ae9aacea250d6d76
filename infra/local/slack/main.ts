import { parseArguments, readRate, UsageError } from '../arguments.ts';
import { runCommand } from '../command.ts';
import { slackPort } from '../ports.ts';
import { TIER_2_PER_MINUTE } from './limiter.ts';
import { startLocalSlack } from './server.ts';
import { welcome } from './welcome.ts';

await runCommand({
  async start({ atEnd }) {
    const args = process.argv.slice(2);
    const flags = parseArguments(args, { rate: { type: 'string' } }, '--rate n');
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
