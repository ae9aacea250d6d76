import { isTokenRefusal, type SlackResult } from '../slack/answer.ts';
import type { SlackClient } from '../slack/client.ts';
import type { InviteArguments } from '../slack/method.ts';
import type { Credentials } from './credentials.ts';
import { reasonOf } from './errors.ts';
import type { Gate } from './gate.ts';
import type { Observer } from './observer.ts';
import type { InviteRequest } from './request.ts';
import type { TimeBudget } from './time-budget.ts';

/** What a call of Slack takes. */
export type CallPorts = {
  gate: Gate;
  credentials: Credentials;
  slack: Pick<SlackClient, 'inviteShared'>;
  now: () => number;
};

/** One call of `conversations.inviteShared`, in two steps: between them, the ledger is told. */
export type SlackCall = {
  /** Gets the token and a place at the gate. @throws InviteError if there is none. */
  prepare(): Promise<void>;
  /**
   * Calls Slack, and once more with another token if Slack refused the first one: it does so before
   * it does anything else, so one more try is safe.
   * @throws InviteError where the second try does not come about; then nothing was sent.
   */
  make(): Promise<SlackResult>;
};

export const createSlackCall = (
  { gate, credentials, slack, now }: CallPorts,
  request: InviteRequest,
  budget: TimeBudget,
  observe: Observer,
  maxGateWait = Number.POSITIVE_INFINITY,
): SlackCall => {
  let token: string;

  const passGate = async () => {
    budget.assertForCall(); // a place that comes too late would be spent for nothing
    const emails = request.recipient.kind === 'email';
    const latest = Math.min(budget.latestStart, now() + maxGateWait);
    observe.gateWait(await gate.pass(emails, latest));
  };

  const call = async (): Promise<SlackResult> => {
    const timeout = budget.forCall();
    const start = now();
    const result = await slack.inviteShared(token, argumentsOf(request), timeout);
    observe.slackLatency(now() - start);
    if ('warnings' in result) observe.warnings(result.warnings);
    if (result.kind === 'rate_limited') {
      // What Slack said is the answer, whether or not the others could be told.
      await gate
        .holdOff(result.code, result.retryAfter)
        .catch((error: unknown) => observe.holdOffFailed(reasonOf(error).code));
    }
    return result;
  };

  return {
    async prepare() {
      token = await credentials.obtain(budget.forCall, observe.tokenRefresh);
      await passGate();
    },

    async make() {
      const result = await call();
      if (result.kind !== 'refused' || !isTokenRefusal(result.code)) return result;
      const other = await credentials.renew(token, budget.forCall, observe.tokenRefresh);
      if (other === undefined) return result;
      token = other;
      await passGate();
      return call();
    },
  };
};

const argumentsOf = ({ channel, recipient, external_limited }: InviteRequest): InviteArguments => ({
  channel,
  external_limited,
  ...(recipient.kind === 'email' ? { emails: [recipient.value] } : { user_ids: [recipient.value] }),
});
