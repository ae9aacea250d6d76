import type { ErrorClass } from '../../functions/errors/classes.ts';
import { InviteError } from '../../functions/errors/invite-error.ts';
import { taskError } from '../../functions/lambda/task-error-handler.ts';
import type { Definition, HistoryEvent } from '../../infra/local/step-functions/model.ts';
import { allowing, answers, startRunner } from '../local-step-functions/machine.ts';
import { createVirtualClock } from '../local-step-functions/virtual-clock.ts';
import { slackCode } from '../support/slack-code.ts';

/** What a function answers: a result, or the error that Lambda gives in its place. */
export type Answer = object | Failure;

/** What Lambda answers for an error: text, mostly JSON with `errorType`. */
export class Failure {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** An error as the function's runtime tells it. */
export const thrown = (errorType: string, errorMessage: string): Failure =>
  new Failure(JSON.stringify({ errorType, errorMessage, trace: [] }));

/** The same for an error of ours, as a task door throws it. */
export const ours = (
  errorClass: ErrorClass,
  { code, ...facts }: { code: string; detail: string; retryAfter?: number; id?: string },
): Failure => {
  const error = new InviteError(errorClass, { code: slackCode(code), ...facts });
  const { name, message } = taskError(error);
  return thrown(name, message);
};

export const unavailable = () =>
  ours('SlackUnavailable', { code: 'slack_unreachable', detail: 'd' });
export const throttled = () => thrown('Lambda.TooManyRequestsException', 'Rate Exceeded.');
export const times = (count: number, make: () => Failure): Failure[] =>
  Array.from({ length: count }, make);

/** A function that answers after 90 seconds, when no task waits for it any more. */
export const SILENT = new Failure('');

const ARN = 'arn:aws:states:eu-central-1:111122223333:stateMachine:Tested';

/**
 * @param usual what each task answers where a run says nothing else.
 * @returns what runs one execution in virtual time; `answers` are those of each task, in turn, the
 *   last one again and again.
 */
export function createExecute<Task extends string>(
  definition: Definition,
  input: Record<string, string | number>,
  usual: Record<Task, Answer[]>,
) {
  // Each task calls a function of its own name, so that the tasks of one function are told apart.
  const tasks = structuredClone(definition);
  for (const [name, state] of Object.entries(tasks.States)) {
    if (state.Type === 'Task') state.Arguments.FunctionName = `function:${name}`;
  }

  return async (given: Partial<Record<Task, Answer[]>> = {}) => {
    const clock = createVirtualClock();
    const { runner, invoke } = startRunner([], clock);
    runner.machines.set(ARN, {
      name: 'Tested',
      arn: ARN,
      definition: tasks,
      definitionText: JSON.stringify(tasks),
      roleArn: 'arn:aws:iam::111122223333:role/tested',
      role: allowing('lambda:InvokeFunction'),
      tracing: false,
      logging: { level: 'OFF', includeExecutionData: false },
      createdAt: clock.now(),
    });
    const lists = structuredAnswers({ ...usual, ...given });
    const calls = {} as Record<Task, unknown[]>;
    for (const name of Object.keys(lists)) calls[name as Task] = [];
    invoke.mockImplementation(async (name, payload) => {
      calls[name as Task].push(JSON.parse(String(payload)));
      const list = lists[name as Task];
      const answer = (list.length > 1 ? list.shift() : list[0]) as Answer;
      if (answer === SILENT) {
        return new Promise((resolve) => clock.at(clock.now() + 90_000, () => resolve(answers({}))));
      }
      if (!(answer instanceof Failure)) return answers(answer);
      return { ...answers({}), payload: Buffer.from(answer.text), functionError: 'Unhandled' };
    });
    const execution = runner.start(ARN, JSON.stringify(input));
    await clock.run(() => execution.end() !== undefined);
    const ended = execution.end();
    const { events } = execution.history;
    const entered = events
      .filter(({ type }) => type.endsWith('StateEntered'))
      .map(({ fields, data }) => ({ name: String(fields?.name), input: data?.input }));
    return {
      output: ended?.status === 'SUCCEEDED' ? ended.output : undefined,
      failure: ended && 'reason' in ended ? ended.reason : undefined,
      calls,
      entered,
      end: entered.at(-1)?.name,
      waits: waitsOf(events),
      events,
    };
  };
}

const structuredAnswers = <Task extends string>(lists: Record<Task, Answer[]>) =>
  Object.fromEntries(
    Object.entries<Answer[]>(lists).map(([name, list]) => [name, [...list]]),
  ) as Record<Task, Answer[]>;

/** How long each Wait took, in seconds. */
function waitsOf(events: readonly HistoryEvent[]): number[] {
  return events
    .filter(({ type }) => type === 'WaitStateExited')
    .map(({ id, timestamp }) => (timestamp - (events[id - 2] as HistoryEvent).timestamp) / 1000);
}
