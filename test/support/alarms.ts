import { SWEEP_MINUTES } from '../../functions/lib/times.ts';
import { type Alarm, alarmState, type Measured } from '../../infra/local/cloudwatch/alarm-state.ts';
import { readStack } from '../../infra/local/stack-model.ts';
import { bundledAssembly } from './assemblies.ts';
import type { LocalRun } from './local-run.ts';

const STACK = 'SlackConnectInvites';
const MINUTE_MS = 60_000;

/** The alarms of the template that the tests' local runs have. */
export const alarmsOfTemplate = async (): Promise<Alarm[]> =>
  readStack(await bundledAssembly(), STACK).alarms;

/** When something was measured, the earliest first. */
const timesOf = (measured: readonly Measured[]): number[] =>
  measured
    .flatMap(({ points }) => points.map(({ time }) => Date.parse(time)))
    .toSorted((a, b) => a - b);

/**
 * The alarms that rang at any minute of what was measured, or afterwards; their names without the stack's.
 * One that rings when nothing is written is looked at only between the first and the last that was.
 */
export const rang = (alarms: readonly Alarm[], measured: readonly Measured[]): string[] => {
  const times = timesOf(measured);
  return alarms
    .filter((alarm) => {
      const own = measured.filter(({ name }) => alarm.series.some((one) => one.name === name));
      const lengthMs = alarm.evaluationPeriods * alarm.periodS * 1000;
      const isSilenceBad = alarm.treatMissingData === 'breaching';
      const known = isSilenceBad ? timesOf(own) : times;
      const first = (known[0] ?? 0) + (isSilenceBad ? lengthMs : 0);
      const until = (known.at(-1) ?? 0) + (isSilenceBad ? 0 : lengthMs + MINUTE_MS);
      let state = alarmState(alarm, own, first);
      for (let at = first; at <= until && state !== 'ALARM'; at += MINUTE_MS) {
        state = alarmState(alarm, own, at, state);
      }
      return first <= until && state === 'ALARM';
    })
    .map(({ name }) => name.replace(`${STACK}-`, ''));
};

/**
 * Lets the sweep run again and again for some hours, as if they passed.
 * @param from hours from now.
 */
export const sweepFor = async (
  { stack }: LocalRun,
  hours: number,
  { from = 0, everyMinutes = SWEEP_MINUTES } = {},
): Promise<void> => {
  for (let minutes = from * 60; minutes <= (from + hours) * 60; minutes += everyMinutes) {
    const body = JSON.stringify({ advance_s: minutes * 60 });
    const response = await fetch(`${stack.awsUrl}/_local/sweep`, { method: 'POST', body });
    if (!response.ok) throw new Error(`The sweep failed: ${await response.text()}`);
  }
};

/** What the functions of a local run have written so far, as `/_local/metrics` gives it. */
export const measuredOf = async ({ stack }: LocalRun): Promise<Measured[]> => {
  const response = await fetch(`${stack.awsUrl}/_local/metrics`);
  return ((await response.json()) as { metrics: Measured[] }).metrics;
};

/** The alarms that rang during a local run. */
export const rangDuring = async (run: LocalRun): Promise<string[]> =>
  rang(run.stack.alarms, await measuredOf(run));
