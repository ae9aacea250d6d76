import type { FunctionConfig } from '../../functions/runtime/environment.ts';
import { UsageError } from './arguments.ts';
import { ASSEMBLY_DIR, synthesizeApart } from './assembly-process.ts';
import { type Command, runCommand } from './command.ts';
import { BAMBOOHR_API_KEY, exampleDeliveries, exampleSources } from './example-sources.ts';
import { startLocalBambooHr } from './hr/bamboohr.ts';
import { type LocalStack, startLocalStack } from './local-stack.ts';
import { printLog } from './log.ts';
import { asksForHelp, readOptions, USAGE } from './options.ts';
import { policyRefusal } from './policy-refusal.ts';
import { assertFree } from './ports.ts';
import { TIER_2_PER_MINUTE } from './slack/limiter.ts';
import { startLocalSlack } from './slack/server.ts';
import { GOOD_REQUEST } from './slack/triggers.ts';
import { NotUnderstood } from './template/not-understood.ts';
import { welcome } from './welcome.ts';

const start: Command['start'] = async ({ atEnd, isStopping }) => {
  const args = process.argv.slice(2);
  if (asksForHelp(args)) return console.log(USAGE);
  const { ports, rate, context } = readOptions(args, process.env);
  const { token, ...example } = GOOD_REQUEST;
  const examples = exampleSources(context, example.channel);
  const { hr: hrPort, ...always } = ports;
  await assertFree(examples ? ports : always);
  console.log('Slack Connect invitations on this machine: synthesizing the stack …');

  const slack = await startLocalSlack({
    port: ports.slack,
    ratePerMinute: rate ?? TIER_2_PER_MINUTE,
  });
  atEnd(slack.close);
  const bambooHr = examples && (await startLocalBambooHr(hrPort, BAMBOOHR_API_KEY));
  if (bambooHr) atEnd(bambooHr.close);
  const withExamples = {
    ...context,
    ...(examples && { 'slackConnectInvites.sources': JSON.stringify(examples.sources) }),
  };
  const stackName = await synthesizeApart(withExamples, (child) => {
    atEnd(() => child.kill('SIGKILL'));
  });
  const stack = await startLocalStack({
    assemblyDir: ASSEMBLY_DIR,
    stackName,
    ports,
    slackApiUrl: slack.apiUrl,
    slackToken: token,
    webhookSecrets: examples?.secrets,
    ...(bambooHr && { lookupOrigin: bambooHr.url }),
    log: (entry) => {
      if (!isStopping()) printLog(entry);
    },
  });
  atEnd(stack.close);

  const { apiUrl, awsUrl, notices } = stack;
  const task = taskDoor(stack);
  const { policy } = JSON.parse(task.environment.CONFIG as string) as FunctionConfig;
  console.log(
    welcome({
      apiUrl,
      awsUrl,
      slackUrl: slack.url,
      hrUrl: bambooHr?.url,
      taskFunction: task.name,
      example,
      refusal: policyRefusal(policy, example),
      notices,
      deliveries: examples ? exampleDeliveries(apiUrl, Date.now()) : [],
      emptySecret: examples ? undefined : stack.webhookSecretName,
    }),
  );
};

const taskDoor = ({ functions }: LocalStack) => {
  const door = functions.find((one) => one.door === 'invite-task');
  if (!door) throw new Error('the stack has no function invite-task');
  return door;
};

await runCommand({
  start,
  toldInWords: [UsageError, NotUnderstood],
  withOtherPorts: 'PORT=3100 SLACK_PORT=3101 AWS_PORT=3102 HR_PORT=3103 npm start',
});
