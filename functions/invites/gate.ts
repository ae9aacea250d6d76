import { InviteError } from '../errors/invite-error.ts';

/**
 * The gate's one item. `tat` is GCRA's theoretical arrival time: when the next call would come if
 * all came at even intervals. All times in epoch milliseconds.
 */
export type GateStore = {
  /**
   * Takes a place if `tat` lies in the past, or there is none: `tat = now + interval`.
   * @param emails whether the place is for an invitation by e-mail, which may be held on its own.
   */
  restart(now: number, interval: number, emails: boolean): Promise<boolean>;
  /**
   * Takes a place if `now <= tat <= latest`: `tat = tat + interval`.
   * @returns the new `tat`, or undefined.
   */
  advance(
    now: number,
    latest: number,
    interval: number,
    emails: boolean,
  ): Promise<number | undefined>;
  read(): Promise<{ tat: number; heldUntil: number; emailsHeldUntil: number }>;
  /**
   * Holds off everybody until then, unless for longer already, and `tat = max(tat, next)`. No
   * ticket of the lane is for an earlier time from then on, so that nobody comes in a crowd.
   */
  hold(until: number, next: number): Promise<void>;
  /** Holds off invitations by e-mail, and the lane, until then, unless for longer already. */
  holdEmails(until: number): Promise<void>;
};

export type Gate = {
  /**
   * Takes a place and waits for its time. The places of those who wait are taken in their order:
   * who comes later waits behind them.
   * @param emails whether the call is an invitation by e-mail.
   * @param latest until when to wait at most; one interval and a second is the limit in any case.
   * @returns how long it waited, in milliseconds.
   * @throws InviteError `RateLimited`; nothing is consumed then, unless Slack held everybody off
   *   during the wait.
   */
  pass(emails: boolean, latest: number): Promise<number>;
  /** Slack said to come back after so many seconds: every door waits, burst credit included. */
  holdOff(code: 'ratelimited' | 'ratelimit', seconds: number): Promise<void>;
};

export type Pace = { ratePerMinute: number; burst: number };
type Clock = { now(): number; sleep(ms: number): Promise<void> };

/** Beyond the interval itself: what the writes and an uneven clock may take. */
const PATIENCE_MS = 1000;
/** Lost races with other functions, after which the gate counts as busy. */
const MAX_RACES = 5;

const systemClock: Clock = {
  now: Date.now,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** Between two calls at an even pace, in milliseconds. */
export const intervalOf = ({ ratePerMinute }: Pick<Pace, 'ratePerMinute'>): number =>
  Math.ceil(60_000 / ratePerMinute);

/**
 * The one gate before Slack's limit, which counts per app, workspace and method: a generic cell
 * rate algorithm (ITU-T I.371) in one item. In any window of t minutes it lets at most
 * burst + rate · t calls through.
 */
export const createGate = (
  store: GateStore,
  pace: Pace,
  { now, sleep }: Clock = systemClock,
): Gate => {
  const interval = intervalOf(pace);
  // How far `tat` may run ahead. With the full burst · interval, burst + 1 calls would get through.
  const tolerance = (pace.burst - 1) * interval;

  /** @returns when the place is that was taken; `latest` at the latest. */
  const take = async (emails: boolean, latest: number): Promise<number> => {
    for (let race = 0; race < MAX_RACES; race += 1) {
      const at = now();
      // Mostly the gate is idle: that case first, for one write instead of two.
      if (await store.restart(at, interval, emails)) return at;
      const until = Math.max(at, latest);
      const tat = await store.advance(at, until + tolerance, interval, emails);
      if (tat !== undefined) return tat - interval - tolerance;
      const { tat: taken, emailsHeldUntil } = await store.read();
      const free = Math.max(taken - tolerance, emails ? emailsHeldUntil : 0);
      if (free > Math.max(now(), latest)) throw busy(free - now());
      if (free > now()) await sleep(free - now()); // held off, though not for long
    }
    throw busy(interval);
  };

  return {
    async pass(emails, latest) {
      const start = now();
      const place = await take(emails, Math.min(latest, start + interval + PATIENCE_MS));
      if (place > now()) {
        await sleep(place - now());
        const { heldUntil, emailsHeldUntil } = await store.read();
        const held = Math.max(heldUntil, emails ? emailsHeldUntil : 0);
        if (held > now()) throw busy(held - now());
      }
      return now() - start;
    },

    async holdOff(code, seconds) {
      const until = now() + seconds * 1000;
      if (code === 'ratelimit') await store.holdEmails(until);
      else await store.hold(until, until + tolerance);
    },
  };
};

const busy = (ms: number) =>
  new InviteError('RateLimited', {
    code: 'gate_closed',
    detail:
      'the pace that Slack permits is used up, or Slack said to wait; ask again after retry_after seconds',
    retryAfter: Math.max(Math.ceil(ms / 1000), 1),
  });
