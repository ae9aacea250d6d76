import type { Machine } from './step-functions/execution.ts';
import { readStateMachines } from './step-functions/template-machines.ts';
import { type ApiModel, readApi } from './template/api.ts';
import { type Assembly, readAssembly } from './template/assembly.ts';
import { type FunctionModel, readFunctions } from './template/functions.ts';

/** A table as the template describes it: CreateTable's own parameters. */
export type TableModel = { name: string; arn: string; definition: Record<string, unknown> };

/** A secret of the stack, or one that the stack only refers to. */
export type SecretModel = { name: string; arn: string; description?: string | undefined };

/** All that the local run needs to know of the synthesized stack. */
export type StackModel = {
  functions: FunctionModel[];
  api: ApiModel;
  tables: TableModel[];
  secrets: SecretModel[];
  stateMachines: Machine[];
  /** By name, as they would be on AWS. */
  outputs: Assembly['outputs'];
};

/**
 * Reads a synthesized stack for running it on this machine.
 * @param assemblyDir the cloud assembly, usually `cdk.out`
 * @throws NotUnderstood naming the resource and the property that the local run would have to ignore
 */
export function readStack(assemblyDir: string, stackName: string): StackModel {
  const assembly = readAssembly(assemblyDir, stackName);
  const functions = readFunctions(assembly);
  return {
    functions,
    api: readApi(assembly, stackName),
    tables: readTables(assembly),
    secrets: readSecrets(assembly, functions),
    stateMachines: readStateMachines(assembly, functions),
    outputs: assembly.outputs,
  };
}

function readTables(assembly: Assembly): TableModel[] {
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

function readSecrets(assembly: Assembly, functions: FunctionModel[]): SecretModel[] {
  const own = assembly.ofType('AWS::SecretsManager::Secret').map(({ name, ref, properties }) => ({
    name,
    arn: ref,
    description: properties.Description as string | undefined,
  }));
  // A stack with `secretArn` configured uses a secret that is on the account already.
  const existing = functions
    .map(({ environment }) => environment.SECRET_ARN)
    .filter((arn): arn is string => arn !== undefined && own.every((secret) => secret.arn !== arn));
  return [...own, ...[...new Set(existing)].map((arn) => ({ name: secretName(arn), arn }))];
}

/** The name in a complete secret ARN, which ends in `-` and six random characters. */
function secretName(arn: string): string {
  return (arn.split(':').at(6) ?? arn).replace(/-[A-Za-z0-9]{6}$/, '');
}
