import { InviteError, reasonOf } from '../errors/invite-error.ts';
import { isTokenRefusal, type SlackResult } from '../slack/answer.ts';
import type { SlackClient } from '../slack/client.ts';
import type { InviteArguments } from '../slack/method.ts';
import type { Credentials } from './credentials.ts';
import type { Gate } from './gate.ts';
import type { Observer } from './invocation.ts';
import type { InviteRequest } from './request.ts';

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

/** What is left of an invocation for calling Slack. */
export type TimeBudget = {
  /** When a call must have begun at the latest, in epoch milliseconds. */
  latestStart: number;
  /** @returns milliseconds for one call. @throws InviteError `SlackUnavailable`: too little is left. */
  forCall(): number;
  /** Makes sure that there is time for one call. @throws InviteError `SlackUnavailable` */
  assertForCall(): void;
};

/** What the last write and the answer may take. */
const SETTLE_MS = 2000;
/** No call is begun with less than this: it would too often end with an unknown outcome. */
const MIN_CALL_MS = 3000;
const MAX_CALL_MS = 10_000;

/** @param deadline when the domain has to be done, its last write included, in epoch milliseconds. */
export const createTimeBudget = (deadline: number, now: () => number): TimeBudget => {
  const callEnd = deadline - SETTLE_MS;
  const forCall = () => {
    const left = callEnd - now();
    if (left < MIN_CALL_MS) throw outOfTime();
    return Math.min(left, MAX_CALL_MS);
  };
  return { latestStart: callEnd - MIN_CALL_MS, forCall, assertForCall: () => void forCall() };
};

const outOfTime = () =>
  new InviteError('SlackUnavailable', {
    code: 'out_of_time',
    detail:
      'the time of the function was used up before anything was sent; ask again after retry_after seconds',
    retryAfter: 1,
  });
