import type { Evaluation, Sandbox } from './expression-sandbox.ts';

/** Evaluates one expression on one event; `body` is what the expression finds as `$body`. */
export type Evaluate = (expression: string, event: unknown, body: unknown) => Evaluation;

/**
 * What one expression may take, in milliseconds of the clock. Most take 1 to 2 on a third of a
 * processor, which may be away for some 70 in between.
 */
export const EVALUATION_MS = 250;
/** What it may take on the other events of a delivery, once it was stopped on one of them. */
export const STOPPED_ONCE_MS = 15;

/**
 * Evaluates expressions. The sender waits 3 seconds for the answer, so that one expression that
 * runs on and on may not do so on each of a hundred events of a delivery. It is tried on all of
 * them, for a shorter time, and every other expression keeps its full time.
 *
 * @param sandbox used by nobody else.
 */
export const createEvaluate = (sandbox: Sandbox): Evaluate => {
  const stopped = new Set<string>();
  let delivery: unknown;
  return (expression, event, body) => {
    if (body !== delivery) stopped.clear();
    delivery = body; // which all its events have in common
    const limit = stopped.has(expression) ? STOPPED_ONCE_MS : EVALUATION_MS;
    const evaluation = sandbox.evaluate(expression, event, body, limit);
    if ('failed' in evaluation && evaluation.failed === 'time_limit') stopped.add(expression);
    return evaluation;
  };
};
