import { randomUUID } from 'node:crypto';
import { ownError } from '../errors/invite-error.ts';
import { idsOf, type RenamedStore } from '../invites/channel-ids.ts';
import { type Invite, inviteId, type LedgerStore, type StoredInvite } from '../invites/invite.ts';
import type { Abortable } from '../invites/invocation.ts';
import { type Tell, tellingsOf } from '../invites/telling.ts';
import { DAY_S, SLACK_CLOCK_SKEW_MS } from '../lib/times.ts';
import type { Follow, Followed, ToldInvite } from './door.ts';
import { followed, type News } from './steps.ts';

/** What is kept of a channel: who is in it, and whose acceptance waits for an approval. */
export type ChannelNotes = {
  /** When each workspace was connected: ISO 8601. */
  connected: Readonly<Record<string, string>>;
  /** When each workspace left: ISO 8601. */
  left: Readonly<Record<string, string>>;
  /** The workspace that each invite was accepted in, `?` where nobody told. */
  awaiting: Readonly<Record<string, string>>;
};

/** The table, as far as Slack's events need it beside the ledger. */
export type LifeStore = {
  /** The invite that Slack's id of an invitation points to. */
  pointed(slackInviteId: string, invocation: Abortable): Promise<string | undefined>;
  notes(channel: string, invocation: Abortable): Promise<ChannelNotes>;
  /** Notes that a channel has another id now. */
  rename(before: string, channel: string, invocation: Abortable): Promise<void>;
  /** Notes that an acceptance waits for an approval. @returns what is known of the channel. */
  awaits(channel: string, id: string, team: string, invocation: Abortable): Promise<ChannelNotes>;
  /** Takes that note back. */
  settled(channel: string, id: string, invocation: Abortable): Promise<void>;
  /** Notes a connection, unless a later one is known. @returns what is known of the channel. */
  connected(
    channel: string,
    team: string,
    at: string,
    invocation: Abortable,
  ): Promise<ChannelNotes>;
  /** Notes the end of a connection, unless a later one is known. */
  left(channel: string, team: string, at: string, invocation: Abortable): Promise<void>;
};

type Ports = {
  ledger: LedgerStore;
  life: LifeStore;
  renamed: Pick<RenamedStore, 'read'>;
  tell: Tell;
  retentionDays: number;
  now?: () => number;
};

/** Who accepted, where no event has told. */
const SOMEBODY = '?';
/** How often a change that loses a race looks again at what the winner left. */
const MAX_RACES = 5;

