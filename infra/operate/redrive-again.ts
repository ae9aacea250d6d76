import {
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { ledgerTable } from '../../functions/aws/ledger-table.ts';
import { blockTable } from '../../functions/aws/pace-table.ts';
import { recordTable } from '../../functions/aws/record-table.ts';
import type { Table } from '../../functions/aws/table.ts';
import { iamNames } from '../../functions/invite-api/contract.ts';
import { type Caller, hrCaller, type Invite, TASK } from '../../functions/invites/invite.ts';
import { createLedger } from '../../functions/invites/ledger.ts';
import {
  inviteExecutionInput,
  inviteExecutionName,
  type QueueKey,
} from '../../functions/invites/queue.ts';
import type { InviteRequest } from '../../functions/invites/request.ts';
import { QUEUE_LIFETIME_MS } from '../../functions/lib/times.ts';
import {
  type EventRecord,
  eventExecutionInput as eventInput,
  eventExecutionName as eventName,
} from '../../functions/webhooks/record.ts';
import type { Found } from './redrive-found.ts';
import { outputOf, type Stack } from './stack.ts';

const COMMANDS = {
  GetItem: GetItemCommand,
  PutItem: PutItemCommand,
  UpdateItem: UpdateItemCommand,
  DeleteItem: DeleteItemCommand,
};

/** The stack's table with the operator's credentials, as the functions' adapters take it. */
export const operatorsTable = (stack: Stack): Table => ({
  name: outputOf(stack, 'TableName'),
  client: async <Output>(operation: string, input: object) => {
    const Command = COMMANDS[operation as keyof typeof COMMANDS] as typeof GetItemCommand;
    return stack.aws.dynamoDb.send(
      new Command(input as ConstructorParameters<typeof GetItemCommand>[0]),
    ) as Promise<Output>;
  },
});

/** One of what was found: its id, and why it was left alone, if it was. */
export type Sent = { id: string; problem?: string };

/**
 * Sends what was found again, by the queue: each gets another 7 days. The policy of today decides when
 * its turn comes. What waits behind a block is woken: its former execution finds that another one
 * answers for it, and ends.
 */
export const sendAgain = async (
  stack: Stack,
  table: Table,
  retentionDays: number,
  found: Found,
): Promise<Sent[]> => {
  const invocation = { signal: AbortSignal.timeout(600_000) };
  const ledger = createLedger(ledgerTable(table), retentionDays);
  const records = recordTable(table, retentionDays);
  const invites = outputOf(stack, 'WorkflowArn');
  const start = (stateMachineArn: string, name: string, input: string) =>
    stack.aws.stepFunctions.send(new StartExecutionCommand({ stateMachineArn, name, input }));
  const run = (queued: QueueKey) =>
    start(invites, inviteExecutionName(queued), inviteExecutionInput(queued));

  const wake = async ({ id }: Invite) => {
    const waiting = await ledger.waiting(id, invocation);
    const again = waiting && (await ledger.enqueueAgain(waiting.queued, invocation));
    if (again?.queued) await run(again.queued);
  };

  const enqueue = async (invite: Invite) => {
    await reopen(invite);
    const { queued } = await ledger.enqueue(requestOf(invite), callerOf(invite), invocation);
    // The event's own execution may have noted the former end in between.
    if (queued) await reopen(invite);
    if (queued) await run(queued);
  };

  /**
   * The event that an invite came from ends as that one ends: the sweep sees to it, also where nothing
   * follows this. The generation stays that of the event's own execution, which is over.
   */
  const reopen = async ({ id, source }: Invite) => {
    if (source.event === undefined) return;
    const ended = await records.read(source.event, invocation);
    if (ended?.status !== 'failed') return;
    const { error: _, invitation: __, ...record } = ended;
    const open = { status: 'queued', invite: id, updated_at: now() } as const;
    await records.add({ generation: 0, ...record, ...open }, ended, invocation);
  };

  const begin = async (ended: EventRecord) => {
    const at = now();
    const { error: _, invite: __, generation: ___, ...record } = ended;
    const until = new Date(Date.parse(at) + QUEUE_LIFETIME_MS).toISOString();
    const anew: EventRecord = {
      ...record,
      ...{ status: 'received', started: false, received_at: at, updated_at: at, until },
    };
    if (!(await records.add(anew, ended, invocation))) return;
    const events = invites.replace(/-invites$/, '-events');
    await start(events, eventName(anew), eventInput(anew));
    await records.markStarted(anew, at, invocation);
  };

  if (found.block) await blockTable(table).remove(invocation);
  const sent: Sent[] = [];
  const each = async <One extends { id: string }>(all: One[], act: (one: One) => Promise<void>) => {
    for (const one of all) {
      const problem = await act(one).then(
        () => undefined,
        (error: Error) => error.message,
      );
      sent.push({ id: one.id, ...(problem !== undefined && { problem }) });
    }
  };
  await each(found.waiting, wake);
  await each(found.failed, enqueue);
  await each(found.events, begin);
  return sent;
};

const now = (): string => new Date().toISOString();

const requestOf = ({ channel, recipient, reference }: Invite): InviteRequest => ({
  channel,
  recipient: { kind: recipient.includes('@') ? 'email' : 'user_id', value: recipient },
  external_limited: true,
  ...(reference !== undefined && { reference }),
});

/** Whoever asked the first time. Of a JWT, the invite knows the subject only. */
const callerOf = ({ source }: Invite): Caller => {
  const { door, caller = '', event } = source;
  if (door === 'hr-webhook') return hrCaller(caller, event);
  if (door === 'invite-task') return { ...TASK, source };
  return { source, names: caller.startsWith('arn:') ? iamNames(caller) : [`jwt/${caller}`] };
};
