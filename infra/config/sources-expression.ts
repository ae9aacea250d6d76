import jsonata from 'jsonata';
import * as z from 'zod';
import { nearest } from '../../functions/lib/text.ts';
import { comparesNothing, JSONATA_FUNCTIONS, unknownName } from './sources-names.ts';

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
  let ast: jsonata.ExprNode;
  try {
    ast = jsonata(text).ast();
  } catch (error) {
    const { message, position } = error as { message: string; position?: number };
    const place = position === undefined ? '' : ` (at character ${position})`;
    return `JSONata says: ${message}${place}`;
  }
  if (comparesNothing(ast)) {
    return 'null and "" are as missing here, so nothing equals them; write $not($exists(…)) for what is not there';
  }
  const name = unknownName(ast);
  if (name === undefined) return undefined;
  if (name === 'eval') return '$eval is not there: it would run what an event says';
  const close = nearest(name, JSONATA_FUNCTIONS);
  const meant = close ? `; did you mean $${close}?` : '';
  return `JSONata has no $${name}, and the expression does not define it${meant}`;
};
