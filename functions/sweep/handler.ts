import middy from '@middy/core';
import { eventBus } from '../aws/bus.ts';
import { awsClient } from '../aws/client.ts';
import { executionsOf, taskTokens, workflowOf } from '../aws/executions.ts';
import { grantTable, ledgerTable } from '../aws/ledger-table.ts';
import { renamedTable, waitTable } from '../aws/lifecycle-table.ts';
import { blockTable } from '../aws/pace-table.ts';
import { heardTable, recordTable } from '../aws/record-table.ts';
import { dueIndex } from '../aws/table.ts';
import { reasonOf } from '../errors/invite-error.ts';
import { createChannelIds } from '../invites/channel-ids.ts';
import { createInviteQueue } from '../invites/enqueue.ts';
import { INVITE_ID, type StoredInvite } from '../invites/invite.ts';
import type { Invocation } from '../invites/invocation.ts';
import { createLedger, type Ledger } from '../invites/ledger.ts';
import { createAdmission } from '../invites/policy.ts';
import { invocationOf, nothingSent } from '../lambda/deadline.ts';
import { readSweepEnvironment, type SweepEnvironment } from '../lambda/environment.ts';
import { taskErrorHandler } from '../lambda/task-error-handler.ts';
import { type ClockSwept, createClockSweep } from '../lifecycle/clock.ts';
import { createWaitSweep, createWaits } from '../lifecycle/waits.ts';
import { type StackState, stateRecord, writeEmf } from '../telemetry/metrics.ts';
import { countTold, logSweep, metrics, type ObservedContext } from '../telemetry/observation.ts';
import { eventExecutionInput, eventExecutionName } from '../webhooks/record.ts';
import { createRestart, oldestWait, type Restarted, unendedOf } from '../webhooks/restart.ts';
import { findSilent } from '../webhooks/silence.ts';

/**
 * Puts the sweep together with its adapters, once a process.
 * @returns `run`, which sweeps as of a time, in epoch milliseconds; and the waits, where the
 *   configuration lets a state machine wait.
 */
