import { randomUUID } from 'node:crypto';
import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateScan,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { ledgerTable } from '../../functions/aws/ledger-table.ts';
import { OWN_CODES } from '../../functions/errors/codes.ts';
import { InviteError } from '../../functions/errors/invite-error.ts';
import { inForce, inviteId, type Telling } from '../../functions/invites/invite.ts';
import { createLedger } from '../../functions/invites/ledger.ts';
import { readEmail } from '../../functions/invites/recipient.ts';
import { isOpen } from '../../functions/webhooks/record.ts';
import { UsageError } from '../command-line/arguments.ts';
import { type Operation, runOperation } from '../command-line/operation.ts';
import { readDeployed } from './deployed.ts';
import { findStack, outputOf, STACK_OPTION, type Stack } from './stack.ts';

const EXAMPLE = 'npm run forget -- --email casey@partner.example';

const USAGE = `Erases a person: the address and your reference in every invite, and what events say.

  ${EXAMPLE}

  --email ADDRESS  the person, in all channels
  --person ID      also events that still wait for the address of this person of an HR system
${STACK_OPTION}
  --help           this text

What waits in the queue for the person is cancelled. What keeps a second invitation from going out
stays: the invite's id, which is a hash of channel and address, with its status and times. It reads
the whole table once, and can be repeated.`;

const OPTIONS = {
  email: { type: 'string' },
  person: { type: 'string' },
  stack: { type: 'string' },
} as const;

/** What stands in an invite in place of the address. */
const FORGOTTEN = 'forgotten';

type Item = ReturnType<typeof unmarshall>;
type Wanted = { email: string; person: string | undefined };
/** The keys of what was erased, and of what somebody is at work on right now. */
type Erased = { invites: string[]; events: string[]; busy: string[] };

/** `npm run forget`. */
export const forget: Operation<typeof OPTIONS> = {
  usage: USAGE,
  options: OPTIONS,
  example: EXAMPLE,
  async run({ email, person, stack: name }, env) {
    if (email === undefined) throw new UsageError(`Missing: --email.\n\n${USAGE}`);
    const read = readEmail(email);
    if ('problem' in read) throw new UsageError(`--email ${read.problem}`);
    const stack = await findStack(name, env);
    const erased = await erase(stack, { email: read.value.toLowerCase(), person });
    console.log(told(erased));
    return erased.busy.length === 0 ? 0 : 1;
  },
};

const told = ({ invites, events, busy }: Erased): string =>
  [
    `Erased in ${counted(invites, 'invite')} and ${counted(events, 'event')}.`,
    ...[...invites, ...events].map((key) => `  ${key}`),
    ...(busy.length > 0
      ? [
          `${counted(busy, 'invite')} is being sent right now: run this again in a minute.`,
          ...busy.map((key) => `  ${key}`),
        ]
      : []),
    '',
    "Not erased: the table's point-in-time recovery (35 days), what your own systems got, and Slack's",
    'own invitation. Logs, executions and the tokens of tasks that wait have the ids above, and no address.',
  ].join('\n');

const counted = (keys: readonly string[], what: string) =>
  `${keys.length} ${what}${keys.length === 1 ? '' : 's'}`;

/** Invites first: an event whose invite is forgotten is found by it. */
const erase = async (stack: Stack, wanted: Wanted): Promise<Erased> => {
  const erased: Erased = { invites: [], events: [], busy: [] };
  const { invites, events } = await itemsOf(stack);
  const cancel = await canceller(stack);
  const ids = new Set<string>();
  for (const item of invites.filter((one) => isOf(one, wanted))) {
    ids.add(idOf(item));
    const isDone = (await cancel(item)) && (await eraseInvite(stack, item.pk));
    erased[isDone ? 'invites' : 'busy'].push(item.pk);
  }
  for (const item of events) {
    if (!ids.has(item.invite) && !isAbout(item, wanted)) continue;
    if (await eraseEvent(stack, item)) erased.events.push(item.pk);
  }
  return erased;
};

const idOf = ({ pk }: Item): string => pk.slice('invite#'.length);

const isOf = ({ pk, channel, recipient = '' }: Item, { email }: Wanted): boolean =>
  recipient.toLowerCase() === email ||
  pk === `invite#${inviteId({ channel, recipient: { kind: 'email', value: email } })}`;

const isAbout = ({ invitation }: Item, { email, person }: Wanted): boolean =>
  invitation?.email?.toLowerCase() === email ||
  (person !== undefined && invitation?.lookupId === person);

