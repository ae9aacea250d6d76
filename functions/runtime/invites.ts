import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SentInvite } from '../invites/carry-out.ts';
import { createCredentials } from '../invites/credentials.ts';
import { createGate } from '../invites/gate.ts';
import type { Invite, Source } from '../invites/invite.ts';
import { takeTicket } from '../invites/lane.ts';
import { createLedger } from '../invites/ledger.ts';
import type { Observer } from '../invites/observer.ts';
import type { Queued } from '../invites/queue.ts';
import { createQueueInvite, type QueueInvite } from '../invites/queue-invite.ts';
import type { InviteRequest } from '../invites/request.ts';
import { createSendInvite } from '../invites/send.ts';
import { createSendQueued, type SendQueued } from '../invites/send-queued.ts';
import { slackBaseUrl } from '../slack/base-url.ts';
import { createSlackClient } from '../slack/client.ts';
import { createTokenSource } from '../slack/token.ts';
import { CLIENT } from './aws-client.ts';
import type { Environment } from './environment.ts';
import { gateTable } from './gate-table.ts';
import { laneTable } from './lane-table.ts';
import { ledgerTable } from './ledger-table.ts';
import { secretReader } from './secret.ts';
import { deadlineOf, leaseOf, type Timed } from './time-left.ts';
import { workflowStarter } from './workflow.ts';

/** The domain on AWS, as a door uses it. */
export type Invites = {
  /** Sends, and waits for the outcome. An invite in the queue is given back as it is. */
  send(
    request: InviteRequest,
    source: Source,
    context: Timed,
    observe: Observer,
  ): Promise<SentInvite>;
  read(id: string, context: Timed): Promise<Invite | undefined>;
  /** The asks that wait. */
  queueing(context: Timed): QueueInvite;
  /** The workflow's turns. */
  turns(context: Timed, observe: Observer): Turns;
};

export type Turns = {
  send(queued: Queued, notBefore: number): Promise<SentInvite>;
  giveUp(queued: Queued, error: string): ReturnType<SendQueued['giveUp']>;
};

/** Puts the domain together with its adapters: clients and the token once a process, the rest once an invocation. */
export const createInvites = ({
  tableName,
  secretArn,
  workflowArn,
  slackApiUrl,
  config,
}: Environment): Invites => {
  const client = new DynamoDBClient(CLIENT);
  const tokens = createTokenSource(secretReader(new SecretsManagerClient(CLIENT), secretArn));
  const slack = createSlackClient(slackBaseUrl(slackApiUrl));
  const credentials = createCredentials(tokens, slack, config.workspace);
  const workflow = workflowStarter(workflowArn);
  const { policy } = config;

  /** The parts that last one invocation. */
  const during = (context: Timed) => {
    const deadline = deadlineOf(context);
    const signal = AbortSignal.timeout(Math.max(deadline - Date.now(), 0));
    const table = { client, name: tableName, signal };
    const ledger = createLedger(ledgerTable(table), config.retentionDays);
    return {
      ports: { policy, ledger, gate: createGate(gateTable(table), config), credentials, slack },
      turn: (observe: Observer) => ({ deadline, leaseUntil: leaseOf(context), observe }),
      signal,
      table,
    };
  };

  return {
    send(request, source, context, observe) {
      const { ports, turn } = during(context);
      return createSendInvite(ports)(request, { source, ...turn(observe) });
    },
    read: (id, context) => during(context).ports.ledger.read(id),
    queueing(context) {
      const { ports, signal } = during(context);
      return createQueueInvite({ ...ports, workflow: workflow(signal) });
    },
    turns(context, observe) {
      const { ports, turn, table } = during(context);
      const nextPlace = async () => (await takeTicket(laneTable(table), config)).notBefore;
      const { send, giveUp } = createSendQueued({ ...ports, nextPlace });
      return {
        send: (queued, notBefore) => send(queued, notBefore, turn(observe)),
        giveUp: (queued, error) => giveUp(queued, error, turn(observe)),
      };
    },
  };
};
