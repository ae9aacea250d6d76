import type { CallFunction } from './function-task.ts';
import type { History } from './history.ts';
import type { Work } from './prepared.ts';
import { runtimeError } from './state-error.ts';
import { attemptTask } from './task-attempt.ts';
import { type Delay, waitFor } from './wait.ts';

/** What the works of one execution share. */
export type Surroundings = {
  callFunction: CallFunction;
  history: History;
  /** Aborted when the execution ends, its reason a TerminalError. */
  signal: AbortSignal;
};

/** @returns what the interpreter calls with a state's input and awaits for its result */
export function handler(
  work: Work,
  surroundings: Surroundings,
): (input: unknown) => Promise<unknown> {
  switch (work.does) {
    case 'call':
      return (input) => attemptTask(work, work.payloadOf(input), surroundings);
    case 'wait':
      return (input) => waitFor(input as Delay, surroundings.signal);
    case 'parse':
      return async (input) => {
        for (const place of work.places) parseAt(input as Record<string, unknown>, place);
        return input;
      };
  }
}

/** Puts the value of the JSON text there in its place. */
function parseAt(input: Record<string, unknown>, [key = '', ...rest]: string[]): void {
  if (rest.length > 0) {
    parseAt(input[key] as Record<string, unknown>, rest);
    return;
  }
  const text = input[key];
  if (typeof text !== 'string') {
    throw runtimeError('The argument of States.StringToJson is no string.');
  }
  try {
    input[key] = JSON.parse(text);
  } catch {
    throw runtimeError('The argument of States.StringToJson is no JSON.');
  }
}
