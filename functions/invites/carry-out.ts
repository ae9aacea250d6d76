import { InviteError } from '../errors/invite-error.ts';
import type { SlackResult } from '../slack/answer.ts';
import type { HeldClaim } from './claim.ts';
import type { Invite, Source } from './invite.ts';
import type { Observer } from './invocation.ts';
import { enforcePolicy, type Policy } from './policy.ts';
import { refusal } from './refusal.ts';
import type { InviteRequest } from './request.ts';
import { type CallPorts, createSlackCall, createTimeBudget } from './slack-call.ts';
import type { Settlement } from './transitions.ts';

/** The times of one invocation, in epoch milliseconds, and whom to tell. */
export type Turn = {
  /** When the domain has to be done, its last write included. */
  deadline: number;
  /** When the function will certainly have ended: until then nobody else may touch the invite. */
  leaseUntil: number;
  observe: Observer;
};

export type SentInvite = {
  invite: Invite;
  outcome: 'sent' | 'existing' | 'already_in_channel';
  /** Slack's `url` and `conf_code`: handed out this once, kept nowhere. */
  secrets?: { url?: string; conf_code?: string };
};

type Ask = { request: InviteRequest; source: Source; policy: Policy; maxGateWait?: number };

/**
 * What follows the claim, whoever holds it: policy, token, gate, mark, call, settle. Up to the mark nothing
 * was sent, and a refusal gives the claim up. From the mark on, whatever happens, Slack is not
 * called again unless this call certainly did nothing or a `resend` says so.
 *
 * @param maxGateWait how long to wait for a place at most, in milliseconds; left out: the gate's own limit.
 * @throws InviteError of every class.
 */
export const carryOut = async (
  ports: CallPorts,
  claim: HeldClaim,
  { request, source, policy, maxGateWait }: Ask,
  { deadline, observe }: Turn,
): Promise<SentInvite> => {
  const budget = createTimeBudget(deadline, ports.now);
  const slackCall = createSlackCall(ports, request, budget, observe, maxGateWait);

  const settle = async (outcome: Settlement): Promise<Invite> => {
    const { invite, unrecorded } = await claim.settle(outcome);
    if (unrecorded) observe.unrecorded(unrecorded);
    return invite;
  };

  let attempts: number;
  try {
    enforcePolicy(policy, request);
    await slackCall.prepare();
    ({ attempts } = await claim.sending(source));
    budget.assertForCall();
  } catch (error) {
    await claim.release(error).catch(() => undefined); // then it lapses
    throw error;
  }

  let result: SlackResult;
  try {
    result = await slackCall.make();
  } catch (error) {
    if (error instanceof InviteError) await settle(nothingSent(error));
    throw error;
  }

  if (result.kind === 'accepted') {
    const { url, conf_code, ...answer } = result.answer;
    const invite = await settle({ status: 'sent', slack: answer });
    const secrets = { ...(url && { url }), ...(conf_code && { conf_code }) };
    return { invite, outcome: 'sent', ...(!request.external_limited && { secrets }) };
  }
  if (result.kind === 'refused' && result.code === 'already_in_channel') {
    const invite = await settle({ status: 'already_in_channel' });
    return { invite, outcome: 'already_in_channel' };
  }
  const error = refusal(result, attempts);
  const unknown = error.name === 'OutcomeUnknown';
  await settle({ ...nothingSent(error), ...(unknown && { status: 'unknown' }) });
  throw error;
};

const nothingSent = ({ name, facts }: InviteError) =>
  ({ status: 'nothing', error: { class: name, code: facts.code } }) as const;
