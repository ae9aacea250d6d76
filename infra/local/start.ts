import { setTimeout } from 'node:timers/promises';
import type { FunctionConfig } from '../../functions/runtime/environment.ts';
import { UsageError } from './arguments.ts';
import { ASSEMBLY_DIR, synthesizeApart } from './assembly-process.ts';
import { type LocalStack, startLocalStack } from './local-stack.ts';
import { printLog } from './log.ts';
import { asksForHelp, readOptions, USAGE } from './options.ts';
import { policyRefusal } from './policy-refusal.ts';
import { assertFree } from './ports.ts';
import { startLocalSlack } from './slack/server.ts';
import { TRIGGERS } from './slack/triggers.ts';
import { NotUnderstood } from './template/not-understood.ts';
import { welcome } from './welcome.ts';

const QUIET_MS = 250;
const SLACK_RATE = 20; // Tier 2, https://docs.slack.dev/apis/web-api/rate-limits

/** What has to end with this process. */
const running: { close(): unknown }[] = [];
let stopping = false;

let lastSignal = 0;

/** Ends everything at once. */
const stop = async (code: number): Promise<void> => {
  if (stopping) return;
  stopping = true;
  await Promise.allSettled(running.map((part) => part.close()));
  if (code === 0) console.log('Stopped.');
  // A process that is exiting no longer handles signals: npm repeats each Ctrl-C, people do too,
  // and one that came now would make npm's own exit code that of a crash.
  while (Date.now() < lastSignal + QUIET_MS) await setTimeout(QUIET_MS / 5);
  process.exit(code);
};

// Ctrl-C or a plain kill: that is how a local run is meant to end.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    lastSignal = Date.now();
    void stop(0);
  });
}

const start = async (): Promise<void> => {
  const args = process.argv.slice(2);
  if (asksForHelp(args)) return console.log(USAGE);
  const { ports, rate, context } = readOptions(args, process.env);
  await assertFree(ports);
  console.log('Slack Connect invitations on this machine: synthesizing the stack …');

  const slack = await startLocalSlack({ port: ports.slack, ratePerMinute: rate ?? SLACK_RATE });
  running.push(slack);
  const stackName = await synthesizeApart(context, (child) => {
    running.push({ close: () => child.kill('SIGKILL') });
  });
  // The local Slack is sure to accept it.
  const { token, channel, emails = [] } = TRIGGERS.ok.request;
  const stack = await startLocalStack({
    assemblyDir: ASSEMBLY_DIR,
    stackName,
    ports,
    slackApiUrl: slack.apiUrl,
    slackToken: token,
    // What is cut off by the stop would read like a failure.
    log: (entry) => {
      if (!stopping) printLog(entry);
    },
  });
  running.push(stack);

  const { apiUrl, awsUrl, notices } = stack;
  const task = taskDoor(stack);
  const { policy } = JSON.parse(task.environment.CONFIG as string) as FunctionConfig;
  const example = { channel, emails: [emails[0] as string] as [string] };
  console.log(
    welcome({
      apiUrl,
      awsUrl,
      slackUrl: slack.url,
      taskFunction: task.name,
      example,
      refusal: policyRefusal(policy, example),
      notices,
    }),
  );
};

const taskDoor = ({ functions }: LocalStack) => {
  const door = functions.find((one) => one.door === 'invite-task');
  if (!door) throw new Error('the stack has no function invite-task');
  return door;
};

/** Mistakes of the caller's and what the local run cannot do are told in words, not by a stack. */
const explain = (error: unknown): string => {
  const { code, port, message, stack } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE') {
    return `The port ${port} is in use since a moment ago: end what uses it, or choose another one`;
  }
  const known = error instanceof UsageError || error instanceof NotUnderstood;
  return known || !stack ? message : stack;
};

try {
  await start();
} catch (error) {
  if (!stopping) console.error(explain(error));
  await stop(1);
}
