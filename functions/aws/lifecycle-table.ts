import { createHash } from 'node:crypto';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Renamed, RenamedStore } from '../invites/channel-ids.ts';
import type { Abortable } from '../invites/invocation.ts';
import { DAY_S, TELL_MS } from '../lib/times.ts';
import type { ChannelNotes, LifeStore } from '../lifecycle/follow.ts';
import type { Wait, WaitStore } from '../lifecycle/waits.ts';
import { GATE } from './pace-table.ts';
import { conditional, dueAt, getItem, isWritten, type Table } from './table.ts';

/** The keys of what is kept beside the invites. */
const POINTER = 'slack#';
const CHANNEL = 'channel#';

/** The attributes of a channel's item: one for each workspace, and each invite that waits. */
const JOINED = 'in:';
const LEFT = 'out:';
const AWAITS = 'awaits:';

/**
 * Lets Slack's events find an invite by Slack's id of the invitation. Written before the invite is
 * settled, and as often as need be: one without an invite does no harm.
 */
export const pointerTable =
  (table: Table, retentionDays: number, now: () => number = Date.now) =>
  async (slackInviteId: string, id: string, invocation: Abortable): Promise<void> => {
    const ttl = Math.ceil(now() / 1000) + retentionDays * DAY_S;
    const Item = marshall({ pk: POINTER + slackInviteId, id, ttl });
    const signal = AbortSignal.any([invocation.signal, AbortSignal.timeout(TELL_MS)]);
    await isWritten(table, 'PutItem', { Item }, { signal });
  };

/** In the gate's item, which every call of Slack changes: the id before, by the id after. */
const WAS = 'was:';

/**
 * The changes of channels' ids, as this process knows them.
 * @returns also what takes the attributes of the gate's item, which come with each place.
 */
export const renamedTable = (
  table: Table,
): RenamedStore & { told(item: Record<string, { S?: string }>): void } => {
  let known: Renamed = {};
  const learn = (item: Record<string, unknown>) => {
    known = after(item, WAS);
  };
  return {
    known: () => known,
    async read(invocation) {
      learn((await getItem(table, GATE, invocation)) ?? {});
      return known;
    },
    told(item) {
      const texts = Object.entries(item).map(([name, { S }]) => [name, S]);
      learn(Object.fromEntries(texts));
    },
  };
};

export const lifeTable = (table: Table): LifeStore => {
  const notes = async (channel: string, invocation: Abortable) =>
    notesOf((await getItem(table, CHANNEL + channel, invocation)) ?? {});

  /** Sets one attribute, under a condition if need be. @returns whether it did. */
  const set = (
    pk: string,
    attribute: string,
    value: string,
    invocation: Abortable,
    condition?: string,
  ): Promise<boolean> => {
    const write = {
      Key: { pk: { S: pk } },
      UpdateExpression: 'SET #attribute = :value',
      ...(condition && { ConditionExpression: condition }),
      ExpressionAttributeNames: { '#attribute': attribute },
      ExpressionAttributeValues: { ':value': { S: value } },
    };
    return isWritten(table, 'UpdateItem', write, invocation);
  };
  const LATER = 'attribute_not_exists(#attribute) OR #attribute < :value';

  return {
    notes,

    async pointed(slackInviteId, invocation) {
      return (await getItem(table, POINTER + slackInviteId, invocation))?.id;
    },

    async rename(before, channel, invocation) {
      await set(GATE, WAS + channel, before, invocation);
    },

    async awaits(channel, id, team, invocation) {
      await set(CHANNEL + channel, AWAITS + id, team, invocation);
      return notes(channel, invocation);
    },

    async settled(channel, id, invocation) {
      const write = {
        Key: { pk: { S: CHANNEL + channel } },
        UpdateExpression: 'REMOVE #attribute',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeNames: { '#attribute': AWAITS + id },
      };
      await conditional(table, 'UpdateItem', write, invocation);
    },

    async connected(channel, team, at, invocation) {
      await set(CHANNEL + channel, JOINED + team, at, invocation, LATER);
      return notes(channel, invocation);
    },

    async left(channel, team, at, invocation) {
      await set(CHANNEL + channel, LEFT + team, at, invocation, LATER);
    },
  };
};

const notesOf = (item: Record<string, unknown>): ChannelNotes => ({
  connected: after(item, JOINED),
  left: after(item, LEFT),
  awaiting: after(item, AWAITS),
});

/** The attributes whose names begin with a prefix, without it. */
const after = (item: Record<string, unknown>, prefix: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(item).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), String(value)]] : [],
    ),
  );

const key = (id: string) => ({ pk: { S: `wait#${id}` } });

/** Each wait is an attribute of the invite's own item for them, named by a hash of its token. */
const nameOf = (token: string) =>
  `task:${createHash('sha256').update(token).digest('base64url').slice(0, 22)}`;

export const waitTable = (table: Table, retentionDays: number): WaitStore => ({
  async add(id, { waitFor, token }, invocation) {
    const now = Date.now();
    const ttl = Math.ceil(now / 1000) + retentionDays * DAY_S;
    const { due, due_at } = dueAt('wait', now);
    const write = {
      Key: key(id),
      UpdateExpression: 'SET #task = :wait, #ttl = :ttl, due = :due, due_at = :due_at',
      ExpressionAttributeNames: { '#task': nameOf(token), '#ttl': 'ttl' },
      ExpressionAttributeValues: marshall({
        ':wait': { waitFor, token },
        ':ttl': ttl,
        ':due': due,
        ':due_at': due_at,
      }),
    };
    await isWritten(table, 'UpdateItem', write, invocation);
  },

  async of(id, invocation) {
    const item = (await getItem(table, key(id).pk.S, invocation)) ?? {};
    const names = Object.keys(item).filter((name) => name.startsWith('task:'));
    return names.map((name) => item[name] as Wait);
  },

  async forget(id, token, invocation) {
    const write = {
      Key: key(id),
      UpdateExpression: 'REMOVE #task',
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeNames: { '#task': nameOf(token) },
    };
    await isWritten(table, 'UpdateItem', write, invocation);
  },
});
