import jsonata from 'jsonata';
import * as z from 'zod';
import { nearest } from '../../functions/lib/nearest.ts';
import { JSONATA_FUNCTIONS, unknownName } from './sources-names.ts';

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
        const problem = problemOf(text);
        if (problem) context.addIssue(`${allowed}; ${problem}`);
      })
  );
};

const problemOf = (text: string): string | undefined => {
  let name: string | undefined;
  try {
    name = unknownName(jsonata(text).ast());
  } catch (error) {
    const { message, position } = error as { message: string; position?: number };
    const place = position === undefined ? '' : ` (at character ${position})`;
    return `JSONata says: ${message}${place}`;
  }
  if (name === undefined) return undefined;
  const close = nearest(name, JSONATA_FUNCTIONS);
  const meant = close ? `; did you mean $${close}?` : '';
  return `JSONata has no $${name}, and the expression does not define it${meant}`;
};