const itemsOf = async (stack: Stack): Promise<{ invites: Item[]; events: Item[] }> => {
  const items: Item[] = [];
  const pages = paginateScan(
    { client: stack.aws.dynamoDb },
    {
      TableName: outputOf(stack, 'TableName'),
      ConsistentRead: true,
      FilterExpression: 'begins_with(pk, :invite) OR begins_with(pk, :event)',
      ProjectionExpression:
        'pk, channel, recipient, queue.generation, invite, invitation, #status, received_at',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':invite': { S: 'invite#' }, ':event': { S: 'event#' } },
    },
  );
  for await (const { Items = [] } of pages) items.push(...Items.map((item) => unmarshall(item)));
  const { invite = [], event = [] } = Object.groupBy(items, ({ pk }) => pk.split('#')[0]);
  return { invites: invite, events: event };
};

const COMMANDS: Record<string, new (input: never) => unknown> = {
  GetItem: GetItemCommand,
  PutItem: PutItemCommand,
};

/** Leaves it to the sweep to tell, and to end the tasks of state machines that wait. */
const tellLater = async () => false;

/** @returns what takes an invite from the queue, if it waits there; false while somebody is at work on it. */
const canceller = async (stack: Stack) => {
  const { config } = (await readDeployed(stack, 'invite-task')) ?? {};
  const client = <Output>(operation: string, input: object): Promise<Output> => {
    const Command = COMMANDS[operation] as typeof PutItemCommand;
    return stack.aws.dynamoDb.send(new Command(input as never)) as Promise<Output>;
  };
  const table = { client, name: outputOf(stack, 'TableName') };
  const { retentionDays = 400, lifecycle } = config ?? {};
  const ledger = createLedger(
    ledgerTable(table, lifecycle?.remindBeforeDays),
    retentionDays,
    Date.now,
    lifecycle && tellLater,
  );
  return async (item: Item): Promise<boolean> => {
    if (!item.queue) return true;
    try {
      await ledger.cancel(idOf(item), { signal: AbortSignal.timeout(10_000) });
      return true;
    } catch (error) {
      if (!(error instanceof InviteError)) throw error;
      // It has left the queue meanwhile.
      return error.name === 'Conflict';
    }
  };
};

/** @returns false while somebody is at work on it. */
const eraseInvite = async (stack: Stack, pk: string): Promise<boolean> => {
  const Key = { pk: { S: pk } };
  const TableName = outputOf(stack, 'TableName');
  const { Item } = await stack.aws.dynamoDb.send(
    new GetItemCommand({ TableName, Key, ConsistentRead: true }),
  );
  const { claim, queue, revision, untold } = Item ? unmarshall(Item) : {};
  if (!Item) return true;
  if (queue || inForce(claim, Date.now())) return false;
  return written(
    stack.aws.dynamoDb,
    new UpdateItemCommand({
      TableName,
      Key,
      // Another revision: whoever has read the item before does not write the address back.
      UpdateExpression: `SET recipient = :forgotten, revision = :next${untold ? ', untold = :untold' : ''} REMOVE #reference`,
      ConditionExpression: 'revision = :revision',
      ExpressionAttributeNames: { '#reference': 'reference' },
      ExpressionAttributeValues: marshall({
        ':forgotten': FORGOTTEN,
        ':next': randomUUID(),
        ':revision': revision,
        ...(untold && { ':untold': untold.map(withoutReference) }),
      }),
    }),
  );
};

/** What somebody is still to be told of the invite; there is no address in it. */
const withoutReference = ({ detail: { reference: _, ...detail }, ...telling }: Telling) => ({
  ...telling,
  detail,
});

/** An event that has not ended comes to its end, since there is nobody to invite any more. */
const eraseEvent = async (stack: Stack, { pk, status, invitation }: Item): Promise<boolean> => {
  const isEnded = !isOpen({ status });
  if (isEnded && !invitation) return false;
  const error = { class: OWN_CODES.cancelled.class, code: 'cancelled' };
  return written(
    stack.aws.dynamoDb,
    new UpdateItemCommand({
      TableName: outputOf(stack, 'TableName'),
      Key: { pk: { S: pk } },
      UpdateExpression: isEnded
        ? 'REMOVE invitation'
        : 'SET #status = :failed, #error = :error, updated_at = :at REMOVE invitation, due, due_at',
      ConditionExpression: '#status = :before',
      ExpressionAttributeNames: { '#status': 'status', ...(!isEnded && { '#error': 'error' }) },
      ExpressionAttributeValues: marshall({
        ':before': status,
        ...(!isEnded && {
          ':failed': 'failed',
          ':error': error,
          ':at': new Date().toISOString(),
        }),
      }),
    }),
  );
};

/** @returns whether the condition held. */
const written = (client: DynamoDBClient, write: UpdateItemCommand): Promise<boolean> =>
  client.send(write).then(
    () => true,
    (error: Error) => {
      if (error.name === 'ConditionalCheckFailedException') return false;
      throw error;
    },
  );

if (import.meta.main) await runOperation(forget);
