import { paginateScan } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { blockTable } from '../../functions/aws/pace-table.ts';
import type { Table } from '../../functions/aws/table.ts';
import type { Reason } from '../../functions/errors/invite-error.ts';
import type { Block } from '../../functions/invites/block.ts';
import type { Invite } from '../../functions/invites/invite.ts';
import type { EventRecord } from '../../functions/webhooks/record.ts';
import { outputOf, type Stack } from './stack.ts';

/** What somebody wants to send again. @property since epoch milliseconds */
export type Wanted = { class: string; code?: string; since?: number };

/** What there is of it. Where an event has an invite, that one stands for it. */
export type Found = {
  /** Waits in the queue for what the class and the code say. */
  waiting: Invite[];
  /** Failed, and nothing was sent. */
  failed: Invite[];
  /** Failed before there was an invite, with the invitation still there. */
  events: EventRecord[];
  /** Failed, and only its HR system or its caller can send it again. Ids. */
  lost: string[];
  /** What blocks the queue, if that is what the class and the code say. */
  block: Block | undefined;
};

/** Looks through the whole table, and changes nothing. */
export const findAgain = async (stack: Stack, table: Table, wanted: Wanted): Promise<Found> => {
  const block = await blockTable(table).read({ signal: AbortSignal.timeout(10_000) });
  const isBlocked = isWanted(block, wanted);
  const found: Found = {
    waiting: [],
    failed: [],
    events: [],
    lost: [],
    block: isBlocked ? block : undefined,
  };
  const records: EventRecord[] = [];
  for await (const { key, item } of itemsOf(stack)) {
    const { status, updated_at, error } = item as Invite | EventRecord;
    if (Date.parse(updated_at) < (wanted.since ?? 0)) continue;
    const [kind, id = ''] = key.split('#');
    if (kind === 'event') {
      if (status === 'failed' && isWanted(error, wanted)) {
        records.push({ ...(item as EventRecord), id });
      }
      continue;
    }
    const invite = { ...(item as Invite), id };
    if (status === 'queued' && (isBlocked || isWanted(error, wanted))) found.waiting.push(invite);
    if (status !== 'failed' || !isWanted(error, wanted)) continue;
    // Its answer has to be handed out to whoever asked.
    if (invite.external_limited) found.failed.push(invite);
    else found.lost.push(id);
  }
  const invites = new Set([...found.waiting, ...found.failed].map(({ id }) => id));
  for (const record of records) {
    if (record.invite !== undefined && invites.has(record.invite)) continue;
    if (record.invitation) found.events.push(record);
    else found.lost.push(record.id);
  }
  return found;
};

const isWanted = (
  reason: Pick<Reason, 'class' | 'code'> | undefined,
  { class: errorClass, code }: Wanted,
): boolean => reason?.class === errorClass && (code === undefined || reason.code === code);

async function* itemsOf(stack: Stack) {
  const pages = paginateScan(
    { client: stack.aws.dynamoDb },
    {
      TableName: outputOf(stack, 'TableName'),
      ConsistentRead: true,
      FilterExpression:
        '(begins_with(pk, :invite) OR begins_with(pk, :event)) AND #status IN (:failed, :queued)',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: {
        ':invite': { S: 'invite#' },
        ':event': { S: 'event#' },
        ':failed': { S: 'failed' },
        ':queued': { S: 'queued' },
      },
    },
  );
  for await (const { Items = [] } of pages) {
    for (const found of Items) {
      const { pk, due, due_at, listed, listed_at, ttl, ...item } = unmarshall(found);
      yield { key: String(pk), item };
    }
  }
}
