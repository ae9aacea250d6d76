import type { MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';
import type { ErrorClass } from '../errors/classes.ts';
import { InviteError, ownError } from '../errors/invite-error.ts';
import type { Invite } from '../invites/invite.ts';
import type { Observer } from '../invites/invocation.ts';
import type { Tell } from '../invites/telling.ts';
import type { ClockSwept } from '../lifecycle/clock.ts';
import type { Restarted } from '../webhooks/restart.ts';
import type { Silent } from '../webhooks/silence.ts';
import {
  emfRecord,
  type FunctionIdentity,
  type InvocationFacts,
  metricsRecord,
  type Outcome,
  sourceOf,
  writeEmf,
} from './metrics.ts';

/** Collects what an invocation has to tell, for its one metrics record. */
export type Observation = {
  observer: Observer;
  /** Notes how the invocation ended well. @param about the invite, or what has an id, where it was about one. */
  ended(outcome: Outcome, about?: Pick<Invite, 'id'> & Partial<Invite>): void;
  /** Notes that this invocation is the workflow's: its end is the workflow's, unless it can go on. */
  inWorkflow(): void;
  /** Notes that the workflow gave a request up, with this class. */
  gaveUp(errorClass: ErrorClass, id: string): void;
  /** Notes how many tickets are before the one that was taken. */
  ticketTaken(ahead: number, id: string): void;
  /** Notes that a sweep is done. */
  swept(): void;
  /** Notes the error that it ended with. */
  failed(error: InviteError): void;
  facts: InvocationFacts;
};

const createObservation = (): Observation => {
  const facts: InvocationFacts = {
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
      blockedBy: (error) => {
        facts.blockedBy = error;
      },
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
    ended(outcome, about) {
      facts.outcome = outcome;
      if (!about) return;
      const { id, channel, source } = about;
      facts.id = id;
      if (channel !== undefined) facts.channel = channel;
      if (source) facts.source = sourceOf(source);
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
    swept() {
      facts.outcome = 'swept';
    },
    failed(error) {
      facts.outcome = error.name === 'OutcomeUnknown' ? 'unknown' : 'refused';
      facts.error = error;
      if (error.facts.id) facts.id = error.facts.id;
    },
  };
};

/** Lambda's context with what the invocation has to tell. */
export type ObservedContext = Context & { observation: Observation };

/**
 * Metrics and logs, once an invocation, also when it fails. It stands before every middleware that
 * can fail and behind the one that answers: errors run through the chain backwards.
 *
 * @param token says when the token ends (epoch milliseconds), once it was read, if it does.
 */
export const metrics = (
  identity: FunctionIdentity,
  token: { endsAt?: number | undefined } = {},
): MiddlewareObj<unknown, unknown, Error, ObservedContext> => {
  const emit = (context: ObservedContext) => {
    const { endsAt } = token;
    const tokenLife = endsAt && Math.max(1, Math.round((endsAt - Date.now()) / 1000));
    const facts = { ...context.observation.facts, tokenLife };
    logOddities(facts);
    writeEmf(metricsRecord(identity, facts, context.awsRequestId, Date.now()));
  };

  return {
    before: ({ context }) => {
      context.observation = createObservation();
    },
    after: ({ context }) => emit(context),
    onError: (request) => {
      const error = foreseen(request.error);
      request.error = error;
      request.context.observation.failed(error);
      emit(request.context);
    },
  };
};

/** Logs what went well and still deserves a look. */
const logOddities = ({ id, warnings, unrecorded, holdOffFailed }: InvocationFacts): void => {
  if (warnings.length > 0) console.warn({ event: 'slack_warnings', id, warnings });
  if (unrecorded) {
    console.error({
      event: 'outcome_not_recorded',
      id,
      reason: unrecorded,
      detail:
        'Slack answered but the table did not: the invite will read as unknown; look in Slack before a resend',
    });
  }
  if (holdOffFailed) {
    console.warn({
      event: 'hold_off_failed',
      id,
      reason: holdOffFailed,
      detail:
        'Slack said to wait, but the other doors could not be told: they may meet its 429 too',
    });
  }
};

/** @returns the error if it is the domain's, else a defect; where it came from is logged. */
export const foreseen = (error: unknown): InviteError => {
  if (error instanceof InviteError) return error;
  logUnexpected(error);
  return ownError('unexpected');
};

// An invocation that worked is silent. The runtime adds time, level and request id. Only the fields
// named here are logged: no address, token, `url`, `conf_code` or `reference` is among them.

/**
 * Logs why a request was refused, for a door that answers errors: the runtime itself logs what a
 * task throws. A middleware behind it has made an InviteError of every error.
 */
export const errorLogger = (): MiddlewareObj<unknown, unknown, Error> => ({
  onError: ({ error }) => logRefusal(error as InviteError),
});

const logRefusal = ({ name, status, facts }: InviteError): void => {
  const { id, code, detail, retryAfter } = facts;
  const entry = { event: 'request_failed', id, class: name, code, detail, retry_after: retryAfter };
  if (status >= 500) console.error(entry);
  else console.warn(entry);
};

/** Logs what an operator has to mend before an event can go on. @param id the event record's. */
export const logBlocked = (id: string, { name, facts: { code, detail } }: InviteError): void => {
  console.error({ event: 'event_blocked', id, class: name, code, detail });
};

/** Logs what a sweep found to mend: a sweep that found nothing is silent. */
export const logSweep = (
  { invites, events, failed, invitations }: Restarted & { invitations?: ClockSwept },
  silent: readonly Silent[],
): void => {
  for (const { source, since } of silent) console.warn({ event: 'source_silent', source, since });
  const started = { invites: invites.started, events: events.started };
  if (started.invites + started.events > 0) console.warn({ event: 'swept', ...started });
  for (const { class: errorClass, code } of [...failed, ...(invitations?.failed ?? [])]) {
    console.error({ event: 'sweep_failed', class: errorClass, code });
  }
};

/**
 * Logs an error that nobody foresaw. Its message may quote anything, so only where it came from is
 * logged.
 */
export const logUnexpected = (error: unknown): void => {
  const { name, stack = '' } = error instanceof Error ? error : new Error();
  const frames = stack.split('\n').filter((line) => line.startsWith('    at '));
  console.error({
    event: 'unexpected_error',
    errorType: name,
    stack: frames.map((line) => line.trim()),
  });
};

/** Counts what others are told of invites. What is told twice counts twice. */
export const countTold =
  ({ stack, functionName }: FunctionIdentity, tell: Tell): Tell =>
  async (tellings, invocation) => {
    const isTold = await tell(tellings, invocation);
    for (const { type, detail } of isTold ? tellings : []) {
      const { channel, source } = detail as Partial<Invite>;
      const groups: Parameters<typeof emfRecord>[0] = [
        { dimensions: [['stack', 'type']], metrics: [['Told', 'Count', 1]] },
      ];
      const about = { channel, ...(source && { source: sourceOf(source) }) };
      const properties = { stack, function: functionName, type, ...about };
      writeEmf(emfRecord(groups, properties, Date.now()));
    }
    return isTold;
  };
