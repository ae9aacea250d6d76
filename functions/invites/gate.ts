import { ownError } from '../errors/invite-error.ts';
import { GATE_PATIENCE_MS } from '../lib/times.ts';
import type { Abortable } from './invocation.ts';

/** The gate's one item: a cell, and until when Slack held callers off, in epoch milliseconds. */
export type GateStore = {
  /** @param emails whether places are for invitations by e-mail, which may be held on their own. */
  cell(emails: boolean, invocation: Abortable): PaceCell;
  read(invocation: Abortable): Promise<{ tat: number; heldUntil: number; emailsHeldUntil: number }>;
  /**
   * Holds off everybody until then, unless for longer already, and `tat = max(tat, next)`. No
   * ticket of the lane is for an earlier time from then on, and nobody comes in a crowd.
   */
  hold(until: number, next: number, invocation: Abortable): Promise<void>;
  /** Holds off invitations by e-mail, and the lane, until then, unless for longer already. */
  holdEmails(until: number, invocation: Abortable): Promise<void>;
};

export type Gate = {
  /**
   * Takes a place and waits for its time. Those who wait have their places in the order of their
   * arrival.
   * @param emails whether the call is an invitation by e-mail.
   * @param latest until when to wait at most; one interval and a second is the limit in any case.
   * @returns how long it waited, in milliseconds.
   * @throws InviteError `RateLimited`; nothing is consumed then, unless Slack held everybody off
   *   during the wait.
   */
  pass(emails: boolean, latest: number, invocation: Abortable): Promise<number>;
  /**
   * Looks where the next place is, and takes none.
   * @returns how long {@link pass} would wait, in milliseconds.
   * @throws InviteError `RateLimited`, as it would.
   */
  foresee(emails: boolean, invocation: Abortable): Promise<number>;
  /** Slack said to come back after so many seconds: every door waits, burst credit included. */
  holdOff(code: 'ratelimited' | 'ratelimit', seconds: number, invocation: Abortable): Promise<void>;
};

type Clock = { now(): number; sleep(ms: number): Promise<void> };

const systemClock: Clock = {
  now: Date.now,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/**
 * The one gate before Slack's limit, which counts per app, workspace and method. In any window of
 * t minutes it lets at most burst + rate · t calls through.
 */
export const createGate = (
  store: GateStore,
  pace: Pace,
  { now, sleep }: Clock = systemClock,
): Gate => {
  const interval = intervalOf(pace);
  // How far `tat` may run ahead. With the full burst · interval, burst + 1 calls would get through.
  const tolerance = (pace.burst - 1) * interval;
  const seen = { tat: 0 };

  /** @returns when the place is that was taken; `latest` at the latest. */
  const take = async (emails: boolean, latest: number, invocation: Abortable): Promise<number> => {
    const taken = await takePlace(store.cell(emails, invocation), {
      interval,
      now,
      seen,
      latest: (at) => Math.max(at, latest) + tolerance,
      async refused() {
        const { tat, emailsHeldUntil } = await store.read(invocation);
        const free = Math.max(tat - tolerance, emails ? emailsHeldUntil : 0);
        if (free > Math.max(now(), latest)) throw closed(free - now());
        if (free > now()) await sleep(free - now()); // held off, though not for long
      },
    });
    if (!taken) throw closed(interval);
    const { at, place } = taken;
    return place === at ? at : place - tolerance;
  };

  return {
    async pass(emails, latest, invocation) {
      const start = now();
      const patience = start + interval + GATE_PATIENCE_MS;
      const place = await take(emails, Math.min(latest, patience), invocation);
      if (place > now()) {
        await sleep(place - now());
        const { heldUntil, emailsHeldUntil } = await store.read(invocation);
        const held = Math.max(heldUntil, emails ? emailsHeldUntil : 0);
        if (held > now()) throw closed(held - now());
      }
      return now() - start;
    },

    async foresee(emails, invocation) {
      const { tat, emailsHeldUntil } = await store.read(invocation);
      const wait = Math.max(tat - tolerance, emails ? emailsHeldUntil : 0) - now();
      if (wait > interval + GATE_PATIENCE_MS) throw closed(wait);
      return Math.max(wait, 0);
    },

    async holdOff(code, seconds, invocation) {
      const until = now() + seconds * 1000;
      if (code === 'ratelimit') await store.holdEmails(until, invocation);
      else await store.hold(until, until + tolerance, invocation);
    },
  };
};

const closed = (ms: number) =>
  ownError('gate_closed', {}, { retryAfter: Math.max(Math.ceil(ms / 1000), 1) });

/** How many calls Slack permits: a steady rate, and how many may come at once. */
export type Pace = { ratePerMinute: number; burst: number };

/**
 * A cell of the generic cell rate algorithm (ITU-T I.371). `tat` is its theoretical arrival time:
 * when the next call would come if all came at even intervals. All times in epoch milliseconds.
 */
export type PaceCell = {
  /** Takes a place if `tat` lies in the past, or there is none: `tat = now + interval`. */
  restart(now: number, interval: number): Promise<boolean>;
  /**
   * Takes a place if `now <= tat <= latest`: `tat = tat + interval`.
   * @returns the new `tat`, or undefined.
   */
  advance(now: number, latest: number, interval: number): Promise<number | undefined>;
};

/** Between two calls at an even pace, in milliseconds. */
export const intervalOf = ({ ratePerMinute }: Pick<Pace, 'ratePerMinute'>): number =>
  Math.ceil(60_000 / ratePerMinute);

/** Lost races with other functions before giving up; normally two rounds are enough. */
const MAX_RACES = 5;

/** How a place is taken in a cell. */
type Taking = {
  interval: number;
  now(): number;
  /** How far `tat` may lie ahead for a place to be taken, given the time. */
  latest(now: number): number;
  /** `tat` as this process saw it last: it says where the next place is likely to be. */
  seen: { tat: number };
  /** What to do about a cell that gave no place, before the next round. @throws to give up. */
  refused?(): Promise<void>;
};

/**
 * Takes the next place of a cell.
 * @returns `tat` as it was before: when the place is; undefined after too many lost races.
 */
const takePlace = async (
  cell: PaceCell,
  { interval, now, latest, seen, refused }: Taking,
): Promise<{ at: number; place: number } | undefined> => {
  for (let race = 0; race < MAX_RACES; race += 1) {
    const at = now();
    const restart = async () => ((await cell.restart(at, interval)) ? at + interval : undefined);
    const advance = () => cell.advance(at, latest(at), interval);
    // The likely case first: mostly one write, where it may take two.
    const [likely, other] = seen.tat < at ? [restart, advance] : [advance, restart];
    const tat = (await likely()) ?? (await other());
    if (tat !== undefined) {
      seen.tat = tat;
      return { at, place: tat - interval };
    }
    await refused?.();
  }
  return undefined;
};

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
