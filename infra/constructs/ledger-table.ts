import { RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { TABLE_INDEXES } from '../config/table-indexes.ts';

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
 *
 * CloudFormation adds one index at a time, so all are here from the beginning.
 */
class LedgerTable extends dynamodb.Table {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      partitionKey: { name: 'pk', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'ttl',
      encryption: dynamodb.TableEncryption.AWS_MANAGED,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: RemovalPolicy.RETAIN,
      deletionProtection: true,
    });

    const { AttributeType, ProjectionType } = dynamodb;
    for (const { name, partitionKey, sortKey, include } of TABLE_INDEXES) {
      this.addGlobalSecondaryIndex({
        indexName: name,
        partitionKey: { name: partitionKey, type: AttributeType.STRING },
        sortKey: { name: sortKey, type: AttributeType.NUMBER },
        ...(include.length === 0
          ? { projectionType: ProjectionType.KEYS_ONLY }
          : { projectionType: ProjectionType.INCLUDE, nonKeyAttributes: include }),
      });
    }
  }
}
