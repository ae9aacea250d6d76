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
/** What expressions that run over may take of one delivery until all of them have to be that quick. */
const OVERRUN_MS = 1000;
/** After being stopped so often, an expression is not tried on the delivery's further events. */
const MAX_STOPS = 3;

/**
 * Evaluates expressions. The sender waits 3 seconds for the answer, so that expressions that run on
 * and on may not do so on each of a hundred events of a delivery: one that was stopped gets a shorter
 * time, and after a few times none, which counts as stopped too. The others are tried on every event.
 *
 * @param sandbox used by nobody else.
 */
export const createEvaluate = (sandbox: Sandbox): Evaluate => {
  const stops = new Map<string, number>();
  let overrun = 0;
  let delivery: unknown;
  return (expression, event, body) => {
    if (body !== delivery) {
      stops.clear();
      overrun = 0;
    }
    delivery = body; // which all its events have in common
    const before = stops.get(expression) ?? 0;
    if (before >= MAX_STOPS) return { failed: 'time_limit' };
    const isShort = before > 0 || overrun >= OVERRUN_MS;
    const limit = isShort ? STOPPED_ONCE_MS : EVALUATION_MS;
    const evaluation = sandbox.evaluate(expression, event, body, limit);
    if ('failed' in evaluation && evaluation.failed === 'time_limit') {
      stops.set(expression, before + 1);
      overrun += limit;
    }
    return evaluation;
  };
};
