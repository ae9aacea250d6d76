import { eventBus } from '../aws/bus.ts';
import { awsClient } from '../aws/client.ts';
import { executionsOf, workflowOf } from '../aws/executions.ts';
import { grantTable, ledgerTable, listIndex } from '../aws/ledger-table.ts';
import { pointerTable, renamedTable } from '../aws/lifecycle-table.ts';
import { blockTable, gateTable, laneCell, nextInLane, noteTicket } from '../aws/pace-table.ts';
import { SLACK_TOKEN, secretReader } from '../aws/secret.ts';
import { behindBlock, createBlock } from '../invites/block.ts';
import { createChannelIds } from '../invites/channel-ids.ts';
import { createDryRun, type DryRun } from '../invites/dry-run.ts';
import { createInviteQueue, type InviteQueue } from '../invites/enqueue.ts';
import { createGate, createLane, expectation } from '../invites/gate.ts';
import type { Caller, Invite } from '../invites/invite.ts';
import type { Abortable, Invocation } from '../invites/invocation.ts';
import { createLedger, type Ledger } from '../invites/ledger.ts';
import { createList, type InvitePage, type ListQuery } from '../invites/list.ts';
import { type Admission, createAdmission } from '../invites/policy.ts';
import type { InviteRequest } from '../invites/request.ts';
import { createSendInvite, type SentInvite } from '../invites/send.ts';
import { createSendQueued, type SendQueued } from '../invites/send-queued.ts';
import { createCredentials } from '../invites/slack-call.ts';
import type { Environment, SenderEnvironment } from '../lambda/environment.ts';
import { SECRET_READ_MS, TELL_MS } from '../lib/times.ts';
import { createSlackClient, slackBaseUrl } from '../slack/client.ts';
import { createTokenSource, tokenEnd } from '../slack/token.ts';
import { secretAway } from '../telemetry/metrics.ts';

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
  /** Notes when the turn of a request that was just queued is expected. @returns the invite with its place. */
  place(invite: Invite, invocation: Abortable): Promise<Invite>;
  /** @returns a queued invite with its place, when its turn is expected, and what blocks the queue, if something does. */
  asItWaits(invite: Invite, invocation: Abortable): Promise<Invite>;
  list(query: ListQuery, names: readonly string[], invocation: Invocation): Promise<InvitePage>;
  cancel: Ledger['cancel'];
  mayRead: Admission['mayRead'];
  admitTo: Admission['admitTo'];
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

  /** Where the lane cannot be read, only its own ticket tells. */
  const laneEnd = (invocation: Abortable) => nextInLane(table, invocation).catch(() => undefined);
  const placedAt = (invite: Invite, laneEnd: number | undefined): Invite => {
    const at = invite.expected_at === undefined ? laneEnd : Date.parse(invite.expected_at);
    if (invite.status !== 'queued' || at === undefined) return invite;
    return { ...invite, ...expectation(environment.config, at, Date.now()) };
  };
  const isUnplaced = ({ status, expected_at }: Invite) =>
    status === 'queued' && expected_at === undefined;
  /** Queued ones as they wait: behind a block, or with their places. @throws InviteError */
  const asTheyWait = async (invites: readonly Invite[], invocation: Abortable) => {
    if (!invites.some(({ status }) => status === 'queued')) return invites;
    const [end, blocked] = await Promise.all([
      invites.some(isUnplaced) ? laneEnd(invocation) : undefined,
      block.read(invocation),
    ]);
    return invites.map((invite) => behindBlock(placedAt(invite, end), blocked));
  };

  const list = createList(listIndex(table), admission);
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
    async place(invite, invocation) {
      if (invite.status !== 'queued') return invite;
      const [at, blocked] = await Promise.all([
        isUnplaced(invite) ? laneEnd(invocation) : undefined,
        // It is in the queue, whether or not anybody knows how that is.
        block.read(invocation).catch(() => undefined),
      ]);
      // About the ticket that its workflow takes now. The function that takes it reaches the lane only.
      if (at !== undefined) {
        await noteTicket(table, { id: invite.id }, at, invocation).catch(() => undefined);
      }
      return behindBlock(placedAt(invite, at), blocked);
    },
    async asItWaits(invite, invocation) {
      const [waiting = invite] = await asTheyWait([invite], invocation);
      return waiting;
    },
    async list(query, names, invocation) {
      const page = await list(query, names, invocation);
      return { ...page, invites: [...(await asTheyWait(page.invites, invocation))] };
    },
    cancel: ledger.cancel,
    mayRead: admission.mayRead,
    admitTo: admission.admitTo,
    token,
  };
};

/** The domain behind the workflow's own steps. */
type Turns = SendQueued & {
  token: TokenEnd;
};

/** Puts it together with its adapters, once a process. */
export const createTurns = async (environment: SenderEnvironment): Promise<Turns> => {
  const { table, ports, token } = await createSender(environment);
  const takeTicket = createLane(environment.config);
  const turns = createSendQueued({
    ...ports,
    block: createBlock(blockTable(table)),
    expectTurn: (queued, at, invocation) => noteTicket(table, queued, at, invocation),
    nextPlace: async (invocation) => (await takeTicket(laneCell(table, invocation))).notBefore,
  });
  return { ...turns, token };
};

/** When the token ends, in epoch milliseconds; undefined for one that does not, or was not read yet. */
type TokenEnd = { endsAt?: number | undefined };

/** No invite has it. */
const NO_INVITE = `inv1_${'0'.repeat(32)}`;

/**
 * What every function that calls Slack works with, once a process. It reads the token, and something of
 * the table, whose connection then stands: while a function starts it has a whole processor, and
 * afterwards its share of one.
 *
 * @returns the domain's ports on AWS, the table, and what is known of the token.
 */
const createSender = async (environment: SenderEnvironment) => {
  const { tableName, secretArn, slackApiUrl, policy, config } = environment;
  const table = { client: awsClient('dynamodb'), name: tableName };

  const token: TokenEnd = {};
  const readToken = secretReader(secretArn, SLACK_TOKEN, (text, writtenAt) => {
    token.endsAt = tokenEnd(text, writtenAt);
  });
  const tokens = createTokenSource(readToken, Date.now, secretAway(environment));
  const { retentionDays, lifecycle } = config;
  const store = ledgerTable(table, lifecycle?.remindBeforeDays);
  const ledger = createLedger(store, retentionDays, Date.now, lifecycle && eventBus(TELL_MS));
  const signal = AbortSignal.timeout(SECRET_READ_MS);
  // Where one of them fails, the first request tries again, and tells.
  await Promise.allSettled([tokens.get(), ledger.read(NO_INVITE, { signal })]);
  const slack = createSlackClient(slackBaseUrl(slackApiUrl));
  // Only where somebody follows Slack's events is anything written for them, or learned from them.
  const renamed = lifecycle && renamedTable(table);
  const ids = renamed && createChannelIds(renamed, ledger.read);
  return {
    table,
    ports: {
      admission: createAdmission(policy, grantTable(table), Date.now, ids),
      ledger,
      gate: createGate(gateTable(table, renamed?.told), config),
      credentials: createCredentials(tokens, slack, config.workspace),
      slack,
      ids,
      point: lifecycle && pointerTable(table, retentionDays),
    },
    token,
  };
};
