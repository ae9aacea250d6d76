import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { TABLE_INDEXES } from '../config/table-indexes.ts';
import { found, type Reported, sound } from './findings.ts';

/** The attribute that says when an item expires. */
const TTL = 'ttl';

/**
 * What a table needs to be a ledger: its key and its indexes, expiry and recovery. A stack's own has
 * them; a restored one lacks what a restore leaves behind.
 *
 * @param table its name or ARN
 * @param isLocal on this machine, nothing expires and nothing is recovered.
 */
export const checkTable = async (
  dynamoDb: DynamoDBClient,
  table: string,
  isLocal: boolean,
): Promise<Reported[]> => {
  const TableName = table;
  const { Table = {} } = await dynamoDb.send(new DescribeTableCommand({ TableName }));
  const shape = [...keyProblems(Table), ...indexProblems(Table, table)];
  if (isLocal) return [...shape, found('table_upkeep_unseen')];
  const [{ TimeToLiveDescription: expiry }, { ContinuousBackupsDescription: backups }] =
    await Promise.all([
      dynamoDb.send(new DescribeTimeToLiveCommand({ TableName })),
      dynamoDb.send(new DescribeContinuousBackupsCommand({ TableName })),
    ]);
  const expires =
    ['ENABLED', 'ENABLING'].includes(expiry?.TimeToLiveStatus ?? '') &&
    expiry?.AttributeName === TTL;
  const recovery = backups?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus;
  const problems = [
    ...shape,
    ...(expires ? [] : [found('table_without_expiry', { table })]),
    ...(recovery === 'ENABLED' ? [] : [found('table_without_recovery', { table })]),
    ...(Table.DeletionProtectionEnabled ? [] : [found('table_unprotected', { table })]),
  ];
  return problems.length > 0 ? problems : [sound('table', 'its indexes, expiry, recovery')];
};

const keyProblems = ({ KeySchema = [] }: TableDescription): Reported[] => {
  const keys = KeySchema.map(({ AttributeName }) => AttributeName).join(', ');
  return keys === 'pk' ? [] : [found('table_of_another_key', { keys })];
};

const indexProblems = (
  { GlobalSecondaryIndexes = [] }: TableDescription,
  table: string,
): Reported[] =>
  TABLE_INDEXES.flatMap(({ name, partitionKey, sortKey, include }) => {
    const index = GlobalSecondaryIndexes.find(({ IndexName }) => IndexName === name);
    const keys = index?.KeySchema?.map(({ AttributeName }) => AttributeName).join();
    const has = new Set(index?.Projection?.NonKeyAttributes);
    const isWhole =
      keys === `${partitionKey},${sortKey}` &&
      (index?.Projection?.ProjectionType === 'ALL' || include.every((one) => has.has(one)));
    return isWhole ? [] : [found('table_without_index', { table, index: name })];
  });
