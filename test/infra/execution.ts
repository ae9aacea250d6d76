import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import type { ErrorClass } from '../../functions/errors/classes.ts';
import { InviteError } from '../../functions/errors/invite-error.ts';
import { taskError } from '../../functions/lambda/task-error-handler.ts';
import { slackCode } from '../support/slack-code.ts';

export type Answer = object | Error;

/** A task's error as Step Functions makes it of a function's: the cause is JSON. */
export const thrown = (errorType: string, errorMessage: string): Error =>
  Object.assign(new Error(JSON.stringify({ errorType, errorMessage, trace: [] })), {
    name: errorType,
  });

/** The same for an error of ours, as a task door throws it. */
export const ours = (
  errorClass: ErrorClass,
  { code, ...facts }: { code: string; detail: string; retryAfter?: number; id?: string },
): Error => {
  const error = new InviteError(errorClass, { code: slackCode(code), ...facts });
  const { name, message } = taskError(error);
  return thrown(name, message);
};

export const unavailable = () =>
  ours('SlackUnavailable', { code: 'slack_unreachable', detail: 'd' });
export const throttled = () => thrown('Lambda.TooManyRequestsException', 'Rate Exceeded.');
export const times = (count: number, make: () => Error): Error[] =>
  Array.from({ length: count }, make);

/**
 * @param usual what each task answers where a run says nothing else.
 * @returns what runs one execution without its waits; `answers` are those of each task, in turn, the
 *   last one again and again.
 */
export function createExecute<Task extends string>(
  definition: StateMachineDefinition,
  input: Record<string, string | number>,
  usual: Record<Task, Answer[]>,
) {
  const machine = new StateMachine(definition);
  const zeroOf = (type: string) =>
    Object.fromEntries(
      Object.entries(definition.States)
        .filter(([, { Type }]) => Type === type)
        .map(([name]) => [name, 0]),
    );

  return async (answers: Partial<Record<Task, Answer[]>> = {}) => {
    const calls = {} as Record<Task, unknown[]>;
    const task = (name: Task, list: Answer[]) => (given: unknown) => {
      calls[name].push((given as { Payload: unknown }).Payload);
      const answer = (list.length > 1 ? list.shift() : list[0]) as Answer;
      if (answer instanceof Error) throw answer;
      return { StatusCode: 200, Payload: answer as Record<string, string> };
    };
    const handlers = Object.entries<Answer[]>({ ...usual, ...answers }).map(([name, list]) => {
      calls[name as Task] = [];
      return [name, task(name as Task, [...list])];
    });
    const { result, eventLogs } = machine.run(input, {
      overrides: {
        taskResourceLocalHandlers: Object.fromEntries(handlers),
        waitTimeOverrides: zeroOf('Wait'),
        retryIntervalOverrides: zeroOf('Task'),
      },
    });
    const output = await result.catch(() => undefined);
    const entered: { name: string; input: unknown }[] = [];
    let failure: { Error: string; Cause: unknown } | undefined;
    for await (const event of eventLogs) {
      if (event.type === 'StateEntered') entered.push(event.state);
      if (event.type === 'ExecutionFailed') failure = event;
    }
    return { output, failure, calls, entered, end: entered.at(-1)?.name };
  };
}
