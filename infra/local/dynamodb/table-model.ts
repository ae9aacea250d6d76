import type { Assembly } from '../cloudformation/assembly.ts';

/** A table as the template describes it. */
export type TableModel = {
  name: string;
  /** The name of its partition key. */
  partitionKey: string;
  /** CreateTable's own parameters. */
  definition: Record<string, unknown>;
};

/**
 * Reads the tables of the template.
 * @param named the table that the functions know. One that the stack adopts is not in the template, and
 *   begins empty here, in the form that it has to have.
 */
export function readTables(assembly: Assembly, named: string | undefined): TableModel[] {
  const own = assembly.ofType('AWS::DynamoDB::Table').map(({ name, properties }) => {
    const { AttributeDefinitions, BillingMode, KeySchema } = properties;
    const keys = KeySchema as { AttributeName: string; KeyType: string }[];
    return {
      name,
      partitionKey: keys.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName ?? '',
      definition: { TableName: name, AttributeDefinitions, BillingMode, KeySchema },
    };
  });
  if (named === undefined || own.length > 0) return own;
  const definition = {
    TableName: named,
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  };
  return [{ name: named, partitionKey: 'pk', definition }];
}
