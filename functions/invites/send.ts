import { InviteError, identified, reasonOf } from '../errors/invite-error.ts';
import type { Connection } from '../lib/exchange.ts';
import { refusal, type SlackResult } from '../slack/answer.ts';
import { METHOD } from '../slack/method.ts';
import { ChannelMoved, underFirstId } from './channel-ids.ts';
import type { HeldClaim } from './claim.ts';
import { type Caller, type Invite, type InviteSource, inviteId } from './invite.ts';
import type { Invocation } from './invocation.ts';
import type { Ledger } from './ledger.ts';
import type { Admission } from './policy.ts';
import type { InviteRequest } from './request.ts';
import { type CallPorts, createSlackCall } from './slack-call.ts';
import type { Settlement } from './transitions.ts';

type SendInvite = (
  request: InviteRequest,
  caller: Caller,
  invocation: Invocation,
) => Promise<SentInvite>;

type Ports = Omit<CallPorts, 'now'> &
  PointerPorts & {
    admission: Admission;
    ledger: Ledger;
    now?: () => number;
  };

/** What a deployment that follows its invitations keeps of each. */
type PointerPorts = {
  /** Lets Slack's events find the invite by Slack's id of the invitation. */
  point?:
    | ((slackInviteId: string, id: string, invocation: Invocation) => Promise<void>)
    | undefined;
};

/**
 * The one function behind every door that waits for the outcome: policy, claim, and the call.
 *
 * @throws InviteError of every class, with the invite's id.
 */
export const createSendInvite =
  ({ admission, ledger, now = Date.now, ...ports }: Ports): SendInvite =>
  (given, { source, names }, invocation) =>
    identified(inviteId(given), async () => {
      const act = async (request: InviteRequest): Promise<SentInvite> => {
        await admission.admit(request, names, invocation); // what it refuses costs nothing, not even a claim
        // A claim takes less time than it takes a connection to stand; mostly there is something to send.
        const connection = ports.slack.connect();
        const found = await ledger.claim(request, invocation).catch((error: unknown) => {
          connection.close();
          throw error;
        });
        if ('existing' in found) {
          connection.close();
          return { invite: found.existing, outcome: 'existing' };
        }
        const claimed = { request, source, names, connection };
        return carryOut({ ...ports, now }, found.claim, claimed, invocation);
      };
      const { ids } = ports;
      return ids ? underFirstId(ids, given, invocation, act) : act(given);
    });

export type SentInvite = {
  invite: Invite;
  outcome: 'sent' | 'existing' | 'already_in_channel';
  /** Slack's `url` and `conf_code`: handed out this once, kept nowhere. */
  secrets?: { url?: string; conf_code?: string };
};

type Claimed = {
  request: InviteRequest;
  source: InviteSource;
  names: readonly string[];
  maxGateWait?: number;
  connection?: Connection;
  /** Done before anything that takes the token. @throws InviteError if there shall be no call now. */
  beforeCall?: (() => Promise<void>) | undefined;
};

/**
 * What follows a claim: token, gate, mark, call, settle. Up to the mark nothing
 * was sent, and a refusal gives the claim up. From the mark on, whatever happens, Slack is not
 * called again unless this call certainly did nothing or a `resend` says so.
 *
 * @param maxGateWait how long to wait for a place at most, in milliseconds; left out: the gate's own limit.
 * @param connection to Slack, closed at the end; left out: one that is opened now.
 * @throws InviteError of every class.
 */
export const carryOut = async (
  { point, ...ports }: CallPorts & PointerPorts,
  claim: HeldClaim,
  { request, source, names, maxGateWait, connection, beforeCall }: Claimed,
  invocation: Invocation,
): Promise<SentInvite> => {
  const slackCall = createSlackCall(ports, request, invocation, { maxGateWait, connection });

  const settle = async (outcome: Settlement): Promise<Invite> => {
    const { invite, unrecorded } = await claim.settle(outcome);
    if (unrecorded) invocation.observe.unrecorded(unrecorded);
    return invite;
  };

  let id: string;
  let attempts: number;
  try {
    await beforeCall?.();
    await slackCall.prepare();
    if (claim.isNew && ports.ids?.hasEarlier(request.channel)) throw new ChannelMoved();
    ({ id, attempts } = await claim.sending(source, names));
    slackCall.assertTime();
  } catch (error) {
    slackCall.abandon();
    await claim.release(error).catch(() => undefined); // then it lapses
    throw error;
  }

  let result: SlackResult;
  try {
    result = await slackCall.make();
  } catch (error) {
    slackCall.abandon();
    if (error instanceof InviteError) await settle(nothingSent(error));
    throw error;
  }

  if (result.kind === 'accepted') {
    const { url, conf_code, ...answer } = result.answer;
    // Where that fails, the events find the invite by channel and recipient.
    await point?.(answer.invite_id, id, invocation).catch(() => undefined);
    const proof = point && { proved_by: METHOD };
    const invite = await settle({ status: 'sent', slack: answer, ...proof });
    const secrets = { ...(url && { url }), ...(conf_code && { conf_code }) };
    return { invite, outcome: 'sent', ...(!request.external_limited && { secrets }) };
  }
  if (result.kind === 'refused' && result.code === 'already_in_channel') {
    const invite = await settle({ status: 'already_in_channel' });
    return { invite, outcome: 'already_in_channel' };
  }
  const error = refusal(result, attempts);
  const unknown = error.name === 'OutcomeUnknown';
  const invite = await settle({ ...nothingSent(error), ...(unknown && { status: 'unknown' }) });
  // What Slack did not answer, its event has said.
  if (unknown && invite.status !== 'unknown') return { invite, outcome: 'sent' };
  throw error;
};

const nothingSent = (error: InviteError) =>
  ({ status: 'nothing', error: reasonOf(error) }) as const;
