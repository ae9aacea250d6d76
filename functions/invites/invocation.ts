import type { InviteError } from '../errors/invite-error.ts';

/**
 * What belongs to one invocation of a function: it travels as one argument, and everything else is
 * composed once a process. Times in epoch milliseconds.
 */
export type Invocation = {
  /** When the domain has to be done, its last write included. */
  deadline: number;
  /** When the function will certainly have ended: until then nobody else may touch the invite. */
  leaseUntil: number;
  /** Ends what is still under way at the deadline: nothing runs on in a later invocation. */
  signal: AbortSignal;
  /** Told what is worth telling besides the result. */
  observe: Observer;
};

/** What a store has to know of the invocation. */
export type Abortable = Pick<Invocation, 'signal'>;

/** What the domain tells besides its result. Times in milliseconds. */
export type Observer = {
  gateWait(ms: number): void;
  /** A request has left the queue, this long after it came in. */
  queueWait(ms: number): void;
  slackLatency(ms: number): void;
  /** What an operator has to mend stands in the way of a request or an event, which waits for that. */
  blockedBy(error: InviteError): void;
  /** The secret was read once more because Slack refused the token. */
  tokenRefresh(): void;
  /** Slack's warnings, which never fail a call. */
  warnings(codes: string[]): void;
  /** Slack answered, but the ledger could not be told. @param code why */
  unrecorded(code: string): void;
  /** Slack said to wait, but the other doors could not be told. @param code why */
  holdOffFailed(code: string): void;
};
