import { InviteError } from '../invites/errors.ts';
import { EVALUATION_MS, type Evaluate } from './expression.ts';
import type { Sandbox } from './expression-sandbox.ts';

/** Begins with the next rule and event. @returns what evaluates the rule's expressions on it. */
export type NextRule = () => Evaluate;

type Ports = {
  sandbox: Sandbox;
  /** How many times a rule will be tried on an event. */
  tries: number;
  /** When the last evaluation has to have begun, in epoch milliseconds. */
  end: number;
  now: () => number;
};

/** What all evaluations of a delivery may take: half of the 3 s for which most senders wait. */
export const RULES_MS = 1500;
/** What each expression gets, however little is left: several times what most of them take. */
export const LEAST_MS = 25;

/**
 * Divides the time of one delivery among its rules and events. Each has a fair share of what is
 * left, so that an expression which runs over on some events takes nothing that the others need:
 * every rule is tried on every event, whatever the others do. When the time is used up the answer
 * comes late, which loses nothing: what was taken is kept, and what the sender repeats for want of an
 * answer is a duplicate.
 *
 * @returns what throws InviteError `SlackUnavailable` after the end: the rest was not evaluated, and
 *   has to be delivered again.
 */
export const createRuleTime = ({ sandbox, tries, end, now }: Ports): NextRule => {
  let leftMs = RULES_MS;
  let triesToCome = tries + 1;

  const evaluate: Evaluate = (expression, event, body) => {
    const begin = now();
    if (begin >= end) throw tooSlow();
    const share = Math.round(leftMs / triesToCome);
    const limit = Math.min(Math.max(share, LEAST_MS), EVALUATION_MS);
    const evaluation = sandbox.evaluate(expression, event, body, limit);
    leftMs -= now() - begin;
    return evaluation;
  };

  return () => {
    triesToCome -= 1;
    return evaluate;
  };
};

const tooSlow = () =>
  new InviteError('SlackUnavailable', {
    code: 'rules_too_slow',
    detail:
      "the rules took too long on this delivery's events to try them on all: see which expressions were stopped, and have the sender put fewer events into a delivery",
    retryAfter: 60,
  });
