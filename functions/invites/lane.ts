import { ownError } from '../errors/invite-error.ts';
import { intervalOf, type Pace, type PaceCell, takePlace } from './gate.ts';

/** When a queued request may knock at the gate, and how many have the tickets before it. */
export type Ticket = { notBefore: number; ahead: number };

/** Takes a ticket in the lane's cell. @throws InviteError `Unavailable` */
export type TakeTicket = (cell: PaceCell) => Promise<Ticket>;

/**
 * What a queued invite shows of its ticket. A turn that is late is expected now.
 * @param notBefore the time of its ticket, or of the next one; in epoch milliseconds, as `now`.
 */
export const expectation = (
  pace: Pick<Pace, 'ratePerMinute'>,
  notBefore: number,
  now: number,
): { place: number; expected_at: string } => {
  const at = Math.max(notBefore, now);
  const ahead = Math.ceil((at - now) / intervalOf(pace));
  return { place: ahead + 1, expected_at: new Date(at).toISOString() };
};

/**
 * The lane of those who can wait. It only spaces their arrival, at the gate's own pace, and a
 * backlog does not knock all at once; the gate decides. A ticket that nobody uses costs its place,
 * and nothing else.
 */
export const createLane = (
  pace: Pick<Pace, 'ratePerMinute'>,
  now: () => number = Date.now,
): TakeTicket => {
  const interval = intervalOf(pace);
  const latest = () => Number.MAX_SAFE_INTEGER; // a backlog of any size
  const seen = { tat: 0 };

  return async (cell) => {
    const taken = await takePlace(cell, { interval, now, latest, seen });
    if (!taken) throw ownError('lane_busy');
    const { at, place } = taken;
    return { notBefore: place, ahead: Math.ceil((place - at) / interval) };
  };
};
