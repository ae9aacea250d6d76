import { GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { QUEUE_LIFETIME_MS, SLACK_RETRY_MAX_S } from '../../functions/lib/times.ts';
import { METHOD } from '../../functions/slack/method.ts';
import { found, type Reported, sound } from './findings.ts';
import { outputOf, type Stack } from './stack.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

const item = async (stack: Stack, pk: string): Promise<Record<string, unknown>> => {
  const input = { TableName: outputOf(stack, 'TableName'), Key: { pk: { S: pk } } };
  const { Item } = await stack.aws.dynamoDb.send(new GetItemCommand(input));
  return Item ? unmarshall(Item) : {};
};

/** How far ahead the gate may be: what Slack may say, and the calls of a burst. */
const GATE_AHEAD_MS = (SLACK_RETRY_MAX_S + 10 * 60) * 1000;

const isTime = (value: unknown, until: number): boolean =>
  value === undefined || (typeof value === 'number' && value >= 0 && value <= until);

/** The gate's item: nothing in it is further ahead than Slack may have said. */
export const checkGate = async (stack: Stack, now = Date.now()): Promise<Reported[]> => {
  const { tat, held_until, emails_held_until } = await item(stack, `gate#${METHOD}`);
  const times = { tat, held_until, emails_held_until };
  for (const [name, value] of Object.entries(times)) {
    if (!isTime(value, now + GATE_AHEAD_MS)) {
      return [found('gate_insane', { value: `${name} ${value}` })];
    }
  }
  const until = Math.max(Number(held_until ?? 0), Number(emails_held_until ?? 0));
  return [until > now ? found('gate_closed', { until: iso(until) }) : sound('gate', 'open')];
};

/** The lane's item, and the executions that hold its tickets. */
export const checkLane = async (stack: Stack, now = Date.now()): Promise<Reported[]> => {
  const [{ tat }, running] = await Promise.all([item(stack, `lane#${METHOD}`), runningOf(stack)]);
  if (!isTime(tat, now + QUEUE_LIFETIME_MS)) return [found('lane_insane', { value: `tat ${tat}` })];
  const ahead = Math.max(0, Number(tat ?? 0) - now);
  const isHeld = running.every(({ executions }) => executions.length === 0);
  // A burst of places may be ahead of a lane that nobody waits in.
  if (isHeld && ahead > GATE_AHEAD_MS) {
    return [found('lane_ahead', { until: iso(Number(tat)) })];
  }
  return [sound('lane', ahead === 0 ? 'free' : `taken until ${iso(Number(tat))}`)];
};

/** What runs of both workflows, the newest 1,000 of each. */
const runningOf = async ({ outputs, aws }: Stack) => {
  const invites = outputs.WorkflowArn ?? '';
  const machines = [invites, invites.replace(/-invites$/, '-events')];
  return Promise.all(
    machines.map(async (stateMachineArn) => {
      const input = { stateMachineArn, statusFilter: 'RUNNING', maxResults: 1000 } as const;
      const { executions = [] } = await aws.stepFunctions
        .send(new ListExecutionsCommand(input))
        .catch((error: Error) => {
          // A stack without HR sources has no workflow of events.
          if (error.name === 'StateMachineDoesNotExist') return { executions: [] };
          throw error;
        });
      return { machine: stateMachineArn.split(':').at(-1) ?? '', executions };
    }),
  );
};

/** A day beyond the workflows' own limit, which ends every execution. */
const TOO_OLD_MS = QUEUE_LIFETIME_MS * 2;

export const checkExecutions = async (stack: Stack, now = Date.now()): Promise<Reported[]> => {
  const running = await runningOf(stack);
  const old = running.flatMap(({ machine, executions }) =>
    executions
      .filter(({ startDate }) => startDate && startDate.getTime() < now - TOO_OLD_MS)
      .map(({ startDate, executionArn: arn = '' }) =>
        found('executions_old', { machine, since: startDate?.toISOString() ?? '', arn }),
      ),
  );
  if (old.length > 0) return old;
  const counts = running.map(({ machine, executions }) => {
    const number = executions.length === 1000 ? '1000 or more' : executions.length;
    return `${machine}: ${number}`;
  });
  return [sound('executions', `running of ${counts.join(', ')}`)];
};

/** The sweep begins anew what nobody is at work on, after 10 minutes; it runs every 5. */
const OLD_MS = 30 * 60_000;

/** The block, and what waits for somebody: queued requests and HR events, by the index `due`. */
export const checkRequests = async (stack: Stack, now = Date.now()): Promise<Reported[]> => {
  const block = await item(stack, `block#${METHOD}`);
  const blocked = block.code
    ? [
        found('queue_blocked', {
          since: typeof block.since === 'number' ? iso(block.since) : String(block.since),
          class: String(block.class),
          code: String(block.code),
        }),
      ]
    : [];
  const kinds = await Promise.all(
    ['invite', 'event'].map((kind) => waitingOf(stack, kind, now - OLD_MS)),
  );
  if (kinds.some((kind) => kind === undefined)) {
    return [...blocked, found('requests_unseen', { index: 'due' })];
  }
  const old = kinds.flatMap((kind) => kind ?? []);
  if (old.length > 0) {
    const count = old.length === 1 ? 'One' : old.length;
    return [...blocked, found('requests_old', { count, since: iso(Math.min(...old)) })];
  }
  return blocked.length > 0 ? blocked : [sound('requests', 'none blocked, none overdue')];
};

/** @returns when each was touched last, oldest first; undefined in a table without the index. */
const waitingOf = async (
  stack: Stack,
  kind: string,
  before: number,
): Promise<number[] | undefined> => {
  const input = {
    TableName: outputOf(stack, 'TableName'),
    IndexName: 'due',
    KeyConditionExpression: 'due = :kind AND due_at < :before',
    ExpressionAttributeValues: { ':kind': { S: kind }, ':before': { N: String(before) } },
    Limit: 200,
  };
  try {
    const { Items = [] } = await stack.aws.dynamoDb.send(new QueryCommand(input));
    return Items.map(({ due_at }) => Number(due_at?.N));
  } catch (error) {
    if ((error as Error).name === 'ValidationException') return undefined;
    throw error;
  }
};
