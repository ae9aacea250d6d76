import { eventBus } from '../aws/bus.ts';
import { awsClient } from '../aws/client.ts';
import { executionsOf, workflowOf } from '../aws/executions.ts';
import { grantTable, ledgerTable } from '../aws/ledger-table.ts';
import { renamedTable } from '../aws/life-table.ts';
import { recordTable } from '../aws/record-table.ts';
import { dueIndex } from '../aws/table.ts';
import { createChannelIds } from '../invites/channel-ids.ts';
import { createInviteQueue } from '../invites/enqueue.ts';
import type { StoredInvite } from '../invites/invite.ts';
import type { Invocation } from '../invites/invocation.ts';
import { createLedger, type Ledger } from '../invites/ledger.ts';
import { createAdmission } from '../invites/policy.ts';
import type { SweepEnvironment } from '../lambda/environment.ts';
import { createLifeSweep } from '../lifecycle/sweep.ts';
import { executionInput, executionName } from '../webhooks/record.ts';
import { createSweep } from '../webhooks/sweep.ts';

/**
 * Puts the sweep together with its adapters, once a process.
 * @returns `run`, which sweeps as of a time, in epoch milliseconds.
 */
export const createStackSweep = (environment: SweepEnvironment) => {
  const { tableName, workflowArn, eventsWorkflowArn, config, policy } = environment;
  const { retentionDays, lifecycle } = config;
  const table = { client: awsClient('dynamodb'), name: tableName };
  const store = ledgerTable(table, lifecycle?.remindBeforeDays);
  const { start } = executionsOf(eventsWorkflowArn);
  const workflow = workflowOf(executionsOf(workflowArn));
  const due = dueIndex(table);
  const tell = lifecycle && eventBus();

  /** The same request, for whoever made it, under the policy of today. */
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

  const run = async (now: () => number, invocation: Invocation) => {
    const ledger = createLedger(store, retentionDays, now, tell);
    const sweep = createSweep({
      due,
      ledger,
      records: recordTable(table, retentionDays),
      invites: workflow,
      events: {
        start: (record, invocation) =>
          start(executionName(record), executionInput(record), invocation),
      },
      now,
    });
    const swept = await sweep(invocation);
    if (!lifecycle || !tell) return swept;
    const { remindBeforeDays } = lifecycle;
    const resend = createResend(ledger);
    const ports = { due, ledger: store, tell, remindBeforeDays, retentionDays, resend, now };
    return { ...swept, invitations: await createLifeSweep(ports)(invocation) };
  };
  return { run, readInvite: createLedger(store, retentionDays).read };
};
