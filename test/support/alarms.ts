import type { FunctionName } from '../../infra/config/physical-names.ts';
import { type AlarmRow, alarmRows } from '../../infra/observability/alarms.ts';
import { type Measured, stateOf } from '../../infra/observability/evaluate.ts';
import type { LocalRun } from './local-run.ts';

const MINUTE_MS = 60_000;

/** The alarms of a stack whose functions are these. */
export const alarmsOf = (stack: string, functions: readonly string[]): Record<string, AlarmRow> =>
  alarmRows({
    stack,
    functions: functions as FunctionName[],
    logGroups: functions.map((name) => `${stack}-${name}`),
  });

/** The alarms that rang at any moment of what was measured, or just after it. */
export const rang = (alarms: Record<string, AlarmRow>, measured: readonly Measured[]): string[] => {
  const times = measured.flatMap(({ points }) => points.map(({ time }) => Date.parse(time)));
  const [first, last] = [Math.min(...times), Math.max(...times)];
  return Object.entries(alarms)
    .filter(([, alarm]) => {
      for (let at = first; at <= last + 2 * alarm.periodMinutes * MINUTE_MS; at += 5 * MINUTE_MS) {
        if (stateOf(alarm, measured, at) === 'ALARM') return true;
      }
      return false;
    })
    .map(([name]) => name);
};

/** What the functions of a local run have written so far, as `/_local/metrics` gives it. */
export const measuredOf = async ({ stack }: LocalRun): Promise<Measured[]> => {
  const response = await fetch(`${stack.awsUrl}/_local/metrics`);
  return ((await response.json()) as { metrics: Measured[] }).metrics;
};

/** The alarms that rang during a local run. */
export const rangDuring = async (run: LocalRun): Promise<string[]> => {
  const folders = run.stack.functions.map(({ folder }) => folder);
  return rang(alarmsOf('SlackConnectInvites', folders), await measuredOf(run));
};
