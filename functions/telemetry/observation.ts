import type { ErrorClass, InviteError } from '../errors/invite-error.ts';
import type { Observer } from '../invites/invocation.ts';

/**
 * What one invocation came to: an outcome of the domain, a look at an invite, a step of the
 * workflow, or an error.
 */
export type Outcome =
  | 'sent'
  | 'existing'
  | 'already_in_channel'
  | 'queued'
  | 'pending_email'
  | 'read'
  | 'ticket'
  | 'given_up'
  | 'refused'
  | 'unknown';

/** Collects what an invocation has to tell, for its one metrics record. */
export type Observation = {
  observer: Observer;
  /** Notes how the invocation ended well. @param id the invite's. */
  ended(outcome: Outcome, id: string): void;
  /** Notes that this invocation is the workflow's: its end is the workflow's, unless it can go on. */
  inWorkflow(): void;
  /** Notes that the workflow gave an ask up, with this class. */
  gaveUp(errorClass: ErrorClass, id: string): void;
  /** Notes how many tickets are before the one that was taken. */
  ticketTaken(ahead: number, id: string): void;
  /** Notes the error that it ended with. */
  failed(error: InviteError): void;
  facts: Facts;
};

export type Facts = {
  outcome: Outcome;
  id?: string;
  error?: InviteError;
  /** Milliseconds; a call that is repeated with a renewed token gives several. */
  slackLatency: number[];
  gateWait: number[];
  queueWait: number[];
  queueDepth: number[];
  /** Whether the invocation carries out an ask of the queue, and with it the workflow may end. */
  workflow: boolean;
  givenUp?: ErrorClass;
  tokenRefreshes: number;
  warnings: string[];
  /** Why the ledger could not be told what Slack answered. */
  unrecorded?: string;
  /** Why the other doors could not be told to wait. */
  holdOffFailed?: string;
};

export const createObservation = (): Observation => {
  const facts: Facts = {
    outcome: 'refused',
    slackLatency: [],
    gateWait: [],
    queueWait: [],
    queueDepth: [],
    workflow: false,
    tokenRefreshes: 0,
    warnings: [],
  };
  return {
    facts,
    observer: {
      gateWait: (ms) => void facts.gateWait.push(ms),
      queueWait: (ms) => void facts.queueWait.push(ms),
      slackLatency: (ms) => void facts.slackLatency.push(ms),
      tokenRefresh: () => {
        facts.tokenRefreshes += 1;
      },
      warnings: (codes) => void facts.warnings.push(...codes),
      unrecorded: (code) => {
        facts.unrecorded = code;
      },
      holdOffFailed: (code) => {
        facts.holdOffFailed = code;
      },
    },
    ended(outcome, id) {
      facts.outcome = outcome;
      facts.id = id;
    },
    inWorkflow() {
      facts.workflow = true;
    },
    gaveUp(errorClass, id) {
      facts.workflow = true;
      facts.outcome = 'given_up';
      facts.givenUp = errorClass;
      facts.id = id;
    },
    ticketTaken(ahead, id) {
      facts.outcome = 'ticket';
      facts.queueDepth.push(ahead);
      facts.id = id;
    },
    failed(error) {
      facts.outcome = error.name === 'OutcomeUnknown' ? 'unknown' : 'refused';
      facts.error = error;
      if (error.facts.id) facts.id = error.facts.id;
    },
  };
};
