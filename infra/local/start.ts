import { setTimeout } from 'node:timers/promises';
import { ASSEMBLY_DIR, synthesizeApart } from './assembly-process.ts';
import { assertFree } from './free-port.ts';
import { type LocalStack, startLocalStack } from './local-stack.ts';
import { printLog } from './log.ts';
import { readOptions, UsageError } from './options.ts';
import { type LocalSlack, startLocalSlack } from './slack/server.ts';
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
  const { ports, rate, context } = readOptions(process.argv.slice(2), process.env);
  await Promise.all(Object.values(ports).map(assertFree));
  console.log('Slack Connect invitations on this machine: synthesizing the stack …');

  const slack: LocalSlack = await startLocalSlack({
    port: ports.slack,
    ratePerMinute: rate ?? SLACK_RATE,
  });
  running.push(slack);
  const stackName = await synthesizeApart(context, (child) => {
    running.push({ close: () => child.kill('SIGKILL') });
  });
  const { token, channel, emails } = await goodRequest(slack);
  const stack: LocalStack = await startLocalStack({
    assemblyDir: ASSEMBLY_DIR,
    stackName,
    ports,
    slackApiUrl: slack.apiUrl,
    slackToken: token,
    log: printLog,
  });
  running.push(stack);

  const { apiUrl, awsUrl, notices } = stack;
  const example = { channel, email: emails[0] };
  console.log(welcome({ apiUrl, awsUrl, slackUrl: slack.url, example, notices }));
};

/** A request that the local Slack is sure to accept. */
const goodRequest = async ({ url }: LocalSlack) => {
  const world = (await (await fetch(`${url}/sandbox/world`)).json()) as {
    triggers: { ok: { request: { token: string; channel: string; emails: [string] } } };
  };
  return world.triggers.ok.request;
};

/** Mistakes of the caller's and what the local run cannot do are told in words, not by a stack. */
const explain = (error: unknown): string => {
  const { code, port, message, stack } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE') {
    return `The port ${port} is in use: end what uses it, or choose other ones, as in PORT=3100 SLACK_PORT=3101 AWS_PORT=3102 npm start`;
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
