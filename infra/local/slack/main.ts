import { readFlags, readPort, readRate, UsageError } from '../arguments.ts';
import { runCommand } from '../command.ts';
import { goodRequest } from './good-request.ts';
import { TIER_2_PER_MINUTE } from './limiter.ts';
import { startLocalSlack } from './server.ts';
import { welcome } from './welcome.ts';

await runCommand({
  async start(atEnd) {
    const flags = readFlags(
      process.argv.slice(2),
      { rate: { type: 'string' } },
      'There is --rate n',
    );
    const slack = await startLocalSlack({
      ratePerMinute: readRate(flags.rate) ?? TIER_2_PER_MINUTE,
      port: readPort(process.env, 'SLACK_PORT', 3001),
    });
    atEnd(slack.close);
    console.log(welcome(slack, await goodRequest(slack)));
  },
  toldInWords: [UsageError],
  withOtherPorts: 'SLACK_PORT=3101 npm run slack',
});
