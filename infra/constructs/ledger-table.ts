import { RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';

/** The table of invites, gate, lane and events, the stack's own or an adopted one. */
export type Ledger = { tableName: string; tableArn: string };

/**
 * @param existingArn of a table that is there already: a restored one, or one that outlived its stack
 */
export function ledgerTable(scope: Construct, id: string, existingArn: string | undefined): Ledger {
  return existingArn === undefined
    ? new LedgerTable(scope, id)
    : dynamodb.Table.fromTableArn(scope, id, existingArn);
}

/**
 * It outlives the stack: without it nobody can tell which invitation was already sent. So even a first
 * deploy that fails leaves one behind.
 */
class LedgerTable extends dynamodb.Table {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      partitionKey: { name: 'pk', type: dynamodb.AttributeType.STRING },
      timeToLiveAttribute: 'ttl',
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      encryption: dynamodb.TableEncryption.AWS_MANAGED,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: RemovalPolicy.RETAIN,
      deletionProtection: true,
    });
  }
}
