import { InviteError } from '../errors/invite-error.ts';
import { intervalOf, type Pace } from './gate.ts';

/** The lane's one item: `tat` as in the gate's, in epoch milliseconds. */
export type LaneStore = {
  /** `tat = now + interval` if `tat` lies in the past, or there is none. @returns whether it did. */
  restart(now: number, interval: number): Promise<boolean>;
  /** `tat = tat + interval` if `tat` is not in the past. @returns the new `tat`, or undefined. */
  advance(now: number, interval: number): Promise<number | undefined>;
};

/** When an ask may knock at the gate, and how many have the tickets before it. */
export type Ticket = { notBefore: number; ahead: number };

/** Lost races before giving up; normally two rounds are enough. */
const MAX_RACES = 5;

/**
 * The lane of those who can wait. It only spaces their asking, at the gate's own pace, so that a
 * backlog does not knock all at once; the gate decides. A ticket that nobody uses costs its place,
 * and nothing else.
 * @throws InviteError `SlackUnavailable`
 */
export const takeTicket = async (
  store: LaneStore,
  pace: Pick<Pace, 'ratePerMinute'>,
  now: () => number = Date.now,
): Promise<Ticket> => {
  const interval = intervalOf(pace);
  for (let race = 0; race < MAX_RACES; race += 1) {
    const at = now();
    if (await store.restart(at, interval)) return { notBefore: at, ahead: 0 };
    const tat = await store.advance(at, interval);
    if (tat !== undefined) {
      const notBefore = tat - interval;
      return { notBefore, ahead: Math.ceil((notBefore - at) / interval) };
    }
  }
  throw new InviteError('SlackUnavailable', {
    code: 'lane_busy',
    detail: 'no ticket could be taken, and nothing was sent; ask again after retry_after seconds',
    retryAfter: 1,
  });
};
