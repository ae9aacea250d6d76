import { type Invite, inviteId } from './invite.ts';
import type { Abortable } from './invocation.ts';
import type { InviteRequest } from './request.ts';

/**
 * The changes of channels' ids that Slack has told of: by each id, the one before. Slack changes the id
 * of some private channels when they are shared.
 * @see https://docs.slack.dev/reference/events/channel_id_changed
 */
export type Renamed = Readonly<Record<string, string>>;

/** What this process knows of them. The gate tells it with each place, so nobody sends without. */
export type RenamedStore = {
  known(): Renamed;
  /** Reads them anew. @throws InviteError */
  read(invocation: Abortable): Promise<Renamed>;
};

/** @returns all ids of a channel, the first one first, the present one last. */
export const idsOf = (renamed: Renamed, channel: string): string[] => {
  const after = Object.fromEntries(Object.entries(renamed).map(([id, before]) => [before, id]));
  const follow = (steps: Renamed): string[] => {
    const found: string[] = [];
    let next = stepFrom(steps, channel);
    while (next !== undefined && next !== channel && !found.includes(next)) {
      found.push(next);
      next = stepFrom(steps, next);
    }
    return found;
  };
  const earlier = follow(renamed).reverse();
  return [...earlier, channel, ...follow(after).filter((id) => !earlier.includes(id))];
};

const stepFrom = (steps: Renamed, id: string) => (Object.hasOwn(steps, id) ? steps[id] : undefined);

/** The ids of channels, as the doors need them. */
export type ChannelIds = {
  /** @returns the ids that Slack, or a configuration of today, may know the channel by: the latest first. */
  othersOf(channel: string): string[];
  /** Reads the changes anew. @returns whether that made a difference to the channel. */
  renew(channel: string, invocation: Abortable): Promise<boolean>;
  /** @returns the id that Slack knows the channel by. */
  presentOf(channel: string): string;
  /** Whether the channel has had another id before this one. */
  hasEarlier(channel: string): boolean;
  /**
   * Reads a request as one for the channel's first id, which the ledger knows it by. An invite that was
   * made under a later one, before Slack told of the change, stays what it is.
   */
  resolve(request: InviteRequest, invocation: Abortable): Promise<InviteRequest>;
};

/** @param readInvite the invite as it reads, by its id. */
export const createChannelIds = (
  { known, read }: RenamedStore,
  readInvite: (id: string, invocation: Abortable) => Promise<Invite | undefined>,
): ChannelIds => {
  const ids = (channel: string) => idsOf(known(), channel);
  return {
    othersOf: (channel) =>
      ids(channel)
        .filter((id) => id !== channel)
        .reverse(),
    async renew(channel, invocation) {
      const before = ids(channel).join();
      await read(invocation);
      return ids(channel).join() !== before;
    },
    presentOf: (channel) => ids(channel).at(-1) as string,
    hasEarlier: (channel) => ids(channel)[0] !== channel,
    async resolve(request, invocation) {
      const [first = request.channel] = ids(request.channel);
      if (first === request.channel) return request;
      const resolved = { ...request, channel: first };
      const found = await Promise.all(
        [resolved, request].map((one) => readInvite(inviteId(one), invocation)),
      );
      return !found[0] && found[1] ? request : resolved;
    },
  };
};

/** A claim was about to send under an id of the channel that is not its first. */
export class ChannelMoved extends Error {}

/**
 * Acts on a request under the channel's first id, and anew where the gate tells that there is an earlier
 * one than was known.
 */
export const underFirstId = async <Result>(
  ids: ChannelIds,
  request: InviteRequest,
  invocation: Abortable,
  act: (request: InviteRequest) => Promise<Result>,
): Promise<Result> => {
  try {
    return await act(await ids.resolve(request, invocation));
  } catch (error) {
    if (!(error instanceof ChannelMoved)) throw error;
    return act(await ids.resolve(request, invocation));
  }
};
