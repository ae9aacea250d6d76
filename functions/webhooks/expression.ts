import type { Evaluation, Sandbox } from './expression-sandbox.ts';

/** Evaluates one expression on one event; `body` is what the expression finds as `$body`. */
export type Evaluate = (expression: string, event: unknown, body: unknown) => Evaluation;

/**
 * What one expression may take, in milliseconds of the clock. Most take 1 to 2 on a third of a
 * processor, which may be away for some 70 in between.
 */
export const EVALUATION_MS = 250;

/**
 * Evaluates expressions, each with all the time that one may have: for whoever has few of them.
 * Rules share theirs, see rule-time.ts.
 */
export const createEvaluate =
  (sandbox: Sandbox): Evaluate =>
  (expression, event, body) =>
    sandbox.evaluate(expression, event, body, EVALUATION_MS);
