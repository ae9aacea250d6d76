import { blockTable } from '../aws/block-table.ts';
import { awsClient } from '../aws/client.ts';
import { executionsOf, workflowOf } from '../aws/executions.ts';
import { grantTable } from '../aws/grant-table.ts';
import { ledgerTable } from '../aws/ledger-table.ts';
import { pointerTable, renamedTable } from '../aws/life-table.ts';
import { gateTable, laneCell, nextInLane } from '../aws/pace-table.ts';
import { SLACK_TOKEN, secretReader } from '../aws/secret.ts';
import { createBarrier } from '../invites/barrier.ts';
import type { Caller } from '../invites/caller.ts';
import { createChannelIds } from '../invites/channel-ids.ts';
import { createCredentials } from '../invites/credentials.ts';
import { createDryRun, type DryRun } from '../invites/dry-run.ts';
import { createInviteQueue, type InviteQueue } from '../invites/enqueue.ts';
import { createGate } from '../invites/gate.ts';
import type { Invite } from '../invites/invite.ts';
import type { Invocation } from '../invites/invocation.ts';
import { createLane } from '../invites/lane.ts';
import { createLedger, type Ledger } from '../invites/ledger.ts';
import { type Admission, createAdmission } from '../invites/policy.ts';
import type { InviteRequest } from '../invites/request.ts';
import type { SentInvite } from '../invites/send.ts';
import { createSendInvite } from '../invites/send.ts';
import { createSendQueued, type SendQueued } from '../invites/send-queued.ts';
import type { Environment } from '../lambda/environment.ts';
import { createSlackClient, slackBaseUrl } from '../slack/client.ts';
import { createTokenSource, tokenEnd } from '../slack/token.ts';

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
  /** The workflow's turn. */
  sendQueued: SendQueued['send'];
  /** The workflow's end without an invitation. */
  giveUp: SendQueued['giveUp'];
  dryRun: DryRun;
  read: Ledger['read'];
  mayRead: Admission['mayRead'];
  /** Seconds until the token ends; undefined for one that does not, or was not read yet. */
  tokenLife(): number | undefined;
};

type Pending = { invite: Invite; outcome: 'queued' | 'existing'; secrets?: undefined };

/**
 * Puts the domain together with its adapters, once a process, and reads the token: while a function
 * starts it has a whole processor, and afterwards its share of one.
 */
export const createInvites = async (environment: Environment): Promise<Invites> => {
  const { tableName, secretArn, workflowArn, slackApiUrl, policy, config } = environment;
  const table = { client: awsClient('dynamodb'), name: tableName };
  const ledger = createLedger(ledgerTable(table), config.retentionDays);

  let endsAt: number | undefined;
  const readToken = secretReader(secretArn, SLACK_TOKEN, (text, writtenAt) => {
    endsAt = tokenEnd(text, writtenAt);
  });
  const tokens = createTokenSource(readToken);
  await tokens.get().catch(() => undefined); // the first request tries again, and tells
  const slack = createSlackClient(slackBaseUrl(slackApiUrl));
  const credentials = createCredentials(tokens, slack, config.workspace);
  // Only where somebody follows Slack's events is anything written for them, or learned from them.
  const renamed = config.lifecycle && renamedTable(table);
  const ids = renamed && createChannelIds(renamed, ledger.read);
  const point = config.lifecycle && pointerTable(table, config.retentionDays);
  const gate = createGate(gateTable(table, renamed?.told), config);
  const admission = createAdmission(policy, grantTable(table), Date.now, ids);
  const ports = { admission, ledger, gate, credentials, slack, ids, point };

  const takeTicket = createLane(config);

  const sendInvite = createSendInvite(ports);
  const { send: sendQueued, giveUp } = createSendQueued({
    ...ports,
    barrier: createBarrier(blockTable(table)),
    nextPlace: async (invocation) => (await takeTicket(laneCell(table, invocation))).notBefore,
  });
  const workflow = workflowOf(executionsOf(workflowArn));
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
    sendQueued,
    giveUp,
    dryRun: createDryRun({
      ...ports,
      laneWait: async (invocation) =>
        Math.max((await nextInLane(table, invocation)) - Date.now(), 0),
    }),
    read: ledger.read,
    mayRead: admission.mayRead,
    tokenLife: () => endsAt && Math.max(1, Math.round((endsAt - Date.now()) / 1000)),
  };
};
