import { type ErrorClass, errorClassOf, InviteError, identified } from '../errors/invite-error.ts';
import { carryOut, type SentInvite, type Turn } from './carry-out.ts';
import type { Ledger } from './ledger.ts';
import type { Policy } from './policy.ts';
import { type QueuedInvite, type QueueKey, requestOf } from './queue.ts';
import type { CallPorts } from './slack-call.ts';

type Ports = Omit<CallPorts, 'now'> & {
  policy: Policy;
  ledger: Ledger;
  /** Takes a place in the lane. @returns its time, in epoch milliseconds. */
  nextPlace(): Promise<number>;
  now?: () => number;
  sleep?: (ms: number) => Promise<void>;
};

export type SendQueued = {
  /**
   * Carries out an ask that waits, on its turn. What can be tried again leaves it in the queue.
   * @param notBefore the time of its ticket, in epoch milliseconds.
   * @throws InviteError of every class, with the invite's id.
   */
  send(queued: QueueKey, notBefore: number, turn: Turn): Promise<SentInvite>;
  /**
   * Ends the wait of an ask that nobody will try again, so that the invite shows why.
   * @param error the name of the error that the workflow ended with.
   * @returns the class that the invite shows; undefined if the ask was not waiting any more.
   */
  giveUp(
    queued: QueueKey,
    error: string,
    turn: Pick<Turn, 'observe'>,
  ): Promise<ErrorClass | undefined>;
};

/** The domain behind the workflow: as {@link createSendInvite}, for an ask that the ledger holds. */
export const createSendQueued = ({
  policy,
  ledger,
  nextPlace,
  now = Date.now,
  sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  ...ports
}: Ports): SendQueued => {
  const leaves = ({ queue }: QueuedInvite, { observe }: Turn) =>
    observe.queueWait(now() - queue.since);

  return {
    send: (queued, notBefore, turn) =>
      identified(queued.id, async () => {
        await sleep(Math.min(Math.max(notBefore - now(), 0), LONGEST_EARLINESS_MS));
        const asked = await ledger.claimTurn(queued, turn.leaseUntil);
        if ('existing' in asked) return { invite: asked.existing, outcome: 'existing' };
        const { claim, waiting } = asked;
        // No place ahead of time: those who wait at the door come first.
        const { source } = waiting.invite;
        const ask = { request: requestOf(waiting), source, maxGateWait: 0, policy };
        try {
          const sent = await carryOut({ ...ports, now }, claim, ask, turn);
          leaves(waiting, turn);
          return sent;
        } catch (error) {
          if (!(error instanceof InviteError)) throw error;
          if (!error.retryable) leaves(waiting, turn);
          if (error.name !== 'RateLimited') throw error;
          // Whoever was told the same second would come at once: the lane spaces this, too.
          const place = await nextPlace().catch(() => now());
          throw withRetryAfter(error, secondsToWait(error, place - now(), now() - notBefore));
        }
      }),

    giveUp: (queued, error, { observe }) =>
      identified(queued.id, async () => {
        const errorClass = errorClassOf(error);
        const reason = { class: errorClass, code: 'given_up' };
        const since = await ledger.giveUp(queued, reason);
        if (since === undefined) return undefined;
        observe.queueWait(now() - since);
        return errorClass;
      }),
  };
};

/**
 * A Wait state drops the milliseconds of its time, so that all who have a ticket for one second come at
 * its beginning. Here they spread again.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html
 */
const LONGEST_EARLINESS_MS = 1000;

/** Of the time that an ask is behind its ticket; a tenth leaves few places unused, and few rounds. */
const SHARE_OF_DELAY = 0.1;
const LONGEST_WAIT_S = 600;

/**
 * Where direct callers keep the gate busy for hours, an ask of the queue comes less and less often:
 * each round is paid for, and an execution has a limited number of them.
 *
 * @param placeMs until its next place in the lane.
 * @param delayMs how far it is behind its ticket.
 */
const secondsToWait = ({ facts }: InviteError, placeMs: number, delayMs: number): number => {
  const share = Math.ceil((SHARE_OF_DELAY * delayMs) / 1000);
  return Math.max(
    facts.retryAfter ?? 1,
    Math.ceil(placeMs / 1000),
    Math.min(share, LONGEST_WAIT_S),
  );
};

const withRetryAfter = ({ name, facts }: InviteError, retryAfter: number): InviteError =>
  new InviteError(name, { ...facts, retryAfter });
