import { type InviteError, ownError, reasonOf } from '../errors/invite-error.ts';
import type { Connection } from '../lib/exchange.ts';
import { MAX_CALL_MS, MIN_CALL_MS, SETTLE_MS } from '../lib/times.ts';
import { isTokenRefusal, refusalByCode, type SlackResult } from '../slack/answer.ts';
import type { SlackClient } from '../slack/client.ts';
import { CODES, isListed } from '../slack/codes.ts';
import type { InviteArguments } from '../slack/method.ts';
import type { TokenSource } from '../slack/token.ts';
import type { ChannelIds } from './channel-ids.ts';
import type { Gate } from './gate.ts';
import type { Invocation } from './invocation.ts';
import type { InviteRequest } from './request.ts';

/** What a call of Slack takes. */
export type CallPorts = {
  gate: Gate;
  credentials: Credentials;
  slack: Pick<SlackClient, 'connect' | 'inviteShared'>;
  /** Where the deployment follows the changes of channels' ids. */
  ids?: ChannelIds | undefined;
  now: () => number;
};

type Prepared = {
  /** In milliseconds; left out: the gate's own limit. */
  maxGateWait?: number | undefined;
  /** One that is open already, or about to be. */
  connection?: Connection | undefined;
};

/** One call of `conversations.inviteShared`, in two steps: between them, the ledger is told. */
export type SlackCall = {
  /**
   * Gets the token and a place at the gate, while the connection is opened. @throws InviteError if
   * there is none.
   */
  prepare(): Promise<void>;
  /** Gives it up: what was prepared is not needed. */
  abandon(): void;
  /** Makes sure that there is still time for the call. @throws InviteError `Unavailable` */
  assertTime(): void;
  /**
   * Calls Slack, and once more with another token if Slack refused the first one: it does so before
   * it does anything else, so one more try is safe.
   * @throws InviteError where the second try does not come about; then nothing was sent.
   */
  make(): Promise<SlackResult>;
};

export const createSlackCall = (
  { gate, credentials, slack, ids, now }: CallPorts,
  request: InviteRequest,
  invocation: Invocation,
  { maxGateWait = Number.POSITIVE_INFINITY, connection: opened }: Prepared,
): SlackCall => {
  const { observe } = invocation;
  const budget = createTimeBudget(invocation.deadline, now);
  let token: string;
  let connection = opened;

  const passGate = async () => {
    budget.forCall(); // a place that comes too late would be spent for nothing
    const emails = request.recipient.kind === 'email';
    const latest = Math.min(budget.latestStart, now() + maxGateWait);
    observe.gateWait(await gate.pass(emails, latest, invocation));
  };

  const call = async (): Promise<SlackResult> => {
    const timeout = budget.forCall();
    const start = now();
    const prepared = connection;
    connection = undefined;
    const channel = ids?.presentOf(request.channel) ?? request.channel;
    const given = argumentsOf({ ...request, channel });
    const result = await slack.inviteShared(token, given, timeout, prepared);
    observe.slackLatency(now() - start);
    if ('warnings' in result) observe.warnings(result.warnings);
    if (result.kind === 'rate_limited') {
      // What Slack said is the answer, whether or not the others could be told.
      await gate
        .holdOff(result.code, result.retryAfter, invocation)
        .catch((error: unknown) => observe.holdOffFailed(reasonOf(error).code));
    }
    return result;
  };

  return {
    async prepare() {
      connection ??= slack.connect();
      token = await credentials.obtain(budget.forCall, observe.tokenRefresh);
      await passGate();
    },

    abandon: () => connection?.close(),

    assertTime: () => void budget.forCall(),

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
type TimeBudget = {
  /** When a call must have begun at the latest, in epoch milliseconds. */
  latestStart: number;
  /** @returns milliseconds for one call. @throws InviteError `Unavailable`: too little is left. */
  forCall(): number;
};

const createTimeBudget = (deadline: number, now: () => number): TimeBudget => {
  const callEnd = deadline - SETTLE_MS;
  return {
    latestStart: callEnd - MIN_CALL_MS,
    forCall() {
      const left = callEnd - now();
      if (left < MIN_CALL_MS) throw ownError('out_of_time');
      return Math.min(left, MAX_CALL_MS);
    },
  };
};

/** The token, once it is known to be there and to belong to the right workspace. */
export type Credentials = {
  /**
   * @param timeLeft called before every step: the time-out of a call of Slack in milliseconds;
   *   throws if there is no time for one.
   * @param refreshed told when the secret is read once more because Slack refused the token.
   * @throws InviteError `SlackCredentials`, `SlackUnavailable`, `Unavailable`, or what `timeLeft` throws.
   */
  obtain(timeLeft: () => number, refreshed: () => void): Promise<string>;
  /**
   * After Slack refused a token: reads the secret once more.
   * @returns another token, or undefined if it is still the same.
   * @throws InviteError as {@link obtain}.
   */
  renew(
    refused: string,
    timeLeft: () => number,
    refreshed: () => void,
  ): Promise<string | undefined>;
};

/**
 * @param workspace the id that the token's workspace must have (`auth.test`, called once a process
 *   and token), so that a wrong token cannot invite from the wrong company; undefined: any.
 */
export const createCredentials = (
  tokens: TokenSource,
  slack: Pick<SlackClient, 'workspaceOf'>,
  workspace: string | undefined,
): Credentials => {
  let known: { token: string; teamId: string } | undefined;

  /** @returns the refusal, if Slack refuses the token itself. @throws InviteError for the rest. */
  const verify = async (
    token: string,
    timeLeft: () => number,
  ): Promise<InviteError | undefined> => {
    if (workspace === undefined) return undefined;
    if (known?.token !== token) {
      const { teamId, code } = await slack.workspaceOf(token, timeLeft());
      if (code !== undefined && isTokenRefusal(code)) return refusalByCode(code, 0);
      if (teamId === undefined) throw unverified(code);
      known = { token, teamId };
    }
    if (known.teamId !== workspace) throw ownError('wrong_workspace', { workspace });
    return undefined;
  };

  const renew: Credentials['renew'] = async (refused, timeLeft, refreshed) => {
    timeLeft();
    refreshed();
    const token = await tokens.refresh(refused);
    // What was put in cannot be read: that is the fault, and not the old token's.
    if (token === undefined) throw ownError('no_token');
    if (token === refused) return undefined;
    const refusal = await verify(token, timeLeft);
    if (refusal) throw refusal;
    return token;
  };

  return {
    async obtain(timeLeft, refreshed) {
      timeLeft();
      const token = await tokens.get();
      if (token === undefined) throw ownError('no_token');
      const refusal = await verify(token, timeLeft);
      if (!refusal) return token;
      const other = await renew(token, timeLeft, refreshed);
      if (other === undefined) throw refusal;
      return other;
    },
    renew,
  };
};

const unverified = (code: string | undefined) =>
  code !== undefined && isListed(code) && CODES[code].class === 'SlackCredentials'
    ? refusalByCode(code, 0)
    : ownError('workspace_not_verified');
