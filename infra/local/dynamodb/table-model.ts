import type { Assembly } from '../cloudformation/assembly.ts';

/** A table as the template describes it. */
export type TableModel = {
  name: string;
  /** The name of its partition key. */
  partitionKey: string;
  /** CreateTable's own parameters. */
  definition: Record<string, unknown>;
};

/** An index by a string and a number, with the attributes that it has beside the keys. */
type Index = { name: string; partitionKey: string; sortKey: string; include: string[] };

/**
 * Reads the tables of the template.
 * @param named the table that the functions know. One that the stack adopts is not in the template, and
 *   begins empty here, in the form that it has to have.
 * @param indexes that such a table has to have
 */
export function readTables(
  assembly: Assembly,
  named: string | undefined,
  indexes: readonly Index[],
): TableModel[] {
  const own = assembly.ofType('AWS::DynamoDB::Table').map(({ name, properties }) => {
    const { AttributeDefinitions, BillingMode, GlobalSecondaryIndexes, KeySchema } = properties;
    const keys = KeySchema as { AttributeName: string; KeyType: string }[];
    return {
      name,
      partitionKey: keys.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName ?? '',
      definition: {
        TableName: name,
        AttributeDefinitions,
        BillingMode,
        GlobalSecondaryIndexes,
        KeySchema,
      },
    };
  });
  if (named === undefined || own.length > 0) return own;
  return [{ name: named, partitionKey: 'pk', definition: adopted(named, indexes) }];
}

const adopted = (name: string, indexes: readonly Index[]): TableModel['definition'] => ({
  TableName: name,
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    ...indexes.flatMap(({ partitionKey, sortKey }) => [
      { AttributeName: partitionKey, AttributeType: 'S' },
      { AttributeName: sortKey, AttributeType: 'N' },
    ]),
  ],
  BillingMode: 'PAY_PER_REQUEST',
  GlobalSecondaryIndexes: indexes.map(({ name, partitionKey, sortKey, include }) => ({
    IndexName: name,
    KeySchema: [
      { AttributeName: partitionKey, KeyType: 'HASH' },
      { AttributeName: sortKey, KeyType: 'RANGE' },
    ],
    Projection:
      include.length === 0
        ? { ProjectionType: 'KEYS_ONLY' }
        : { ProjectionType: 'INCLUDE', NonKeyAttributes: include },
  })),
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
});
