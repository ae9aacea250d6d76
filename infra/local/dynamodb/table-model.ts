import type { Assembly } from '../cloudformation/assembly.ts';

/** A table as the template describes it. */
export type TableModel = {
  name: string;
  /** The name of its partition key. */
  partitionKey: string;
  /** CreateTable's own parameters. */
  definition: Record<string, unknown>;
};

/** Reads the tables of the template. */
export function readTables(assembly: Assembly): TableModel[] {
  return assembly.ofType('AWS::DynamoDB::Table').map(({ name, properties }) => {
    const { AttributeDefinitions, BillingMode, KeySchema } = properties;
    const keys = KeySchema as { AttributeName: string; KeyType: string }[];
    return {
      name,
      partitionKey: keys.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName ?? '',
      definition: { TableName: name, AttributeDefinitions, BillingMode, KeySchema },
    };
  });
}
