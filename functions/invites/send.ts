import { identified } from '../errors/invite-error.ts';
import { carryOut, type SentInvite, type Turn } from './carry-out.ts';
import { inviteId, type Source } from './invite.ts';
import type { Ledger } from './ledger.ts';
import { enforcePolicy, type Policy } from './policy.ts';
import type { InviteRequest } from './request.ts';
import type { CallPorts } from './slack-call.ts';

/** One ask at one door. */
export type Call = Turn & { source: Source };

export type SendInvite = (request: InviteRequest, call: Call) => Promise<SentInvite>;

type Ports = Omit<CallPorts, 'now'> & { policy: Policy; ledger: Ledger; now?: () => number };

/**
 * The one function behind every door that waits for the outcome: policy, claim, and the call.
 *
 * @throws InviteError of every class, with the invite's id.
 */
export const createSendInvite =
  ({ policy, ledger, now = Date.now, ...ports }: Ports): SendInvite =>
  (request, { source, ...turn }) =>
    identified(inviteId(request), async () => {
      enforcePolicy(policy, request); // what it refuses costs nothing, not even a claim
      const asked = await ledger.claim(request, turn.leaseUntil);
      if ('existing' in asked) return { invite: asked.existing, outcome: 'existing' };
      return carryOut({ ...ports, now }, asked.claim, { request, source, policy }, turn);
    });
