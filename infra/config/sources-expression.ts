import jsonata from 'jsonata';
import * as z from 'zod';

const MAX_LENGTH = 2_000;

/** A JSONata expression. @param over what it is evaluated on, for the message. */
export const expression = (over: string) => {
  const allowed = `a JSONata expression over ${over}, of at most ${MAX_LENGTH} characters`;
  return (
    z
      .string(allowed)
      // What is too long is not parsed either.
      .max(MAX_LENGTH, { error: allowed, abort: true })
      .superRefine((text, context) => {
        const problem = syntaxProblem(text);
        if (problem) context.addIssue(`${allowed}; ${problem}`);
      })
  );
};

const syntaxProblem = (text: string): string | undefined => {
  try {
    jsonata(text);
    return undefined;
  } catch (error) {
    const { message, position } = error as { message: string; position?: number };
    const place = position === undefined ? '' : ` (at character ${position})`;
    return `JSONata says: ${message}${place}`;
  }
};
