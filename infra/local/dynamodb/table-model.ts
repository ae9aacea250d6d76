import type { Assembly } from '../cloudformation/assembly.ts';

/** A table as the template describes it: CreateTable's own parameters. */
export type TableModel = { name: string; arn: string; definition: Record<string, unknown> };

/** Reads the tables of the template. */
export function readTables(assembly: Assembly): TableModel[] {
  return assembly.ofType('AWS::DynamoDB::Table').map(({ name, attributes, properties }) => {
    const { AttributeDefinitions, BillingMode, KeySchema, ProvisionedThroughput } = properties;
    return {
      name,
      arn: attributes.Arn as string,
      definition: {
        TableName: name,
        AttributeDefinitions,
        BillingMode,
        KeySchema,
        ProvisionedThroughput,
      },
    };
  });
}
