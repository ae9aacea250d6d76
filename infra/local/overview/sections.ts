import type { Invite } from '../../../functions/invites/invite.ts';
import { type Alarm, alarmState, type Measured, measuredValue } from '../cloudwatch/alarm-state.ts';
import type { Dashboard } from '../cloudwatch/dashboard-model.ts';
import type { BusEvent } from '../eventbridge/event-bus.ts';
import type { KnownExecution } from '../step-functions/api/runner.ts';
import type { LogBook } from './log-book.ts';
import { plotOf, spanOf } from './plots.ts';

/** Where the page's facts come from: the parts of a running stack. */
export type Parts = {
  stackName: string;
  /** Where people go on. */
  apiUrl: string;
  slackUrl: string;
  /** The newest invites, the newest first. */
  invites(atMost: number): Promise<Invite[]>;
  /** The oldest first. */
  executions: ReadonlyMap<string, KnownExecution>;
  /** The oldest first. */
  events: readonly BusEvent[];
  alarms: readonly Alarm[];
  dashboards: readonly Dashboard[];
  measured(): readonly Measured[];
  logBook: LogBook;
};

/** How many of each the page shows: the newest. */
const SHOWN = 50;
const MINUTE_MS = 60_000;

const WORST_FIRST = { ALARM: 0, INSUFFICIENT_DATA: 1, OK: 2 } as const;

/** What each part of the page shows, as JSON. */
export const createSections = ({ stackName, alarms, dashboards, logBook, ...parts }: Parts) => {
  const startedAt = Date.now();
  const short = (name: string) => name.replace(`${stackName}-`, '');
  return {
    stack: () => ({
      name: stackName,
      apiUrl: parts.apiUrl,
      slackUrl: parts.slackUrl,
      isWatched: alarms.length > 0,
    }),
    invites: () => parts.invites(SHOWN),
    executions: () =>
      [...parts.executions.values()]
        .slice(-SHOWN)
        .toReversed()
        .map((execution) => executionOf(execution, short)),
    events: () => parts.events.slice(-SHOWN).toReversed().map(eventOf),
    invocations: () =>
      logBook.invocations(SHOWN).map((one) => ({ ...one, functionName: short(one.functionName) })),
    alarms: () => {
      const measured = parts.measured();
      const shown = alarms.map((alarm) => alarmOf(alarm, short(alarm.name), measured, startedAt));
      return shown.toSorted((a, b) => WORST_FIRST[a.state] - WORST_FIRST[b.state]);
    },
    dashboards: () => {
      const measured = parts.measured();
      const now = Date.now();
      const minutes = spanOf(measured, now);
      return dashboards.map(({ name, widgets, logs }) => ({
        name: short(name),
        minutes,
        plots: widgets.map((widget) => {
          const { lines, ...plot } = plotOf(widget, measured, { now, minutes });
          return { ...plot, lines: lines.map((line) => ({ ...line, label: short(line.label) })) };
        }),
        logs,
      }));
    },
  };
};

export type Sections = ReturnType<typeof createSections>;
export type Shown = { [Name in keyof Sections]: Awaited<ReturnType<Sections[Name]>> };

/** How much of a history is shown: its end. */
const SHOWN_HISTORY = 60;

/** Names of errors only: what an error or a state's data says may be anything. */
const ERROR_NAME = /^[A-Za-z][\w.]*$/;
const errorName = (error: unknown) =>
  typeof error === 'string' && ERROR_NAME.test(error) ? error : undefined;

function executionOf(execution: KnownExecution, short: (name: string) => string) {
  const { name, arn, machine, startedAt, history } = execution;
  const end = execution.end();
  const events = history.events.slice(-SHOWN_HISTORY);
  return {
    arn,
    name,
    machine: short(machine.name),
    status: end?.status ?? 'RUNNING',
    error: end && 'reason' in end ? errorName(end.reason.error) : undefined,
    at: new Date(startedAt).toISOString(),
    ms: end && Math.round(end.at - startedAt),
    /** So many events are before those that are shown. */
    earlier: history.events.length - events.length,
    history: events.map(({ id, type, timestamp, fields }) => ({
      id,
      type,
      at: new Date(timestamp).toISOString(),
      name: typeof fields?.name === 'string' ? fields.name : undefined,
      error: errorName(fields?.error),
    })),
  };
}

const eventOf = ({ id, 'detail-type': type, source, time, detail }: BusEvent) => ({
  id,
  type,
  source,
  at: time,
  detail,
});

/**
 * An alarm as it would be at the end of this minute: nobody here wants to wait for that.
 * Its description says who is hurt and what to do.
 * @param startedAt epoch milliseconds: silence from before is no reason for an alarm
 */
function alarmOf(alarm: Alarm, name: string, measured: readonly Measured[], startedAt: number) {
  const { description, statistic, comparison, threshold, periodS, treatMissingData } = alarm;
  const at = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
  const value = measuredValue(alarm, measured, at - periodS * 1000, at) ?? null;
  const isTooEarly = at - alarm.evaluationPeriods * periodS * 1000 < startedAt && value === null;
  const isUnknown = isTooEarly && treatMissingData === 'breaching';
  return {
    name,
    description,
    state: isUnknown ? ('INSUFFICIENT_DATA' as const) : alarmState(alarm, measured, at),
    value,
    statistic,
    comparison,
    threshold,
    minutes: periodS / 60,
    periods: alarm.evaluationPeriods,
    datapoints: alarm.datapointsToAlarm,
    treatMissingData,
    metrics: [...new Set(alarm.series.map((series) => `${series.namespace} ${series.name}`))],
  };
}
