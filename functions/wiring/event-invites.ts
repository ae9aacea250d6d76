import { awsClient } from '../aws/client.ts';
import { grantTable, ledgerTable } from '../aws/ledger-table.ts';
import { renamedTable } from '../aws/life-table.ts';
import { recordTable } from '../aws/record-table.ts';
import { createChannelIds } from '../invites/channel-ids.ts';
import { createEnqueue } from '../invites/enqueue.ts';
import { createLedger } from '../invites/ledger.ts';
import { createAdmission } from '../invites/policy.ts';
import type { HrEnvironment } from '../lambda/environment.ts';
import {
  createMakeInvite,
  type EventInvites,
  type MakeInvitePorts,
} from '../webhooks/make-invite.ts';

/** Puts the domain behind the events' workflow together with its adapters, once a process. */
export const createEventInvites = (environment: HrEnvironment): EventInvites => {
  const { tableName, policy, config } = environment;
  const { retentionDays } = config;
  const table = { client: awsClient('dynamodb'), name: tableName };
  const ledger = createLedger(
    ledgerTable(table, config.lifecycle?.remindBeforeDays),
    retentionDays,
  );
  const ids = config.lifecycle && createChannelIds(renamedTable(table), ledger.read);
  const admission = createAdmission(policy, grantTable(table), Date.now, ids);

  let loading: Promise<MakeInvitePorts['lookup']> | undefined;
  const load = async () => (await import('./lookup.ts')).createLookup(environment);

  return createMakeInvite({
    records: recordTable(table, retentionDays),
    enqueue: createEnqueue({ admission, ledger, ids }),
    readInvite: ledger.read,
    // An HTTP client, the SDK's for the secret, and a sandbox: most events come with an address.
    lookup: async (...event) => {
      loading ??= load();
      return (await loading)(...event);
    },
  });
};
