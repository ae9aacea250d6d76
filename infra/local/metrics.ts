import type { Lambda } from './lambda/lambda.ts';
import type { KnownExecution } from './step-functions/api/runner.ts';

/** One metric with one set of dimensions: its minutes, oldest first. */
export type Series = {
  namespace: string;
  name: string;
  unit: string;
  dimensions: Record<string, string>;
  points: Point[];
};

/** What was measured within one minute. */
export type Point = { time: string; count: number; sum: number; min: number; max: number };

export type Metrics = {
  /** Takes a line of a log group. @returns whether it is a record of metrics. */
  read(line: string, logGroup: string): boolean;
  add(
    series: Pick<Series, 'namespace' | 'name' | 'unit' | 'dimensions'>,
    value: number,
    at?: number,
  ): void;
  all(): Series[];
};

const MINUTE_MS = 60_000;
const MOST_MINUTES = 24 * 60;

/** CloudWatch's own metric of records that it cannot read. */
const invalid = (LogGroupName: string) => ({
  namespace: 'AWS/Logs',
  name: 'EMFValidationErrors',
  unit: 'Count',
  dimensions: { LogGroupName },
});

type Emf = Record<string, unknown> & {
  _aws: {
    Timestamp: number;
    CloudWatchMetrics: {
      Namespace: string;
      Dimensions: string[][];
      Metrics: { Name: string; Unit: string }[];
    }[];
  };
};

/** What CloudWatch makes of the functions' records (embedded metric format), for a day, by minutes. */
export function createMetrics(): Metrics {
  const series = new Map<string, Series>();

  const add: Metrics['add'] = ({ namespace, name, unit, dimensions }, value, at = Date.now()) => {
    const key = JSON.stringify([namespace, name, Object.entries(dimensions).toSorted()]);
    const known = series.get(key) ?? { namespace, name, unit, dimensions, points: [] };
    series.set(key, known);
    const time = new Date(Math.floor(at / MINUTE_MS) * MINUTE_MS).toISOString();
    let point = known.points.find((one) => one.time === time);
    if (!point) {
      point = { time, count: 0, sum: 0, min: value, max: value };
      known.points.push(point);
      if (known.points.length > MOST_MINUTES) known.points.shift();
    }
    point.count += 1;
    point.sum += value;
    point.min = Math.min(point.min, value);
    point.max = Math.max(point.max, value);
  };

  const addRecord = ({ _aws, ...properties }: Emf, logGroup: string) => {
    for (const { Namespace: namespace, Dimensions, Metrics } of _aws.CloudWatchMetrics) {
      for (const names of Dimensions) {
        const dimensions = Object.fromEntries(
          names.map((name) => [name, String(properties[name])]),
        );
        if (names.some((name) => typeof properties[name] !== 'string')) add(invalid(logGroup), 1);
        else {
          for (const { Name: name, Unit: unit } of Metrics) {
            for (const value of [properties[name]].flat()) {
              if (typeof value !== 'number') add(invalid(logGroup), 1);
              else add({ namespace, name, unit, dimensions }, value, _aws.Timestamp);
            }
          }
        }
      }
    }
  };

  return {
    add,
    read(line, logGroup) {
      if (!line.startsWith('{"_aws":')) return false;
      try {
        addRecord(JSON.parse(line), logGroup);
      } catch {
        add(invalid(logGroup), 1);
      }
      return true;
    },
    all: () => [...series.values()],
  };
}

/** What Lambda itself measures of each function, under its own names. */
export function countInvocations(lambda: Lambda, metrics: Metrics): Lambda {
  const invoke: Lambda['invoke'] = async (name, payload, options) => {
    const count = (metric: string, value: number, unit = 'Count') =>
      metrics.add(
        { namespace: 'AWS/Lambda', name: metric, unit, dimensions: { FunctionName: name } },
        value,
      );
    const startedAt = performance.now();
    try {
      const result = await lambda.invoke(name, payload, options);
      count('Invocations', 1);
      count('Errors', result.functionError ? 1 : 0);
      count('Duration', Math.round(performance.now() - startedAt), 'Milliseconds');
      return result;
    } catch (error) {
      if ((error as Error).name === 'TooManyRequestsException') count('Throttles', 1);
      throw error;
    }
  };
  return { ...lambda, invoke };
}

/** What Step Functions itself measures of each state machine: starts, and ends by their kind. */
export function countExecutions(executions: Iterable<KnownExecution>): Series[] {
  const metrics = createMetrics();
  for (const { machine, startedAt, end } of executions) {
    const count = (name: string, at: number) => {
      const dimensions = { StateMachineArn: machine.arn };
      metrics.add({ namespace: 'AWS/States', name, unit: 'Count', dimensions }, 1, at);
    };
    count('ExecutionsStarted', startedAt);
    const ended = end();
    if (ended) count(EXECUTION_ENDS[ended.status], ended.at);
  }
  return metrics.all();
}

const EXECUTION_ENDS = {
  SUCCEEDED: 'ExecutionsSucceeded',
  FAILED: 'ExecutionsFailed',
  TIMED_OUT: 'ExecutionsTimedOut',
  ABORTED: 'ExecutionsAborted',
} as const;
