import { type Alarm, alarmState, type Measured } from '../../infra/local/cloudwatch/alarm-state.ts';
import { readStack } from '../../infra/local/stack-model.ts';
import { bundledAssembly } from './assemblies.ts';
import type { LocalRun } from './local-run.ts';

const STACK = 'SlackConnectInvites';
const MINUTE_MS = 60_000;

/** The alarms of the template that the tests' local runs have. */
export const alarmsOfTemplate = async (): Promise<Alarm[]> =>
  readStack(await bundledAssembly(), STACK).alarms;

/** The alarms that rang at any minute of what was measured, or afterwards; their names without the stack's. */
export const rang = (alarms: readonly Alarm[], measured: readonly Measured[]): string[] => {
  const times = measured.flatMap(({ points }) => points.map(({ time }) => Date.parse(time)));
  const [first, last] = [Math.min(...times), Math.max(...times)];
  return alarms
    .filter((alarm) => {
      const until = last + alarm.evaluationPeriods * alarm.periodS * 1000 + MINUTE_MS;
      let state = alarmState(alarm, measured, first);
      for (let at = first; at <= until && state !== 'ALARM'; at += MINUTE_MS) {
        state = alarmState(alarm, measured, at, state);
      }
      return state === 'ALARM';
    })
    .map(({ name }) => name.replace(`${STACK}-`, ''));
};

/** What the functions of a local run have written so far, as `/_local/metrics` gives it. */
export const measuredOf = async ({ stack }: LocalRun): Promise<Measured[]> => {
  const response = await fetch(`${stack.awsUrl}/_local/metrics`);
  return ((await response.json()) as { metrics: Measured[] }).metrics;
};

/** The alarms that rang during a local run. */
export const rangDuring = async (run: LocalRun): Promise<string[]> =>
  rang(run.stack.alarms, await measuredOf(run));
