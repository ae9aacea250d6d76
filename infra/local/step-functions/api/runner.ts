import { randomUUID } from 'node:crypto';
import { AwsError } from '../../lib/aws-service.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Principal } from '../../lib/principal.ts';
import type { Definition, Execution, HistoryEvent, OpenTask, Services } from '../model.ts';
import { startExecution } from '../start-execution.ts';
import { createHistory } from './history.ts';
import { executionInput, executionName } from './input.ts';

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

/** An execution with what the API tells of it. */
export type KnownExecution = Execution & {
  machine: Machine;
  name: string;
  /** JSON, as it was given. */
  input: string;
  /** In the order of the starts of all executions. */
  number: number;
  /** In milliseconds since 1970. */
  startedAt: number;
  history: { events: readonly HistoryEvent[] };
};

/** The state machines and executions of this machine. All is in memory and ends with it. */
export type Runner = {
  /** By their ARNs, the oldest first. */
  machines: Map<string, Machine>;
  /** @throws AwsError StateMachineDoesNotExist */
  machine: (arn: string) => Machine;
  /** Of all machines, by their ARNs, the oldest first. */
  executions: ReadonlyMap<string, KnownExecution>;
  /** By their tokens. */
  openTasks: ReadonlyMap<string, OpenTask>;
  /**
   * Starts an execution, or finds the one of the same name and input that runs. AWS says that the input
   * must be identical; here the text is.
   * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
   * @param input JSON
   * @throws AwsError StateMachineDoesNotExist, ExecutionAlreadyExists, InvalidName, InvalidExecutionInput
   */
  start: (stateMachineArn: string, input?: unknown, name?: unknown) => KnownExecution;
  /** Aborts the executions of a machine, or all, that are not over. */
  stop: (of?: Machine) => void;
};

/** Of all executions together: some 100 MB. */
const MAX_EVENTS = 250_000;

const ERROR_NAME = /^[A-Za-z][\w.]*$/;

/**
 * @param options.log takes a line for each execution that is over: its name, how it ended, the error's name
 * @param options.maxEvents with more of them, the executions that ended first are forgotten, as AWS does
 * after 90 days
 */
export function createRunner(options: {
  clock: Clock;
  services: Pick<Services, 'invoke' | 'line' | 'bus'>;
  log: (machineName: string, line: string) => void;
  maxEvents?: number;
}): Runner {
  const { clock, log, maxEvents = MAX_EVENTS } = options;
  const machines = new Map<string, Machine>();
  const executions = new Map<string, KnownExecution>();
  const over = new Set<KnownExecution>();
  const openTasks = new Map<string, OpenTask>();
  const services: Services = { ...options.services, startExecution: startNested, openTasks };
  let allEvents = 0;
  let number = 0;

  return { machines, machine, executions, openTasks, start, stop };

  function machine(arn: string): Machine {
    const found = machines.get(arn);
    if (found) return found;
    throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  }

  function start(
    stateMachineArn: string,
    givenInput?: unknown,
    givenName?: unknown,
  ): KnownExecution {
    const input = executionInput(givenInput);
    const name = executionName(givenName) ?? randomUUID();
    const owner = machine(stateMachineArn);
    const arn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    const earlier = executions.get(arn);
    if (earlier && !earlier.end() && earlier.input === input) return earlier;
    if (earlier) throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    number += 1;
    const startedAt = clock.now();
    const { events, tell } = createHistory(clock.now, () => {
      allEvents += 1;
    });
    const { definition, role, roleArn } = owner;
    const value = JSON.parse(input);
    const context = {
      Execution: {
        Id: arn,
        Input: value,
        Name: name,
        RoleArn: roleArn,
        StartTime: new Date(startedAt).toISOString(),
      },
      StateMachine: { Id: stateMachineArn, Name: owner.name },
    };
    const base = { stateMachineArn, arn, role, roleArn, services, tell };
    const running = startExecution({ ...base, definition, input: value, context, clock });
    const known = {
      ...running,
      machine: owner,
      name,
      input,
      number,
      startedAt,
      history: { events },
    };
    executions.set(arn, known);
    void known.ended.then(() => onEnd(known));
    return known;
  }

  function startNested(stateMachineArn: string, input: string, name?: unknown) {
    const nested = start(stateMachineArn, input, name);
    return { ...nested, describe: () => describeNested(nested) };
  }

  function onEnd(ended: KnownExecution): void {
    log(ended.machine.name, summary(ended));
    over.add(ended);
    for (const oldest of over) {
      if (allEvents <= maxEvents) break;
      allEvents -= oldest.history.events.length;
      over.delete(oldest);
      executions.delete(oldest.arn);
    }
  }

  function stop(of?: Machine): void {
    for (const each of executions.values()) {
      if (of === undefined || each.machine === of) each.stop({});
    }
  }
}

/** Names only: a cause may be data, and so may an error that a Fail state takes from its input. */
function summary({ name, startedAt, end }: KnownExecution): string {
  const ended = end();
  if (!ended) return name;
  const error = 'reason' in ended ? (ended.reason.error ?? '') : '';
  const seconds = ((ended.at - startedAt) / 1000).toFixed(1);
  return [name, ended.status, ...(ERROR_NAME.test(error) ? [error] : []), seconds, 's'].join(' ');
}

/** As DescribeExecution, its members as the integration spells them. */
function describeNested({ arn, end, input, machine, name, startedAt }: KnownExecution) {
  const ended = end();
  return {
    ExecutionArn: arn,
    Input: input,
    InputDetails: { Included: true },
    Name: name,
    StartDate: startedAt,
    StateMachineArn: machine.arn,
    Status: ended?.status ?? 'RUNNING',
    StopDate: ended?.at,
    ...(ended?.status === 'SUCCEEDED'
      ? { Output: JSON.stringify(ended.output), OutputDetails: { Included: true } }
      : { Error: ended?.reason.error, Cause: ended?.reason.cause }),
  };
}
