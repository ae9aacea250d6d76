import type { EventBus } from '../eventbridge/event-bus.ts';
import type { Lambda } from '../lambda/lambda.ts';
import type { Clock } from '../lib/clock.ts';
import type { Line } from '../lib/line.ts';
import type { Principal } from '../lib/principal.ts';
import type { Definition, State } from './definition.ts';
import type { Reason, StateError } from './errors.ts';
import type { History, Thread } from './history.ts';
import type { Scope } from './scope.ts';

/** A state machine that runs on this machine. */
export type Machine = {
  name: string;
  arn: string;
  definition: Definition;
  /** JSON, as it was given. */
  definitionText: string;
  roleArn: string;
  /** As whom its tasks act. */
  role: Principal;
  tracing: boolean;
  logging: { level: string; includeExecutionData: boolean };
  /** In milliseconds since 1970. */
  createdAt: number;
};

/** What tasks reach. */
export type Services = {
  invoke: Lambda['invoke'];
  /** Holds back what is more than this machine can do at once. */
  line: Line;
  bus: EventBus;
  /** @throws AwsError as StartExecution */
  startExecution: (stateMachineArn: string, input: string, name?: string) => Execution;
  /** By their tokens. */
  openTasks: Map<string, OpenTask>;
};

/** A task that goes on until somebody sends its token back. */
export type OpenTask = {
  stateMachineArn: string;
  resolve: (output: unknown) => void;
  reject: (error: StateError) => void;
  heartbeat: () => void;
};

export type Outcome =
  | { status: 'SUCCEEDED'; output: unknown }
  | { status: 'FAILED' | 'TIMED_OUT' | 'ABORTED'; reason: Reason };

/** How an execution ended, and when, in milliseconds since 1970. */
export type End = Outcome & { at: number };

/** An execution of a state machine, going on or over. */
export type Execution = {
  machine: Machine;
  name: string;
  arn: string;
  /** JSON, as it was given. */
  input: string;
  /** In the order of the starts of all executions. */
  number: number;
  clock: Clock;
  services: Services;
  /** In milliseconds since 1970. */
  startedAt: number;
  /** When its own time is over. */
  deadline: number;
  history: History;
  end: () => End | undefined;
  ended: Promise<End>;
  /** Aborts it, if it is not over. A function that it called runs on. */
  stop: (reason: Reason) => End;
};

/** A run through states: an execution, or one iteration of a Map in it. */
export type Branch = Thread & {
  execution: Execution;
  scope: Scope;
  /** Those of the states around it too, as they were when it began. */
  variables: Record<string, unknown>;
  /** `$states.context`, as far as it is the same for each state. */
  context: { Execution: { Id: string }; StateMachine: object; Map?: object };
};

/** One visit to a state. */
export type Visit = {
  branch: Branch;
  name: string;
  state: State;
  input: unknown;
  /** The id of the event. */
  entered: number;
  enteredTime: string;
  retryCount: number;
};
