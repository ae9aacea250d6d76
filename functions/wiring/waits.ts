import { awsClient } from '../aws/client.ts';
import { taskTokens, waitTable } from '../aws/waits.ts';
import type { Ledger } from '../invites/ledger.ts';
import type { BaseEnvironment } from '../lambda/environment.ts';
import { createWaits, type Waits } from '../lifecycle/waits.ts';

/** @returns undefined where the configuration lets no state machine wait. */
export const createStackWaits = (
  { tableName, config }: BaseEnvironment,
  readInvite: Ledger['read'],
): Waits | undefined => {
  if (!config.lifecycle?.waits) return undefined;
  const table = { client: awsClient('dynamodb'), name: tableName };
  const waits = waitTable(table, config.retentionDays);
  return createWaits({ waits, tasks: taskTokens(), readInvite });
};
