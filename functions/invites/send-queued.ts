import { ERROR_CLASSES, type ErrorClass, errorClassOf } from '../errors/classes.ts';
import {
  InviteError,
  identified,
  invalidFields,
  isMendable,
  reasonOf,
} from '../errors/invite-error.ts';
import { DAY_MS, LONGEST_EARLINESS_MS, LONGEST_TURN_WAIT_S } from '../lib/times.ts';
import type { Probe, QueueBlock } from './block.ts';
import type { HeldClaim } from './claim.ts';
import type { Invite, Status } from './invite.ts';
import type { Invocation } from './invocation.ts';
import type { Ledger } from './ledger.ts';
import type { Admission } from './policy.ts';
import { parseQueued, type QueuedInvite, type QueueKey, requestOf, unlessBehind } from './queue.ts';
import type { InviteRequest } from './request.ts';
import { carryOut, type SentInvite } from './send.ts';
import type { CallPorts } from './slack-call.ts';

type Ports = Omit<CallPorts, 'now'> & {
  admission: Admission;
  ledger: Ledger;
  block: QueueBlock;
  /** Takes a place in the lane. @returns its time, in epoch milliseconds. */
  nextPlace(invocation: Invocation): Promise<number>;
  /** Notes when the turn of a request is expected, in epoch milliseconds. */
  expectTurn(queued: QueueKey, at: number, invocation: Invocation): Promise<void>;
  now?: () => number;
  sleep?: (ms: number) => Promise<void>;
};

export type SendQueued = {
  /**
   * Carries out a queued request, on its turn. It stays in the queue where a retry can help.
   * @param notBefore the time of its ticket, in epoch milliseconds.
   * @throws InviteError of every class, with the invite's id.
   */
  send(queued: QueueKey, notBefore: number, invocation: Invocation): Promise<SentInvite>;
  /**
   * Ends the wait of a request that its workflow will not try again; the invite then shows why. One
   * that another try can help, and that has more than a day left, stays: the sweep starts it again.
   * @param error the name of the error that the workflow ended with.
   * @returns the class that the invite shows; undefined if it is as it was.
   */
  giveUp(queued: QueueKey, error: string, invocation: Invocation): Promise<ErrorClass | undefined>;
};

