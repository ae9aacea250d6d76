import { TABLE_INDEXES } from '../config/table-indexes.ts';
import { type Assembly, readAssembly } from './cloudformation/assembly.ts';
import { readAlarm } from './cloudwatch/alarm-model.ts';
import type { Alarm } from './cloudwatch/alarm-state.ts';
import { type Dashboard, readDashboard } from './cloudwatch/dashboard-model.ts';
import { readTables, type TableModel } from './dynamodb/table-model.ts';
import { type ApiModel, readApi } from './http-api/api-model.ts';
import { type FunctionModel, readFunctions } from './lambda/function-model.ts';
import { readSchedules, type ScheduleModel, type TriggerModel } from './schedules.ts';
import { readSecrets, type SecretModel } from './secrets-manager/secret-model.ts';
import type { Machine } from './step-functions/api/runner.ts';
import { readStateMachines } from './step-functions/api/template-machines.ts';

const SECRETS = ['SECRET_ARN', 'WEBHOOK_SECRET_ARN', 'LOOKUP_SECRET_ARN', 'SIGNING_SECRET_ARN'];

/** Everything that the local run needs to know about the synthesized stack. */
export type StackModel = {
  functions: FunctionModel[];
  api: ApiModel;
  tables: TableModel[];
  secrets: SecretModel[];
  stateMachines: Machine[];
  schedules: ScheduleModel[];
  triggers: TriggerModel[];
  /** None, if the configuration has no `observability`. */
  alarms: Alarm[];
  dashboards: Dashboard[];
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
    tables: readTables(assembly, functions[0]?.environment.TABLE_NAME, TABLE_INDEXES),
    secrets: readSecrets(
      assembly,
      functions.flatMap(({ environment }) =>
        SECRETS.flatMap((variable) => environment[variable] ?? []),
      ),
    ),
    stateMachines: readStateMachines(assembly, functions),
    ...readSchedules(assembly, functions),
    alarms: assembly.ofType('AWS::CloudWatch::Alarm').map(readAlarm),
    dashboards: assembly.ofType('AWS::CloudWatch::Dashboard').map(readDashboard),
    outputs: assembly.outputs,
  };
}