const createStackSweep = (environment: SweepEnvironment) => {
  const { tableName, workflowArn, eventsWorkflowArn, config, policy } = environment;
  const { retentionDays, lifecycle, silentAfterHours = {} } = config;
  const table = { client: awsClient('dynamodb'), name: tableName };
  const store = ledgerTable(table, lifecycle?.remindBeforeDays);
  const { start } = executionsOf(eventsWorkflowArn);
  const workflow = workflowOf(executionsOf(workflowArn));
  const due = dueIndex(table);
  const block = blockTable(table);
  const heard = heardTable(table);
  const tell = lifecycle && countTold(environment, eventBus());

  /** The same request, for the caller who made it, under the policy of today. */
  const createResend = (ledger: Ledger) => {
    if (!lifecycle?.resendOnExpiry || !policy) return undefined;
    const ids = createChannelIds(renamedTable(table), ledger.read);
    const admission = createAdmission(policy, grantTable(table), Date.now, ids);
    const { queue } = createInviteQueue({ admission, ledger, workflow, ids });
    return async ({ invite, names = [] }: StoredInvite, invocation: Invocation) => {
      if (!invite) return;
      const { channel, recipient: value, external_limited, attempts, reference, source } = invite;
      const kind = value.includes('@') ? ('email' as const) : ('user_id' as const);
      const terms = { channel, recipient: { kind, value }, external_limited, resend: attempts };
      const request = { ...terms, ...(reference !== undefined && { reference }) };
      await queue(request, { source, names }, invocation);
    };
  };

  const records = recordTable(table, retentionDays);
  const waits =
    lifecycle?.waits &&
    createWaits({
      waits: waitTable(table, retentionDays),
      tasks: taskTokens(),
      readInvite: createLedger(store, retentionDays).read,
    });

  /** How the stack is, for its alarms. What cannot be read is not told, and its alarm hears of nothing. */
  const stateAfter = async (
    swept: Restarted,
    ledger: Ledger,
    at: number,
    invocation: Invocation,
  ): Promise<StackState> => {
    const unended = unendedOf(swept);
    const known = <T>(part: Promise<T>) =>
      part.catch((error: unknown) => {
        swept.failed.push(reasonOf(error));
        return undefined;
      });
    const [isBlocked, oldestWaitMs, silent] = await Promise.all([
      known(block.read(invocation).then((found) => found !== undefined)),
      known(oldestWait({ due, ledger, records }, at, invocation)),
      known(findSilent(heard, silentAfterHours, at, invocation)),
    ]);
    return { isBlocked, oldestWaitMs, unended, silent };
  };

  const sweepInvitations = async (ledger: Ledger, now: () => number, invocation: Invocation) => {
    if (!lifecycle || !tell) return undefined;
    const { remindBeforeDays } = lifecycle;
    const resend = createResend(ledger);
    const ports = { due, ledger: store, tell, remindBeforeDays, retentionDays, resend, now };
    const swept = await createClockSweep(ports)(shareOf(invocation));
    if (waits) swept.failed.push(...(await createWaitSweep(due, waits, now)(shareOf(invocation))));
    return swept;
  };

  const run = async (now: () => number, invocation: Invocation) => {
    const ledger = createLedger(store, retentionDays, now, tell);
    const restart = createRestart({
      due,
      ledger,
      records,
      invites: workflow,
      events: {
        start: (record, invocation) =>
          start(eventExecutionName(record), eventExecutionInput(record), invocation),
      },
      now,
    });
    const restarted = await restart(shareOf(invocation));
    const invitations = await sweepInvitations(ledger, now, invocation);
    const state = await stateAfter(restarted, ledger, now(), invocation);
    return { ...restarted, state, ...(invitations && { invitations }) };
  };
  return { run, waits };
};

/** Two thirds of the time that is left: what comes after has some, however long this takes. */
const shareOf = (invocation: Invocation): Invocation => {
  const leftMs = invocation.deadline - Date.now();
  return { ...invocation, deadline: Date.now() + (leftMs * 2) / 3 };
};

const environment = readSweepEnvironment(process.env);
const { run, waits } = createStackSweep(environment);

/**
 * Upon news of an invite: ends the tasks that have waited for it. Every five minutes: starts what was
 * accepted and has nobody at work on it, and tells which invitations end. It sweeps as of the time of
 * its event, where that is ahead.
 * @throws an error named after its class.
 */
export const handler = middy<
  unknown,
  (Restarted & { invitations?: ClockSwept }) | undefined,
  Error,
  ObservedContext
>(nothingSent)
  .use(taskErrorHandler())
  .use(metrics(environment))
  .handler(async (event, context) => {
    const { observation } = context;
    const id = toldOf(event);
    if (id !== undefined) {
      await waits?.report(id, invocationOf(context, observation.observer));
      observation.swept();
      return undefined;
    }
    const ahead = Math.max(timeOf(event) - Date.now(), 0);
    const now = () => Date.now() + ahead;
    const { state, ...swept } = await run(now, invocationOf(context, observation.observer));
    observation.swept();
    logSweep(swept, state.silent ?? []);
    writeEmf(stateRecord(environment, state, now()));
    return swept;
  });

/** @returns the invite that an event of ours is about. Nothing else of it is believed. */
const toldOf = (event: unknown): string | undefined => {
  const { detail } = { ...(event as { detail?: { id?: unknown } }) };
  return typeof detail?.id === 'string' && INVITE_ID.test(detail.id) ? detail.id : undefined;
};

/** @returns the event's own time, in epoch milliseconds; 0 where it has none. */
const timeOf = (event: unknown): number => {
  const { time } = { ...(event as { time?: unknown }) };
  return (typeof time === 'string' && Date.parse(time)) || 0;
};
