import type { Principal } from '../lib/principal.ts';
import type { Definition } from './definition.ts';
import type { Reason } from './errors.ts';
import type { History } from './history.ts';

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
  /** In milliseconds since 1970. */
  startedAt: number;
  history: History;
  end: () => End | undefined;
  ended: Promise<End>;
  /** Aborts it, if it is not over. A function that it called runs on. */
  stop: (reason: Reason) => End;
};