/** Carries the invites on by what Slack tells. Each event may come several times, and in any order. */
export const createFollow = ({
  ledger,
  life,
  renamed,
  tell,
  retentionDays,
  now = Date.now,
}: Ports): Follow => {
  const firstIdOf = async (channel: string, invocation: Abortable) =>
    idsOf(await renamed.read(invocation), channel)[0] as string;

  /** @returns the invite before and after. */
  const apply = async (id: string, news: News, invocation: Abortable) => {
    for (let race = 0; race < MAX_RACES; race += 1) {
      const stored = await ledger.read(id, invocation);
      const after = stored && followed(stored, news, new Date(now()).toISOString());
      if (!stored || !after) return { before: stored?.invite, after: stored?.invite };
      const ttl = Math.ceil(now() / 1000) + retentionDays * DAY_S;
      const tellings = tellingsOf(standing(stored), standing(after) as Invite);
      const untold = [...(stored.untold ?? []), ...tellings];
      const item: StoredInvite = { ...after, untold, revision: randomUUID(), ttl };
      if (await ledger.write(item, stored.revision, invocation)) {
        if (untold.length > 0 && (await tell(untold, invocation))) {
          await ledger.told?.(item, invocation).catch(() => undefined); // then it is told again
        }
        return { before: stored.invite, after: item.invite };
      }
    }
    throw ownError('record_raced');
  };

  /** By Slack's id of the invitation; else by the channel and the recipient. */
  const find = async (told: ToldInvite, invocation: Abortable): Promise<string | undefined> => {
    const pointed = await life.pointed(told.id, invocation);
    if (pointed !== undefined || !told.isOurs) return pointed;
    const first = await firstIdOf(told.channel, invocation);
    for (const channel of new Set([first, told.channel])) {
      for (const recipient of told.recipients) {
        const id = inviteId({ channel, recipient });
        if ((await ledger.read(id, invocation))?.invite) return id;
      }
    }
    return undefined;
  };

  /** Connects an invite whose acceptance has waited for that. */
  const connect = async (
    channel: string,
    { id, team }: { id: string; team: string },
    at: string,
    invocation: Abortable,
  ): Promise<boolean> => {
    const invite = (await ledger.read(id, invocation))?.invite;
    if (!invite || !isSince(invite, at)) return false;
    const news = { step: 'connected', at, proof: 'channel_shared', team } as const;
    const { before, after } = await apply(id, news, invocation);
    await life.settled(channel, id, invocation);
    return before !== after;
  };

  /** Connects all acceptances that have waited for a workspace. */
  const connectAll = async (
    channel: string,
    team: string,
    at: string,
    invocation: Abortable,
  ): Promise<Followed> => {
    const { awaiting } = await life.connected(channel, team, at, invocation);
    let result: Followed = 'known';
    for (const [id, whose] of Object.entries(awaiting)) {
      if (whose !== team && whose !== SOMEBODY) continue;
      if (await connect(channel, { id, team }, at, invocation)) result = 'changed';
    }
    return result;
  };

  /** An event about one invitation. */
  const followInvite = async (
    told: ToldInvite,
    newsOf: (team: string | undefined) => News,
    invocation: Abortable,
  ): Promise<Followed> => {
    const id = await find(told, invocation);
    const stored = id === undefined ? undefined : await ledger.read(id, invocation);
    if (id === undefined || !stored?.invite) return 'foreign';
    const news = newsOf(stored.invite.accepting_team);
    const { before, after } = await apply(id, news, invocation);
    if (after?.status === 'accepted') {
      const channel = await firstIdOf(told.channel, invocation);
      const team = after.accepting_team ?? SOMEBODY;
      const notes = await life.awaits(channel, id, team, invocation);
      // The connection may have been told first.
      const at = notes.connected[team];
      if (at !== undefined) await connect(channel, { id, team }, at, invocation);
    } else if (before?.status === 'accepted') {
      await life.settled(await firstIdOf(told.channel, invocation), id, invocation);
    }
    return before === after ? 'known' : 'changed';
  };

  /** What was noted under the new id, before anybody knew that it is one, goes to the first. */
  const rename = async (before: string, channel: string, invocation: Abortable) => {
    await life.rename(before, channel, invocation);
    const first = await firstIdOf(channel, invocation);
    for (const id of new Set([before, channel])) {
      if (id === first) continue;
      const { awaiting, connected } = await life.notes(id, invocation);
      for (const [invite, team] of Object.entries(awaiting)) {
        await life.awaits(first, invite, team, invocation);
      }
      for (const [team, at] of Object.entries(connected)) {
        await connectAll(first, team, at, invocation);
      }
    }
  };

  return async (event, invocation) => {
    const { type, at } = event;
    switch (type) {
      case 'tokens_revoked':
      case 'app_uninstalled':
        return 'alarm';
      case 'channel_id_changed':
        await rename(event.before, event.channel, invocation);
        return 'alarm';
      case 'channel_shared': {
        const channel = await firstIdOf(event.channel, invocation);
        return connectAll(channel, event.team, at, invocation);
      }
      case 'channel_unshared': {
        const channel = await firstIdOf(event.channel, invocation);
        const { left } = await life.notes(channel, invocation);
        if (at <= (left[event.team] ?? '')) return 'known';
        // Told before it is noted: where either fails, Slack tells again.
        const detail = { channel, previously_connected_team: event.team, disconnected_at: at };
        if (!(await tell([{ type: 'Channel Disconnected', at, detail }], invocation))) {
          throw ownError('bus_unavailable');
        }
        await life.left(channel, event.team, at, invocation);
        return 'changed';
      }
      default: {
        const { invite } = event;
        const invitation = { id: invite.id, createdAt: invite.createdAt };
        const newsOf = (known: string | undefined): News => {
          if (type === 'shared_channel_invite_declined') {
            return { step: 'declined', at, proof: type, invitation };
          }
          const team = event.team ?? known;
          // Of an acceptance that awaits an approval, a colleague who is in already proves nothing.
          const isIn =
            type === 'shared_channel_invite_accepted'
              ? !event.approvalRequired
              : team !== undefined && invite.teams.includes(team);
          const step = isIn ? 'connected' : 'accepted';
          return { step, at, proof: type, invitation, ...(team !== undefined && { team }) };
        };
        return followInvite(invite, newsOf, invocation);
      }
    }
  };
};

/** The invite that Slack knows of, also where another request waits to replace it. */
const standing = ({ queue, invite }: Pick<StoredInvite, 'queue' | 'invite'>) =>
  queue?.previous ?? invite;

/** Whether a connection is the one that an acceptance has waited for, and not an earlier one. */
const isSince = ({ accepted_at }: Invite, at: string): boolean =>
  accepted_at === undefined || Date.parse(at) >= Date.parse(accepted_at) - SLACK_CLOCK_SKEW_MS;
