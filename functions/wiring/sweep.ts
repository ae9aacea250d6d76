import { awsClient } from '../aws/client.ts';
import { dueIndex } from '../aws/due-index.ts';
import { executionsOf, workflowOf } from '../aws/executions.ts';
import { ledgerTable } from '../aws/ledger-table.ts';
import { recordTable } from '../aws/record-table.ts';
import { createLedger } from '../invites/ledger.ts';
import type { SweepEnvironment } from '../lambda/environment.ts';
import { executionInput, executionName } from '../webhooks/record.ts';
import { createSweep } from '../webhooks/sweep.ts';

/** Puts the sweep together with its adapters, once a process. */
export const createStackSweep = (environment: SweepEnvironment) => {
  const { tableName, workflowArn, eventsWorkflowArn, config } = environment;
  const table = { client: awsClient('dynamodb'), name: tableName };
  const { start } = executionsOf(eventsWorkflowArn);
  return createSweep({
    due: dueIndex(table),
    ledger: createLedger(ledgerTable(table), config.retentionDays),
    records: recordTable(table, config.retentionDays),
    invites: workflowOf(executionsOf(workflowArn)),
    events: {
      start: (record, invocation) =>
        start(executionName(record), executionInput(record), invocation),
    },
  });
};
