import { inside, type Place } from '../lib/not-understood.ts';
import type { State } from './definition.ts';
import { checkResultPath } from './paths.ts';
import { refuse } from './refuse.ts';
import { MAX_TIMER_MS } from './time.ts';

/** The service integration that calls a function and wraps its answer. */
export const LAMBDA_INVOKE = 'arn:aws:states:::lambda:invoke';

/** Reserved names that can be handled here; for any other a definition would wait in vain. */
const RESERVED = ['States.ALL', 'States.TaskFailed', 'States.Timeout'];

const RETRIER_FIELDS = [
  'BackoffRate',
  'Comment',
  'ErrorEquals',
  'IntervalSeconds',
  'JitterStrategy',
  'MaxAttempts',
  'MaxDelaySeconds',
];
const CATCHER_FIELDS = ['Comment', 'ErrorEquals', 'Next', 'ResultPath'];

/**
 * Looks through the fields that only a task has.
 * @throws NotUnderstood for a resource that is not there, or an error that is handled otherwise than on AWS
 */
export function checkTask(state: State, functionArns: readonly string[], place: Place): void {
  checkResource(state, functionArns, place);
  for (const [index, retrier] of (state.Retry ?? []).entries()) {
    const here = inside(inside(place, 'Retry'), index);
    checkHandler(retrier, RETRIER_FIELDS, state, here);
    checkLongestDelay(retrier, here);
  }
  for (const [index, catcher] of (state.Catch ?? []).entries()) {
    const here = inside(inside(place, 'Catch'), index);
    checkHandler(catcher, CATCHER_FIELDS, state, here);
    checkResultPath(catcher.ResultPath, inside(here, 'ResultPath'));
  }
}

function checkResource(
  { Resource, Parameters }: State,
  functionArns: readonly string[],
  place: Place,
): void {
  const exists = (arn: unknown) => functionArns.includes(unqualified(String(arn)));
  if (Resource !== LAMBDA_INVOKE) {
    if (exists(Resource)) return;
    const only = `${LAMBDA_INVOKE} and a function of this template`;
    refuse(inside(place, 'Resource'), `${Resource} is not understood, only ${only}`);
  }
  const here = inside(place, 'Parameters');
  const { FunctionName, Payload, 'Payload.$': path, ...others } = Parameters ?? {};
  const [other] = Object.keys(others);
  if (other) refuse(inside(here, other), 'this parameter is not understood');
  if (!exists(FunctionName)) {
    const given = JSON.stringify(FunctionName);
    refuse(inside(here, 'FunctionName'), `${given}, which is no function ARN of this template`);
  }
  if (Payload === undefined && path === undefined) refuse(inside(here, 'Payload'), 'missing');
}

/** A function's ARN without the only version that there is. */
export function unqualified(arn: string): string {
  return arn.replace(/:\$LATEST$/, '');
}

function checkHandler(
  handler: { ErrorEquals: string[] },
  fields: readonly string[],
  state: State,
  place: Place,
): void {
  const unknown = Object.keys(handler).find((name) => !fields.includes(name));
  if (unknown) refuse(inside(place, unknown), 'this field is not understood');
  const here = inside(place, 'ErrorEquals');
  for (const error of handler.ErrorEquals) {
    if (error.startsWith('States.') && !RESERVED.includes(error)) {
      refuse(here, `${error} cannot be handled here, only ${RESERVED.join(', ')}`);
    }
    // AWS excepts States.Timeout; the interpreter would not, since the time-out is not its own.
    if (error === 'States.TaskFailed' && state.TimeoutSeconds !== undefined) {
      refuse(here, `${error} is not understood beside TimeoutSeconds`);
    }
  }
}

function checkLongestDelay(
  // The defaults are AWS's: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
  { IntervalSeconds = 1, BackoffRate = 2, MaxAttempts = 3, MaxDelaySeconds = Infinity },
  place: Place,
): void {
  const longest = Math.min(IntervalSeconds * BackoffRate ** (MaxAttempts - 1), MaxDelaySeconds);
  if (longest * 1000 <= MAX_TIMER_MS) return;
  refuse(place, 'the interpreter cannot wait longer than 24 days: lower MaxDelaySeconds');
}
