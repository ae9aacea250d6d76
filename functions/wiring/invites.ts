import { blockTable } from '../aws/block-table.ts';
import { executionsOf, workflowOf } from '../aws/executions.ts';
import { nextInLane } from '../aws/pace-table.ts';
import { behindBlock } from '../invites/barrier.ts';
import type { Caller } from '../invites/caller.ts';
import { createDryRun, type DryRun } from '../invites/dry-run.ts';
import { createInviteQueue, type InviteQueue } from '../invites/enqueue.ts';
import type { Invite } from '../invites/invite.ts';
import type { Abortable, Invocation } from '../invites/invocation.ts';
import type { Ledger } from '../invites/ledger.ts';
import type { Admission } from '../invites/policy.ts';
import type { InviteRequest } from '../invites/request.ts';
import type { SentInvite } from '../invites/send.ts';
import { createSendInvite } from '../invites/send.ts';
import type { Environment } from '../lambda/environment.ts';
import { createSender, type TokenEnd } from './sender.ts';

/** The domain on AWS, as a door uses it. All of it throws InviteError. */
export type Invites = {
  /** Waits for the outcome, unless the request is in the queue: then its workflow runs. */
  send(
    request: InviteRequest,
    caller: Caller,
    invocation: Invocation,
  ): Promise<SentInvite | Pending>;
  /** Does not wait for the outcome: the workflow runs, unless there is nothing to send. */
  queue(request: InviteRequest, caller: Caller, invocation: Invocation): Promise<Pending>;
  /** The same for a caller who starts the workflow. */
  enqueue: InviteQueue['enqueue'];
  dryRun: DryRun;
  read: Ledger['read'];
  /** @returns a queued invite with what blocks the queue, if something does. */
  asBlocked(invite: Invite, invocation: Abortable): Promise<Invite>;
  mayRead: Admission['mayRead'];
  token: TokenEnd;
};

type Pending = { invite: Invite; outcome: 'queued' | 'existing'; secrets?: undefined };

/** Puts the domain together with its adapters, once a process. */
export const createInvites = async (environment: Environment): Promise<Invites> => {
  const { table, ports, token } = await createSender(environment);
  const { admission, ledger, ids } = ports;
  const sendInvite = createSendInvite(ports);
  const block = blockTable(table);
  const workflow = workflowOf(executionsOf(environment.workflowArn));
  const inviteQueue = createInviteQueue({ admission, ledger, workflow, ids });

  const queue: Invites['queue'] = async (request, caller, invocation) => {
    const invite = await inviteQueue.queue(request, caller, invocation);
    return { invite, outcome: invite.status === 'queued' ? 'queued' : 'existing' };
  };

  return {
    async send(request, caller, invocation) {
      const sent = await sendInvite(request, caller, invocation);
      return sent.invite.status === 'queued' ? queue(request, caller, invocation) : sent;
    },
    queue,
    enqueue: inviteQueue.enqueue,
    dryRun: createDryRun({
      ...ports,
      laneWait: async (invocation) =>
        Math.max((await nextInLane(table, invocation)) - Date.now(), 0),
    }),
    read: ledger.read,
    asBlocked: async (invite, invocation) => behindBlock(invite, await block.read(invocation)),
    mayRead: admission.mayRead,
    token,
  };
};
