import { randomUUID } from 'node:crypto';
import { AwsError } from '../lib/aws-service.ts';
import type { Clock } from '../lib/clock.ts';
import type { Execution, Machine, OpenTask, Services } from './execution.ts';
import { startExecution } from './start-execution.ts';

/** The state machines and executions of this machine. All is in memory and ends with it. */
export type Runner = {
  /** By their ARNs, the oldest first. */
  machines: Map<string, Machine>;
  /** @throws AwsError StateMachineDoesNotExist */
  machine: (arn: string) => Machine;
  /** Of all machines, by their ARNs, the oldest first. */
  executions: ReadonlyMap<string, Execution>;
  /** By their tokens. */
  openTasks: ReadonlyMap<string, OpenTask>;
  /**
   * Starts an execution, or finds the one of the same name and input that runs. AWS says that the input
   * must be identical; here the text is.
   * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
   * @param input JSON
   * @throws AwsError StateMachineDoesNotExist, ExecutionAlreadyExists
   */
  start: (stateMachineArn: string, input: string, name?: string) => Execution;
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
  services: Omit<Services, 'startExecution' | 'openTasks'>;
  log: (machineName: string, line: string) => void;
  maxEvents?: number;
}): Runner {
  const { clock, log, maxEvents = MAX_EVENTS } = options;
  const machines = new Map<string, Machine>();
  const executions = new Map<string, Execution>();
  const over = new Set<Execution>();
  const openTasks = new Map<string, OpenTask>();
  const services = { ...options.services, startExecution: start, openTasks };
  let events = 0;
  let number = 0;

  return { machines, machine, executions, openTasks, start, stop };

  function machine(arn: string): Machine {
    const found = machines.get(arn);
    if (found) return found;
    throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  }

  function start(stateMachineArn: string, input: string, name: string = randomUUID()): Execution {
    const owner = machine(stateMachineArn);
    const arn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    const earlier = executions.get(arn);
    if (earlier && !earlier.end() && earlier.input === input) return earlier;
    if (earlier) throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    number += 1;
    const given = { machine: owner, name, arn, input, number, clock, services };
    const started = startExecution(given, () => {
      events += 1;
    });
    executions.set(arn, started);
    void started.ended.then(() => onEnd(started));
    return started;
  }

  function onEnd(ended: Execution): void {
    log(ended.machine.name, summary(ended));
    over.add(ended);
    for (const oldest of over) {
      if (events <= maxEvents) break;
      events -= oldest.history.events.length;
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
function summary({ name, startedAt, end }: Execution): string {
  const ended = end();
  if (!ended) return name;
  const error = 'reason' in ended ? (ended.reason.error ?? '') : '';
  const seconds = ((ended.at - startedAt) / 1000).toFixed(1);
  return [name, ended.status, ...(ERROR_NAME.test(error) ? [error] : []), seconds, 's'].join(' ');
}
