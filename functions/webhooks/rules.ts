import { ownError } from '../errors/invite-error.ts';
import { REFERENCE } from '../invites/request.ts';
import { trimmed } from '../lib/text.ts';
import { EXPRESSION_MS, LEAST_EXPRESSION_MS, RULES_MS } from '../lib/times.ts';
import type { WebhookEvent } from './events.ts';
import type { Evaluate, ExpressionFailure, Sandbox } from './expression.ts';

import { type HrSource, type Lookup, MAX_PERSON_ID } from './source.ts';

/** An invitation that a rule wants: with an address, or with an id to look the person up by. */
export type RuleMatch = {
  /** Which rule of the source, from 0. */
  rule: number;
  channel: string;
  email?: string;
  lookupId?: string;
  external_limited: boolean;
  reference?: string;
};

/** Why an event, or a rule that took it, leads to no invitation. Nothing of the event is in it. */
export type Ignored = { reason: 'no_rule' } | { reason: 'no_email' | 'no_person_id'; rule: number };

/** An expression that gave nothing to go by: which one, and why. Nothing of the event is in it. */
export type Failed = {
  rule: number;
  field: 'when' | 'email' | 'reference' | 'id';
  reason: ExpressionFailure | 'not_a_reference';
};

/** Of several addresses or ids the first is taken: how many others an expression gave, of one rule. */
export type LeftOut = { rule: number; field: 'email' | 'reference' | 'id'; count: number };

export type RulesOutcome = {
  taken: RuleMatch[];
  ignored: Ignored[];
  failed: Failed[];
  leftOut?: LeftOut[];
};

/**
 * Tries every rule of a source on one event, each by itself. A rule takes the event when its `when`
 * is true; null and undefined do not match. Where the reference cannot be used, the invitation goes
 * without it, since it matters more.
 *
 * @param nextRule called once for each rule.
 * @returns the invitations, why there are no others, and each expression that failed. Nothing that an
 *   expression does makes it throw.
 * @throws InviteError where there is no time left to try all rules.
 */
export const applyRules = (
  { rules, lookup }: Pick<HrSource, 'rules' | 'lookup'>,
  event: Readable & Pick<WebhookEvent, 'subject'>,
  nextRule: NextRule,
): RulesOutcome => {
  const taken: RuleMatch[] = [];
  const ignored: Ignored[] = [];
  const failed: Failed[] = [];
  const leftOut: LeftOut[] = [];

  for (const [rule, { when, invite }] of rules.entries()) {
    const fail = (field: Failed['field'], reason: Failed['reason']): null => {
      failed.push({ rule, field, reason });
      return null;
    };
    const leaveOut = (field: LeftOut['field'], count: number) =>
      leftOut.push({ rule, field, count });
    const read = createReader(event, nextRule(), fail, leaveOut);
    if (read('when', when, 'boolean') !== true) continue;

    const recipient = recipientOf(invite.email, lookup, event.subject, read);
    if (recipient === null) continue;
    if (typeof recipient === 'string') {
      ignored.push({ reason: recipient, rule });
      continue;
    }

    let reference = textOf(read('reference', invite.reference, 'string', 'number'));
    if (typeof reference === 'string' && !REFERENCE.test(reference)) {
      reference = fail('reference', 'not_a_reference');
    }
    taken.push({
      rule,
      channel: invite.channel,
      ...recipient,
      external_limited: invite.external_limited ?? true,
      ...(typeof reference === 'string' && { reference }),
    });
  }

  if (taken.length + ignored.length + failed.length === 0) ignored.push({ reason: 'no_rule' });
  return { taken, ignored, failed, ...(leftOut.length > 0 && { leftOut }) };
};

type Readable = Pick<WebhookEvent, 'payload' | 'body'> & Partial<Pick<WebhookEvent, 'headers'>>;

type Value = string | number | boolean | undefined | null;
type Read = (field: Failed['field'], expression: string | undefined, ...types: string[]) => Value;

/** @returns what reads a field: undefined for nothing, null after it was noted as failed. */
const createReader =
  (
    { payload, body, headers }: Readable,
    evaluate: Evaluate,
    fail: (field: Failed['field'], reason: Failed['reason']) => null,
    leaveOut: (field: LeftOut['field'], count: number) => void,
  ): Read =>
  (field, expression, ...types) => {
    if (expression === undefined) return undefined;
    const evaluation = evaluate(expression, payload, body, headers);
    if ('failed' in evaluation) return fail(field, evaluation.failed);
    const { value, more = 0 } = evaluation;
    if (value !== undefined && !types.includes(typeof value)) return fail(field, 'wrong_type');
    if (more > 0 && field !== 'when') leaveOut(field, more);
    return value;
  };

/** @returns whom to invite, or why nobody, or null after an expression failed. */
const recipientOf = (
  email: string | undefined,
  lookup: Lookup | undefined,
  subject: string | undefined,
  read: Read,
): { email: string } | { lookupId: string } | 'no_email' | 'no_person_id' | null => {
  const address = textOf(read('email', email, 'string'));
  if (address === null) return null;
  if (address !== undefined) return { email: trimmed(address) };
  if (!lookup) return 'no_email';

  const lookupId =
    lookup.id === undefined ? subject : textOf(read('id', lookup.id, 'string', 'number'));
  if (lookupId === null) return null;
  // No HR system has such an id, and the table would refuse a record that is too large for ever.
  const isId = lookupId !== undefined && lookupId.length <= MAX_PERSON_ID;
  return isId ? { lookupId: trimmed(lookupId) } : 'no_person_id';
};

/** A text of spaces only says no more than none. */
const textOf = (value: Value): string | undefined | null =>
  value === undefined || value === null ? value : String(value).trim() ? String(value) : undefined;

/** Begins with the next rule and event. @returns what evaluates the rule's expressions on it. */
type NextRule = () => Evaluate;

type Ports = {
  sandbox: Pick<Sandbox, 'evaluate'>;
  /** How many times a rule will be tried on an event. */
  tries: number;
  /** When the last evaluation has to have begun, in epoch milliseconds. */
  end: number;
  now: () => number;
};

/**
 * Divides the time of one delivery among its rules and events. Each has a fair share of what is
 * left, so that an expression which runs over on some events takes nothing that the others need:
 * every rule is tried on every event, whatever the others do. When the time is used up the answer
 * comes late, which loses nothing: what was taken is kept, and what the sender repeats for want of an
 * answer is a duplicate.
 *
 * @returns what throws InviteError `Unavailable` after the end: the rest was not evaluated, and has
 *   to be delivered again.
 */
export const createRuleTime = ({ sandbox, tries, end, now }: Ports): NextRule => {
  let leftMs = RULES_MS;
  let triesToCome = tries + 1;

  const evaluate: Evaluate = (expression, event, body, headers) => {
    const begin = now();
    if (begin >= end) throw ownError('rules_too_slow');
    const share = Math.round(leftMs / triesToCome);
    const limit = Math.min(Math.max(share, LEAST_EXPRESSION_MS), EXPRESSION_MS);
    const evaluation = sandbox.evaluate(expression, event, body, limit, headers);
    leftMs -= now() - begin;
    return evaluation;
  };

  return () => {
    triesToCome -= 1;
    return evaluate;
  };
};
