import type { SlackResult } from '../slack/answer.ts';
import type { SlackClient } from '../slack/client.ts';
import type { HeldClaim } from './claim.ts';
import type { Credentials } from './credentials.ts';
import { InviteError } from './errors.ts';
import type { Gate } from './gate.ts';
import { type Invite, inviteId, type Source } from './invite.ts';
import type { Ledger } from './ledger.ts';
import type { Observer } from './observer.ts';
import { enforcePolicy, type Policy } from './policy.ts';
import { refusal } from './refusal.ts';
import type { InviteRequest } from './request.ts';
import type { Settlement } from './settlement.ts';
import { createSlackCall } from './slack-call.ts';
import { createTimeBudget } from './time-budget.ts';

/** One ask at one door. Times in epoch milliseconds. */
export type Call = {
  source: Source;
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

export type SendInvite = (request: InviteRequest, call: Call) => Promise<SentInvite>;

type Ports = {
  policy: Policy;
  ledger: Ledger;
  gate: Gate;
  credentials: Credentials;
  slack: Pick<SlackClient, 'inviteShared'>;
  now?: () => number;
};

/**
 * The one function behind every door: policy, claim, token, gate, mark, call, settle. Up to the
 * mark nothing was sent, and every refusal leaves the invite as it was. From the mark on, whatever
 * happens, Slack is not called again unless this call certainly did nothing or a `resend` says so.
 *
 * @throws InviteError of every class, with the invite's id.
 */
export const createSendInvite =
  ({ policy, ledger, now = Date.now, ...ports }: Ports): SendInvite =>
  async (request, { source, deadline, leaseUntil, observe }) => {
    const budget = createTimeBudget(deadline, now);
    const slackCall = createSlackCall({ ...ports, now }, request, budget, observe);

    const settle = async (claim: HeldClaim, outcome: Settlement): Promise<Invite> => {
      const { invite, recorded } = await claim.settle(outcome);
      if (!recorded) observe.unrecorded();
      return invite;
    };

    const send = async (): Promise<SentInvite> => {
      enforcePolicy(policy, request);
      const asked = await ledger.claim(request, leaseUntil);
      if ('existing' in asked) return { invite: asked.existing, outcome: 'existing' };
      const { claim } = asked;

      let attempts: number;
      try {
        await slackCall.prepare();
        ({ attempts } = await claim.sending(source));
        budget.forCall();
      } catch (error) {
        await claim.release().catch(() => undefined); // then it lapses
        throw error;
      }

      let result: SlackResult;
      try {
        result = await slackCall.make();
      } catch (error) {
        if (error instanceof InviteError) await settle(claim, nothingSent(error));
        throw error;
      }

      if (result.kind === 'accepted') {
        const { url, conf_code, ...answer } = result.answer;
        const invite = await settle(claim, { status: 'sent', slack: answer });
        const secrets = { ...(url && { url }), ...(conf_code && { conf_code }) };
        return { invite, outcome: 'sent', ...(!request.external_limited && { secrets }) };
      }
      if (result.kind === 'refused' && result.code === 'already_in_channel') {
        const invite = await settle(claim, { status: 'already_in_channel' });
        return { invite, outcome: 'already_in_channel' };
      }
      const error = refusal(result, attempts);
      const unknown = error.name === 'OutcomeUnknown';
      await settle(claim, { ...nothingSent(error), ...(unknown && { status: 'unknown' }) });
      throw error;
    };

    try {
      return await send();
    } catch (error) {
      if (error instanceof InviteError) error.facts.id ??= inviteId(request);
      throw error;
    }
  };

const nothingSent = ({ name, facts }: InviteError) =>
  ({ status: 'nothing', error: { class: name, code: facts.code } }) as const;
