import { UsageError } from './arguments.ts';
import { ASSEMBLY_DIR, synthesizeApart } from './assembly-process.ts';
import { type Command, runCommand } from './command.ts';
import { assertFree } from './free-port.ts';
import { startLocalStack } from './local-stack.ts';
import { printLog } from './log.ts';
import { readOptions } from './options.ts';
import { goodRequest } from './slack/good-request.ts';
import { TIER_2_PER_MINUTE } from './slack/limiter.ts';
import { startLocalSlack } from './slack/server.ts';
import { NotUnderstood } from './template/not-understood.ts';
import { welcome } from './welcome.ts';

const start: Command['start'] = async (atEnd) => {
  const { ports, rate, context } = readOptions(process.argv.slice(2), process.env);
  await Promise.all(Object.values(ports).map(assertFree));
  console.log('Slack Connect invitations on this machine: synthesizing the stack …');

  const slack = await startLocalSlack({
    port: ports.slack,
    ratePerMinute: rate ?? TIER_2_PER_MINUTE,
  });
  atEnd(slack.close);
  const stackName = await synthesizeApart(context, (child) => {
    atEnd(() => child.kill('SIGKILL'));
  });
  const { token, channel, emails } = await goodRequest(slack);
  const stack = await startLocalStack({
    assemblyDir: ASSEMBLY_DIR,
    stackName,
    ports,
    slackApiUrl: slack.apiUrl,
    slackToken: token,
    log: printLog,
  });
  atEnd(stack.close);

  const { apiUrl, awsUrl, notices } = stack;
  const example = { channel, email: emails[0] };
  console.log(welcome({ apiUrl, awsUrl, slackUrl: slack.url, example, notices }));
};

await runCommand({
  start,
  toldInWords: [UsageError, NotUnderstood],
  withOtherPorts: 'PORT=3100 SLACK_PORT=3101 AWS_PORT=3102 npm start',
});
