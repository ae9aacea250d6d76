import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CLIENT } from '../aws/client.ts';
import { workflowStarter } from '../aws/executions.ts';
import { ledgerTable } from '../aws/ledger-table.ts';
import { gateTable, laneTable } from '../aws/pace-table.ts';
import { secretReader } from '../aws/secret.ts';
import type { SentInvite } from '../invites/carry-out.ts';
import { createCredentials } from '../invites/credentials.ts';
import { createInviteQueue, type InviteQueue } from '../invites/enqueue.ts';
import { createGate } from '../invites/gate.ts';
import type { Invite, Source } from '../invites/invite.ts';
import type { Observer } from '../invites/invocation.ts';
import { takeTicket } from '../invites/lane.ts';
import { createLedger } from '../invites/ledger.ts';
import type { QueueKey } from '../invites/queue.ts';
import type { InviteRequest } from '../invites/request.ts';
import { createSendInvite } from '../invites/send.ts';
import { createSendQueued, type SendQueued } from '../invites/send-queued.ts';
import { deadlineOf, leaseOf, type Timed, untilDeadline } from '../lambda/deadline.ts';
import type { Environment } from '../lambda/environment.ts';
import { createSlackClient, slackBaseUrl } from '../slack/client.ts';
import { createTokenSource } from '../slack/token.ts';

/** The domain on AWS, as a door uses it during one invocation. All of it throws InviteError. */
export type Invites = {
  /** Waits for the outcome, unless the ask is in the queue: then its workflow runs. */
  send(request: InviteRequest, source: Source): Promise<SentInvite | Pending>;
  /** Does not wait for the outcome: the workflow runs, unless there is nothing to send. */
  queue(request: InviteRequest, source: Source): Promise<Pending>;
  /** The same for a caller who starts the workflow. */
  enqueue: InviteQueue['enqueue'];
  /** The workflow's turn. @param notBefore the time of its ticket, in epoch milliseconds. */
  sendQueued(queued: QueueKey, notBefore: number): Promise<SentInvite>;
  /** The workflow's end without an invitation. */
  giveUp(queued: QueueKey, error: string): ReturnType<SendQueued['giveUp']>;
  read(id: string): Promise<Invite | undefined>;
};

type Pending = { invite: Invite; outcome: 'queued' | 'existing'; secrets?: undefined };

/**
 * Puts the domain together with its adapters: clients and the token once a process, the rest once
 * an invocation.
 */
export const createInvites = ({
  tableName,
  secretArn,
  workflowArn,
  slackApiUrl,
  config,
}: Environment): ((context: Timed, observe: Observer) => Invites) => {
  const client = new DynamoDBClient(CLIENT);
  const tokens = createTokenSource(secretReader(new SecretsManagerClient(CLIENT), secretArn));
  const slack = createSlackClient(slackBaseUrl(slackApiUrl));
  const credentials = createCredentials(tokens, slack, config.workspace);
  const startedBy = workflowStarter(workflowArn);
  const { policy } = config;

  return (context, observe) => {
    const turn = { deadline: deadlineOf(context), leaseUntil: leaseOf(context), observe };
    const signal = untilDeadline(context);
    const table = { client, name: tableName, signal };
    const ledger = createLedger(ledgerTable(table), config.retentionDays);
    const gate = createGate(gateTable(table), config);
    const nextPlace = async () => (await takeTicket(laneTable(table), config)).notBefore;

    const ports = { policy, ledger, gate, credentials, slack };
    const sendInvite = createSendInvite(ports);
    const sendQueued = createSendQueued({ ...ports, nextPlace });
    const queueInvite = createInviteQueue({ policy, ledger, workflow: startedBy(signal) });

    const queue: Invites['queue'] = async (request, source) => {
      const invite = await queueInvite.queue(request, source);
      return { invite, outcome: invite.status === 'queued' ? 'queued' : 'existing' };
    };
    return {
      async send(request, source) {
        const sent = await sendInvite(request, { source, ...turn });
        return sent.invite.status === 'queued' ? queue(request, source) : sent;
      },
      queue,
      enqueue: queueInvite.enqueue,
      sendQueued: (queued, notBefore) => sendQueued.send(queued, notBefore, turn),
      giveUp: (queued, error) => sendQueued.giveUp(queued, error, turn),
      read: ledger.read,
    };
  };
};