/** The domain behind the workflow: as {@link createSendInvite}, for a request that the ledger holds. */
export const createSendQueued = ({
  admission,
  ledger,
  block,
  nextPlace,
  expectTurn,
  now = Date.now,
  sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  ...ports
}: Ports): SendQueued => {
  const leaves = ({ queue }: QueuedInvite, { observe }: Invocation) =>
    observe.queueWait(now() - queue.since);

  /** The policy of today decides about the caller of then, not the one of the day when the request came. */
  const recheck = async (
    claim: HeldClaim,
    request: InviteRequest,
    { queue, invite: { source } }: QueuedInvite,
    invocation: Invocation,
  ) => {
    try {
      await admission.admit(request, queue.caller ?? [], invocation);
    } catch (found) {
      const error = source.event ? unlessBehind(found, now() - queue.since) : found;
      await claim.release(error).catch(() => undefined); // then it lapses
      throw error;
    }
  };

  const takeTurn = async (
    queued: QueueKey,
    notBefore: number,
    invocation: Invocation,
    beforeCall: (() => Promise<void>) | undefined,
  ) => {
    const found = await ledger.claimTurn(queued, invocation);
    if ('existing' in found) return { invite: found.existing, outcome: 'existing' } as const;
    const { claim, waiting } = found;
    const request = requestOf(waiting);
    // No place ahead of time: those who wait at the door come first.
    const { invite, queue } = waiting;
    const { caller: names = [] } = queue;
    const claimed = { request, source: invite.source, names, maxGateWait: 0, beforeCall };
    try {
      await recheck(claim, request, waiting, invocation);
      const sent = await carryOut({ ...ports, now }, claim, claimed, invocation);
      leaves(waiting, invocation);
      return sent;
    } catch (error) {
      if (!(error instanceof InviteError)) throw error;
      if (!error.retryable && !isMendable(reasonOf(error))) leaves(waiting, invocation);
      if (error.name !== 'RateLimited') throw error;
      // All who were told the same second would come at once: the lane spaces this, too.
      const place = await nextPlace(invocation).catch(() => now());
      const seconds = secondsToWait(error, place - now(), now() - notBefore);
      await expectTurn(queued, now() + seconds * 1000, invocation).catch(() => undefined);
      throw withRetryAfter(error, seconds);
    }
  };

  return {
    send: (queued, notBefore, invocation) =>
      identified(queued.id, async () => {
        await sleep(Math.min(Math.max(notBefore - now(), 0), LONGEST_EARLINESS_MS));
        let probe = undefined as Probe | undefined; // once the turn has taken it
        // Where the block cannot be removed, the next probe removes it.
        const lift = () => (probe ? block.lift(invocation).catch(() => undefined) : undefined);
        try {
          const due = await block.enter(invocation);
          // A turn with nothing to send leaves the probe to the next.
          const beforeCall =
            due &&
            (async () => {
              await due.take();
              probe = due;
            });
          const sent = await takeTurn(queued, notBefore, invocation, beforeCall);
          await lift();
          return sent;
        } catch (error) {
          if (!(error instanceof InviteError)) throw error;
          if (isMendable(reasonOf(error))) {
            invocation.observe.blockedBy(error);
            throw await block.raise(error, now() - notBefore, invocation);
          }
          if (error.facts.slackError !== undefined) await lift(); // Slack took the token
          // Nothing was sent: the gate was closed, or something of ours failed before the call.
          const isUntried = error.facts.code === 'gate_closed' || error.name === 'Unavailable';
          if (isUntried) await probe?.giveBack().catch(() => undefined);
          throw error;
        }
      }),

    giveUp: (queued, error, invocation) =>
      identified(queued.id, async () => {
        const errorClass = errorClassOf(error);
        const reason = { class: errorClass, code: 'given_up' } as const;
        const isFinal = error in ERROR_CLASSES && !ERROR_CLASSES[errorClass].retryable;
        const leftMs = isFinal ? undefined : DAY_MS;
        const since = await ledger.giveUp(queued, reason, invocation, leftMs);
        if (since === undefined) {
          await ledger.waiting(queued.id, invocation); // ends it where its time is over
          return undefined;
        }
        invocation.observe.queueWait(now() - since);
        return errorClass;
      }),
  };
};

/** Of the time that a request is behind its ticket; a tenth leaves few places unused, and few rounds. */
const SHARE_OF_DELAY = 0.1;

/**
 * Where direct callers keep the gate busy for hours, a queued request comes less and less often:
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
    Math.min(share, LONGEST_TURN_WAIT_S),
  );
};

const withRetryAfter = ({ name, facts }: InviteError, retryAfter: number): InviteError =>
  new InviteError(name, { ...facts, retryAfter });

/** What the workflow wants of a queued request. */
export type TurnTask =
  /** Its turn, with the time of its ticket in epoch milliseconds. */
  | { kind: 'turn'; queued: QueueKey; notBefore: number }
  /** Its end without an invitation, with the name of the error. */
  | { kind: 'give-up'; queued: QueueKey; error: string };

/**
 * @param event `id` and `generation`, and `not_before` or `give_up`.
 * @throws InviteError `InvalidRequest`
 */
export const parseTurnTask = (event: unknown): TurnTask => {
  const { give_up: error, not_before: ticket, ...reference } = { ...(event as object) } as Fields;
  const queued = parseQueued(reference);
  if (typeof error === 'string') return { kind: 'give-up', queued, error };
  if (error !== undefined) {
    throw invalidFields([{ field: 'give_up', detail: 'must be the name of an error' }]);
  }
  const notBefore = typeof ticket === 'string' ? Date.parse(ticket) : Number.NaN;
  if (Number.isNaN(notBefore)) {
    throw invalidFields([{ field: 'not_before', detail: 'must be the time of the ticket' }]);
  }
  return { kind: 'turn', queued, notBefore };
};

type Fields = Record<string, unknown>;

/** What a turn came to; what was given up has the id only. It stands in the history: no address is in it. */
export type TurnResult =
  | {
      id: string;
      status: Status;
      outcome: SentInvite['outcome'];
      attempts: number;
      slack?: Invite['slack'];
    }
  | { id: string };

export const turnResult = (
  { id, status, attempts, slack }: Invite,
  outcome: SentInvite['outcome'],
): TurnResult => ({
  id,
  status,
  outcome,
  attempts,
  ...(slack && { slack }),
});
