import type { Assembly } from './cloudformation/assembly.ts';
import { matches } from './iam/policy.ts';
import type { FunctionModel } from './lambda/function-model.ts';
import { inside, NotUnderstood } from './lib/not-understood.ts';

/** A function that EventBridge invokes again and again. */
export type ScheduleModel = { functionName: string; everyMs: number };

/** A function that EventBridge invokes with each event of a source. */
export type TriggerModel = { functionName: string; sources: string[] };

/**
 * Reads the rules of EventBridge: each invokes functions at a rate, or with the events of a source.
 * @throws NotUnderstood for another schedule, pattern or target, and for a function that does not let the rule
 *   invoke it
 */
export function readSchedules(
  assembly: Assembly,
  functions: readonly FunctionModel[],
): { schedules: ScheduleModel[]; triggers: TriggerModel[] } {
  const permissions = assembly.ofType('AWS::Lambda::Permission');
  const schedules: ScheduleModel[] = [];
  const triggers: TriggerModel[] = [];
  for (const { place, properties, attributes } of assembly.ofType('AWS::Events::Rule')) {
    const { ScheduleExpression = '', EventPattern, Targets = [] } = properties;
    const [, minutes] = /^rate\((\d+) minutes?\)$/.exec(ScheduleExpression) ?? [];
    const { source, ...otherFields } = EventPattern ?? {};
    const isPattern = Array.isArray(source) && Object.keys(otherFields).length === 0;
    if (EventPattern && !isPattern) {
      throw new NotUnderstood(inside(place, 'EventPattern'), 'only a pattern of sources is');
    }
    if (!minutes && !EventPattern) {
      const what = `${JSON.stringify(ScheduleExpression)} is not understood, only a rate in minutes`;
      throw new NotUnderstood(inside(place, 'ScheduleExpression'), what);
    }
    for (const [index, { Arn, Id: _, ...others }] of (Targets as Target[]).entries()) {
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
      if (minutes) schedules.push({ functionName: model.name, everyMs: Number(minutes) * 60_000 });
      else triggers.push({ functionName: model.name, sources: source });
    }
  }
  return { schedules, triggers };
}

type Target = { Arn: string; Id: string };
