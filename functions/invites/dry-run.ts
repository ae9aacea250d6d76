import { identified } from '../errors/invite-error.ts';
import { MAX_CALL_MS } from '../lib/times.ts';
import { type ChannelIds, underFirstId } from './channel-ids.ts';
import { assertQueueable } from './enqueue.ts';
import type { Gate } from './gate.ts';
import { type Caller, type Invite, inviteId } from './invite.ts';
import type { Invocation } from './invocation.ts';
import type { Ledger } from './ledger.ts';
import type { Admission } from './policy.ts';
import type { InviteRequest } from './request.ts';
import type { Credentials } from './slack-call.ts';

/** What a request would come to. */
export type Foreseen = {
  would: 'send' | 'queue' | 'nothing';
  id: string;
  /** Until Slack would be called, in whole seconds; what is in the queue already, at most. */
  wait_seconds?: number;
  /** The invite that there is. */
  invite?: Invite;
};

export type DryRun = (
  request: InviteRequest,
  caller: Caller,
  isAsync: boolean,
  invocation: Invocation,
) => Promise<Foreseen>;

type Ports = {
  admission: Admission;
  ledger: Ledger;
  gate: Gate;
  credentials: Credentials;
  /** Where the deployment follows the changes of channels' ids. */
  ids?: ChannelIds | undefined;
  /** @returns how long a ticket of the lane would wait now, in milliseconds. */
  laneWait(invocation: Invocation): Promise<number>;
};

/**
 * Everything that a request meets up to the call of Slack, in the same order, by reads alone: nothing
 * is written, no place is taken, nothing is sent.
 * @throws InviteError that the request would get, with the invite's id.
 */
export const createDryRun =
  ({ ids, ...ports }: Ports): DryRun =>
  (given, caller, isAsync, invocation) =>
    identified(inviteId(given), async () => {
      const act = (request: InviteRequest) => foresee(ports, request, caller, isAsync, invocation);
      await ids?.renew(given.channel, invocation);
      return ids ? underFirstId(ids, given, invocation, act) : act(given);
    });

const foresee = async (
  { admission, ledger, gate, credentials, laneWait }: Omit<Ports, 'ids'>,
  request: InviteRequest,
  { names }: Caller,
  isAsync: boolean,
  invocation: Invocation,
): Promise<Foreseen> => {
  const id = inviteId(request);
  if (isAsync) assertQueueable(request);
  await admission.admit(request, names, invocation);
  const { existing, invite } = await ledger.foresee(request, invocation);
  const kept = { id, ...(invite && { invite }) };
  if (existing && existing.status !== 'queued') return { would: 'nothing', ...kept };
  if (existing || isAsync) {
    const wait_seconds = inSeconds(await laneWait(invocation));
    return { would: 'queue', wait_seconds, ...kept };
  }
  await credentials.obtain(() => MAX_CALL_MS, invocation.observe.tokenRefresh);
  const wait = await gate.foresee(request.recipient.kind === 'email', invocation);
  return { would: 'send', wait_seconds: inSeconds(wait), ...kept };
};

const inSeconds = (ms: number): number => Math.ceil(ms / 1000);
