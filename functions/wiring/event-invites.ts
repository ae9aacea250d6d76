import { awsClient } from '../aws/client.ts';
import { grantTable } from '../aws/grant-table.ts';
import { ledgerTable } from '../aws/ledger-table.ts';
import { recordTable } from '../aws/record-table.ts';
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
  const ledger = createLedger(ledgerTable(table), retentionDays);

  let loading: Promise<MakeInvitePorts['lookup']> | undefined;
  const load = async () => (await import('./lookup.ts')).createLookup(environment);

  return createMakeInvite({
    records: recordTable(table, retentionDays),
    enqueue: createEnqueue({ admission: createAdmission(policy, grantTable(table)), ledger }),
    readInvite: ledger.read,
    // An HTTP client, the SDK's for the secret, and a sandbox: most events come with an address.
    lookup: async (...event) => {
      loading ??= load();
      return (await loading)(...event);
    },
  });
};
