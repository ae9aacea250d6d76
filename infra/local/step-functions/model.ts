import type { EventBus } from '../eventbridge/event-bus.ts';
import type { Lambda } from '../lambda/lambda.ts';
import type { Line } from '../lib/line.ts';
import type { Principal } from '../lib/principal.ts';
import type { OutOfTime, Reason, StateError } from './errors.ts';

/** A state in the Amazon States Language: https://states-language.net/spec.html */
export type State = {
  Type: 'Task' | 'Map' | 'Wait' | 'Pass' | 'Choice' | 'Succeed' | 'Fail';
  // biome-ignore lint/suspicious/noExplicitAny: each type has fields of its own, which `readDefinition` looks through.
  [field: string]: any;
};

/** States that follow each other: a machine's, or those that a Map goes through for each item. */
export type States = { StartAt: string; States: Record<string, State> };

/** A state machine of which every field is understood. */
export type Definition = States & { TimeoutSeconds?: number };

/** What tasks reach. */
export type Services = {
  invoke: Lambda['invoke'];
  /** Holds back what is more than this machine can do at once. */
  line: Line;
  bus: EventBus;
  /** `describe` tells what DescribeExecution does, as tasks spell it. @throws AwsError as StartExecution */
  startExecution: (arn: string, input: string, name?: unknown) => Execution & Described;
  /** By their tokens. */
  openTasks: Map<string, OpenTask>;
};

type Described = { describe: () => Record<string, unknown> };

/** A task that goes on until somebody sends its token back. */
export type OpenTask = {
  stateMachineArn: string;
  resolve: (output: unknown) => void;
  reject: (error: StateError) => void;
  heartbeat: () => void;
};

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html */
export type HistoryEvent = {
  id: number;
  previousEventId: number;
  /** Milliseconds since 1970. */
  timestamp: number;
  type: string;
  fields?: Record<string, unknown>;
  /** Values, which the API gives as JSON and may leave out. */
  data?: { input?: unknown; output?: unknown; parameters?: unknown };
  /** The variables that a state assigned. */
  assigned?: Record<string, unknown> | undefined;
};
export type Details = Pick<HistoryEvent, 'fields' | 'data' | 'assigned'>;

export type Outcome =
  | { status: 'SUCCEEDED'; output: unknown }
  | { status: 'FAILED' | 'TIMED_OUT' | 'ABORTED'; reason: Reason };

/** How an execution ended, and when, in milliseconds since 1970. */
export type End = Outcome & { at: number };

/** An execution of a state machine, going on or over. */
export type Execution = {
  stateMachineArn: string;
  arn: string;
  role: Principal;
  services: Services;
  now: () => number;
  /** Calls `ring` at a time, or with an error as soon as the execution's own time is over. @returns what takes it back */
  at: (time: number, ring: (over?: OutOfTime) => void) => () => void;
  /** Adds an event to the history. @throws StateError States.Runtime where only the end has room */
  tell: (branch: { last: number }, type: string, details?: Details) => void;
  end: () => End | undefined;
  ended: Promise<End>;
  /** Aborts it, if it is not over. A function that it called runs on. */
  stop: (reason: Reason) => End;
};

/** A run through states: an execution, or one iteration of a Map in it. */
export type Branch = {
  execution: Execution;
  /** Aborted when nobody waits for it any more. */
  signal: AbortSignal;
  /** The id of its latest event, which the next one follows. */
  last: number;
  /** Those of the states around it too, as they were when it began. */
  variables: Record<string, unknown>;
  /** `$states.context`, as far as it is the same for each state. */
  context: object;
};
