import type { InviteError } from '../invites/errors.ts';
import type { Observer } from '../invites/observer.ts';

/** What one invocation came to: an outcome of the domain, a look at an invite, or an error. */
export type Outcome = 'sent' | 'existing' | 'already_in_channel' | 'read' | 'refused' | 'unknown';

/** Collects what an invocation has to tell, for its one metrics record. */
export type Observation = {
  observer: Observer;
  /** Notes how the invocation ended well. @param id the invite's. */
  ended(outcome: Outcome, id: string): void;
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
  tokenRefreshes: number;
  warnings: string[];
  unrecorded: boolean;
};

export const createObservation = (): Observation => {
  const facts: Facts = {
    outcome: 'refused',
    slackLatency: [],
    gateWait: [],
    tokenRefreshes: 0,
    warnings: [],
    unrecorded: false,
  };
  return {
    facts,
    observer: {
      gateWait: (ms) => void facts.gateWait.push(ms),
      slackLatency: (ms) => void facts.slackLatency.push(ms),
      tokenRefresh: () => {
        facts.tokenRefreshes += 1;
      },
      warnings: (codes) => void facts.warnings.push(...codes),
      unrecorded: () => {
        facts.unrecorded = true;
      },
    },
    ended(outcome, id) {
      facts.outcome = outcome;
      facts.id = id;
    },
    failed(error) {
      facts.outcome = error.name === 'OutcomeUnknown' ? 'unknown' : 'refused';
      facts.error = error;
      if (error.facts.id) facts.id = error.facts.id;
    },
  };
};
