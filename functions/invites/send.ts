import type { SlackResult } from '../slack/answer.ts';
import { isTokenRefusal } from '../slack/answer.ts';
import type { SlackClient } from '../slack/client.ts';
import type { InviteArguments } from '../slack/method.ts';
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

/** What the last write and the answer may take. */
const SETTLE_MS = 2000;
/** No call is begun with less than this: it would too often end with an unknown outcome. */
const MIN_CALL_MS = 3000;
const MAX_CALL_MS = 10_000;

/**
 * The one function behind every door: policy, claim, token, gate, mark, call, settle. Up to the
 * mark nothing was sent, and every refusal leaves the invite as it was. From the mark on, whatever
 * happens, Slack is not called again unless this call certainly did nothing or a `resend` says so.
 *
 * @throws InviteError of every class, with the invite's id.
 */
export const createSendInvite =
  ({ policy, ledger, gate, credentials, slack, now = Date.now }: Ports): SendInvite =>
  async (request, { source, deadline, leaseUntil, observe }) => {
    const id = inviteId(request);
    const callEnd = deadline - SETTLE_MS;
    const emails = request.recipient.kind === 'email';

    const timeForCall = (): number => {
      const left = callEnd - now();
      if (left < MIN_CALL_MS) throw outOfTime();
      return Math.min(left, MAX_CALL_MS);
    };
    const passGate = async () => {
      timeForCall(); // a place that comes too late would be spent for nothing
      observe.gateWait(await gate.pass(emails, callEnd - MIN_CALL_MS));
    };

    const callSlack = async (token: string): Promise<SlackResult> => {
      const timeout = timeForCall();
      const start = now();
      const result = await slack.inviteShared(token, argumentsOf(request), timeout);
      observe.slackLatency(now() - start);
      if ('warnings' in result) observe.warnings(result.warnings);
      if (result.kind === 'rate_limited') {
        // What Slack said is the answer, whether or not the others could be told.
        await gate.holdOff(result.code, result.retryAfter).catch(() => undefined);
      }
      return result;
    };

    /** Slack refuses a token before it does anything, so one more try is safe. */
    const callWithRenewal = async (token: string): Promise<SlackResult> => {
      const result = await callSlack(token);
      if (result.kind !== 'refused' || !isTokenRefusal(result.code)) return result;
      observe.tokenRefresh();
      const other = await credentials.renew(token, timeForCall);
      if (other === undefined) return result;
      await passGate();
      return callSlack(other);
    };

    const settle = async (claim: HeldClaim, outcome: Parameters<HeldClaim['settle']>[0]) => {
      const { invite, recorded } = await claim.settle(outcome);
      if (!recorded) observe.unrecorded();
      return invite;
    };

    const send = async (): Promise<SentInvite> => {
      enforcePolicy(policy, request);
      const asked = await ledger.claim(request, leaseUntil);
      if ('existing' in asked) return { invite: asked.existing, outcome: 'existing' };
      const { claim } = asked;

      let token: string;
      let attempts: number;
      try {
        token = await credentials.obtain(timeForCall);
        await passGate();
        ({ attempts } = await claim.sending(source));
        timeForCall();
      } catch (error) {
        await claim.release().catch(() => undefined); // then it lapses
        throw error;
      }

      let result: SlackResult;
      try {
        result = await callWithRenewal(token);
      } catch (error) {
        if (error instanceof InviteError)
          await settle(claim, { status: 'nothing', error: summary(error) });
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
      const status = error.name === 'OutcomeUnknown' ? 'unknown' : 'nothing';
      await settle(claim, { status, error: summary(error) });
      throw error;
    };

    try {
      return await send();
    } catch (error) {
      if (error instanceof InviteError) error.facts.id ??= id;
      throw error;
    }
  };

const argumentsOf = ({ channel, recipient, external_limited }: InviteRequest): InviteArguments => ({
  channel,
  external_limited,
  ...(recipient.kind === 'email' ? { emails: [recipient.value] } : { user_ids: [recipient.value] }),
});

const summary = ({ name, facts }: InviteError) => ({ class: name, code: facts.code });

const outOfTime = () =>
  new InviteError('SlackUnavailable', {
    code: 'out_of_time',
    detail:
      'the time of the function was used up before anything was sent; ask again after retry_after seconds',
    retryAfter: 1,
  });
