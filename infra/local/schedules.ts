import type { Assembly } from './cloudformation/assembly.ts';
import { matches } from './iam/policy.ts';
import type { FunctionModel } from './lambda/function-model.ts';
import { inside, NotUnderstood } from './lib/not-understood.ts';

/** A function that EventBridge invokes again and again. */
export type ScheduleModel = { functionName: string; everyMs: number };

/**
 * Reads the rules of EventBridge: each invokes functions at a rate.
 * @throws NotUnderstood for another schedule or target, and for a function that does not let the rule
 *   invoke it
 */
export function readSchedules(
  assembly: Assembly,
  functions: readonly FunctionModel[],
): ScheduleModel[] {
  const permissions = assembly.ofType('AWS::Lambda::Permission');
  return assembly.ofType('AWS::Events::Rule').flatMap(({ place, properties, attributes }) => {
    const { ScheduleExpression = '', Targets = [] } = properties;
    const [, minutes] = /^rate\((\d+) minutes?\)$/.exec(ScheduleExpression) ?? [];
    if (!minutes) {
      const what = `${JSON.stringify(ScheduleExpression)} is not understood, only a rate in minutes`;
      throw new NotUnderstood(inside(place, 'ScheduleExpression'), what);
    }
    return Targets.map(({ Arn, Id: _, ...others }: { Arn: string; Id: string }, index: number) => {
      const target = inside(inside(place, 'Targets'), index);
      const [other] = Object.keys(others);
      if (other) throw new NotUnderstood(inside(target, other), 'this is not understood');
      const model = functions.find(({ arn, aliases }) => arn === Arn || aliases.includes(Arn));
      if (!model) throw new NotUnderstood(target, `${Arn}, which is no function of this template`);
      const isPermitted = permissions.some(
        ({ properties: { Principal, FunctionName, SourceArn } }) =>
          Principal === 'events.amazonaws.com' &&
          (FunctionName === Arn || (Arn === model.arn && FunctionName === model.name)) &&
          (SourceArn === undefined || matches(SourceArn, attributes.Arn as string)),
      );
      if (!isPermitted) {
        throw new NotUnderstood(target, `no permission of ${model.name} lets the rule invoke it`);
      }
      return { functionName: model.name, everyMs: Number(minutes) * 60_000 };
    });
  });
}
