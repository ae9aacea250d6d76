import { UsageError } from '../command-line/arguments.ts';
import { type Operation, runOperation } from '../command-line/operation.ts';
import { checkExecutions, checkGate, checkLane, checkRequests } from './check-queue.ts';
import { checkSlack } from './check-slack.ts';
import { checkSources } from './check-sources.ts';
import { checkAlarms, checkClock, checkVersions } from './check-stack.ts';
import { checkTable } from './check-table.ts';
import { readDeployed } from './deployed.ts';
import { CHECKS, type Check, found, type Reported, sound } from './findings.ts';
import { readSecret, tokenIn } from './secret.ts';
import { findStack, isLocalTable, outputOf, STACK_OPTION, type Stack, tablesOf } from './stack.ts';

const USAGE = `Finds what is wrong with a stack, and says what to do. It changes nothing.

  npm run doctor
  npm run doctor -- --stack SlackConnectInvites --json
  npm run doctor -- --table arn:aws:dynamodb:us-east-1:123456789012:table/Restored

${STACK_OPTION}
  --table ARN    only this table, before a stack adopts it by tableArn
  --json         the report as JSON
  --help         this text

The exit code is 0 if the stack is sound, and 1 if something is broken.`;

const OPTIONS = {
  stack: { type: 'string' },
  table: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** Longer than any check takes whose services answer. */
const PATIENCE_MS = 15_000;

/**
 * Looks at everything at once. A check that cannot be made is a finding, too.
 * @returns the report in the order of `CHECKS`.
 */
export const examine = async (stack: Stack): Promise<Reported[]> => {
  const reported = await Promise.all([
    checked('secret', () => checkTokenAndSlack(stack)),
    checked('sources', async () => {
      const webhook = await readDeployed(stack, 'hr-webhook');
      return checkSources(stack, webhook?.deployment.sources ?? {});
    }),
    checked('table', () =>
      checkTable(stack.aws.dynamoDb, outputOf(stack, 'TableName'), stack.isLocal),
    ),
    checked('gate', () => checkGate(stack)),
    checked('lane', () => checkLane(stack)),
    checked('requests', () => checkRequests(stack)),
    checked('executions', () => checkExecutions(stack)),
    checked('alarms', () => checkAlarms(stack)),
    checked('clock', () => checkClock(stack)),
    checked('versions', () => checkVersions(stack)),
  ]);
  const order = Object.keys(CHECKS);
  return reported.flat().toSorted((a, b) => order.indexOf(a.check) - order.indexOf(b.check));
};

const checkTokenAndSlack = async (stack: Stack): Promise<Reported[]> => {
  const secret = outputOf(stack, 'SecretArn');
  const text = await readSecret(stack, secret).catch((error: Error) => error);
  if (text instanceof Error) return [found('secret_unreadable', { secret, reason: text.message })];
  const token = await tokenIn(text);
  if (token === undefined) return [found('secret_without_token')];
  const task = await readDeployed(stack, 'invite-task');
  const slack = await checkSlack({
    apiUrl: stack.slackApiUrl,
    token,
    workspace: task?.config.workspace,
    channels: Object.keys(task?.deployment.policy?.channels ?? {}),
  });
  return [sound('secret', 'it holds a token'), ...slack];
};

const checked = async (
  check: Check,
  examination: () => Promise<Reported[]>,
): Promise<Reported[]> => {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const late = new Promise<never>((_, reject) => {
    patience.addEventListener('abort', () => reject(new Error('no answer in time')));
  });
  try {
    return await Promise.race([examination(), late]);
  } catch (error) {
    const { name, message } = error as Error;
    const reason = name === 'Error' ? message : `${name}: ${message}`;
    return [found('check_failed', { check, reason }, check)];
  }
};

export const isSound = (report: readonly Reported[]): boolean =>
  report.every(({ status }) => status !== 'broken');

const STATUS = { ok: 'ok', warning: 'warning', not_checked: 'not checked', broken: 'BROKEN' };

export const print = ({ check, status, detail, remedy }: Reported): string =>
  [
    `${STATUS[status].padEnd(12)}${check.padEnd(12)}${detail}`,
    ...(remedy === undefined ? [] : [`${' '.repeat(24)}${remedy}`]),
  ].join('\n');

/** `npm run doctor`. */
export const doctor: Operation<typeof OPTIONS> = {
  usage: USAGE,
  options: OPTIONS,
  example: 'npm run doctor -- --stack SlackConnectInvites',
  async run({ stack: name, table, json }, env) {
    if (table !== undefined) {
      if (name !== undefined) throw new UsageError('Give either --stack or --table');
      const dynamoDb = tablesOf(table, env);
      const report = await checked('table', () =>
        isLocalTable(table)
          ? checkTable(dynamoDb, table.split('/').at(-1) ?? '', true)
          : checkTable(dynamoDb, table, false),
      );
      return tell(report, json ? { table } : undefined);
    }
    const stack = await findStack(name, env);
    const report = await examine(stack);
    const { name: stackName, region, isLocal } = stack;
    return tell(report, json ? { stack: stackName, region, local: isLocal } : undefined);
  },
};

/** @param subject what the report is about, for JSON. @returns the exit code. */
const tell = (report: readonly Reported[], subject: object | undefined): number => {
  const isFine = isSound(report);
  if (subject) {
    console.log(JSON.stringify({ ...subject, sound: isFine, checks: report }, null, 2));
  } else {
    const broken = report.filter(({ status }) => status === 'broken').length;
    console.log(report.map(print).join('\n'));
    console.log(isFine ? '\nSound.' : `\n${broken} broken.`);
  }
  return isFine ? 0 : 1;
};

if (import.meta.main) await runOperation(doctor);
