import { constants, createContext, Script } from 'node:vm';
import jsonata from 'jsonata/jsonata.min.js?raw' with { type: 'text' };
import { EXPRESSION_MS, RULES_MS } from '../lib/times.ts';
import type { Delivery } from './delivery.ts';
import inside from './expression-context.js?raw' with { type: 'text' };
import { parseJson } from './parse-json.ts';

/** Why an expression gave nothing to go by. */
export type ExpressionFailure = 'time_limit' | 'error' | 'wrong_type' | 'too_long';

/**
 * What an expression came to; null, a blank text and what is not there are all `undefined`. Of several
 * texts or numbers the first is the value, and `more` says how many others there are.
 */
export type Evaluation =
  | { value: string | number | boolean | undefined; more?: number }
  | { failed: ExpressionFailure };

/** Where expressions run; see {@link createSandbox}. */
export type Sandbox = {
  /**
   * @param expression JSONata.
   * @param event what it is applied to: any JSON.
   * @param body what it finds as `$$` and `$body`, the whole delivery: any JSON.
   * @param headers what it finds as `$headers`, by names in lower case.
   * @param limitMs milliseconds of the clock after which it is stopped, wherever it is. What hardly
   *   had the processor meanwhile is tried again, for longer: no event is to be lost over a busy
   *   machine.
   * @param ahead what will be evaluated on the same event if this is true. It is tried in the same
   *   call, since the limit of a call costs more than most expressions. What does not get done in
   *   it has a call of its own when it is evaluated.
   */
  evaluate(
    expression: string,
    event: unknown,
    body: unknown,
    limitMs: number,
    headers?: Headers,
    ahead?: readonly string[],
  ): Evaluation;
  /** All results of an expression over a body, null and blank ones left out. */
  list(
    expression: string,
    body: unknown,
    headers: Headers,
  ): unknown[] | { failed: ExpressionFailure };
};

type Headers = Delivery['headers'];

const LIBRARY = new Script(jsonata);
const INSIDE = new Script(inside);
const HOLD = {
  event: new Script('hold("event")'),
  body: new Script('hold("body")'),
  headers: new Script('hold("headers")'),
};
const EVALUATE = new Script('void evaluate()');
const LIST = new Script('void list()');
const NO_HEADERS: Headers = {};

type Result = {
  kind: 'value' | 'missing' | ExpressionFailure;
  value?: string | number | boolean;
  more?: number;
};

type Inside = Omit<Result, 'kind'> & {
  json: string;
  text: string;
  ahead: string;
  results: string;
  kind: Result['kind'] | 'running';
};

/**
 * Milliseconds of the processor. What was stopped after fewer was not slow: the machine was busy. Most
 * expressions take 1 to 2, and a collection of garbage in the midst of one some 10.
 */
const LEAST_CPU_MS = 14;
const MAX_ATTEMPTS = 5;

/**
 * Runs JSONata in a context of its own, which has the language and nothing of Node. Its microtasks
 * run inside the call and under its limit, so that the limit stops whatever an expression does:
 * an endless recursion, a regular expression that backtracks, a loop in a built-in function.
 * JSONata's own limit would not: it is looked at between two steps of an expression only. A worker
 * thread would stop the same, and costs 40 ms of a processor at each cold start, where this costs 6.
 *
 * Memory has no limit of its own. The lists' lengths and the time bound it for whatever an event
 * can hold; an expression that doubles a text on purpose takes hundreds of megabytes.
 */
export const createSandbox = (): Sandbox => {
  let context = createInside();
  let held: { event?: unknown; body?: unknown; headers?: unknown } = {};
  /** What other expressions on what is held came to, ahead of their turn. */
  const known = new Map<string, Evaluation>();

  /** Copies the event once for all its expressions, and a body once for all its events. */
  const hold = (name: 'event' | 'body' | 'headers', value: unknown) => {
    if (name in held && held[name] === value) return;
    context.json = JSON.stringify(value, usable) ?? 'null';
    HOLD[name].runInContext(context);
    held[name] = value;
    known.clear();
  };

  /** What was stopped half-way is still in the queue of its context: both are dropped. */
  const renew = () => {
    context = createInside();
    held = {};
  };

  const attempt = (
    script: Script,
    expression: string,
    limitMs: number,
    ahead: readonly string[],
  ): Result | 'idle' => {
    context.text = overDelivery(expression);
    context.ahead = JSON.stringify(ahead.map(overDelivery));
    context.results = '[]';
    context.kind = 'running';
    const before = process.threadCpuUsage();
    try {
      script.runInContext(context, { timeout: limitMs });
    } catch (error) {
      const { user, system } = process.threadCpuUsage(before);
      const { kind, value, more } = context;
      renew();
      // Only what is ahead was stopped.
      if (kind !== 'running') return resultOf(kind, value, more);
      const { code } = error as { code?: unknown };
      if (code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') return { kind: 'error' };
      return (user + system) / 1000 < LEAST_CPU_MS ? 'idle' : { kind: 'time_limit' };
    }
    const { kind, value, more, results } = context;
    for (const [index, result] of (JSON.parse(results) as Result[]).entries()) {
      known.set(ahead[index] as string, evaluationOf(result));
    }
    return kind === 'running' ? { kind: 'error' } : resultOf(kind, value, more);
  };

  const run = (
    script: Script,
    expression: string,
    inputs: { event: unknown; body: unknown; headers: Headers },
    limitMs: number,
    ahead: readonly string[] = [],
  ): Evaluation => {
    const longest = Math.max(limitMs, EXPRESSION_MS);
    for (let attempts = 1; ; attempts++) {
      try {
        hold('event', inputs.event);
        hold('body', inputs.body);
        hold('headers', inputs.headers);
      } catch {
        return { failed: 'error' };
      }
      const limit = Math.min(limitMs * 2 ** (attempts - 1), longest);
      const result = attempt(script, expression, limit, ahead);
      if (result !== 'idle') return evaluationOf(result);
      if (attempts === MAX_ATTEMPTS) return { failed: 'time_limit' };
    }
  };

  return {
    evaluate(expression, event, body, limitMs, headers = NO_HEADERS, ahead) {
      const isHeld = held.event === event && held.body === body && held.headers === headers;
      const found = isHeld && known.get(expression);
      return found || run(EVALUATE, expression, { event, body, headers }, limitMs, ahead);
    },
    list(expression, body, headers) {
      const outcome = run(LIST, expression, { event: body, body, headers }, RULES_MS);
      return 'failed' in outcome ? outcome : (parseJson(String(outcome.value)) as unknown[]);
    },
  };
};

const resultOf = (kind: Result['kind'], value: Result['value'], more: Result['more']): Result => ({
  kind,
  ...(value !== undefined && { value }),
  ...(more !== undefined && { more }),
});

const evaluationOf = ({ kind, value, more = 0 }: Result): Evaluation => {
  if (kind === 'value') return { value, ...(more > 0 && { more }) };
  return kind === 'missing' ? { value: undefined } : { failed: kind };
};

/** JSONata's `$$` is the event by itself. Here it is the whole delivery, for what stands beside the event. */
export const overDelivery = (expression: string): string => `($$ := $body; ${expression}\n)`;

/**
 * Null and blank are as missing: HR systems send them for what they do not know. An item of a list
 * keeps its place, and is null there.
 */
export const usable = (_key: string, value: unknown): unknown =>
  value === null || (typeof value === 'string' && value.trim() === '') ? undefined : value;

const createInside = (): Inside => {
  const context = createContext(constants.DONT_CONTEXTIFY, {
    microtaskMode: 'afterEvaluate',
    codeGeneration: { strings: false, wasm: false },
  });
  LIBRARY.runInContext(context);
  INSIDE.runInContext(context);
  return context as unknown as Inside;
};

/**
 * Evaluates one expression on one event; the others are what it finds as `$body` and `$headers`, and
 * what will be evaluated on the same event if it is true.
 */
export type Evaluate = (
  expression: string,
  event: unknown,
  body: unknown,
  headers?: Headers,
  ahead?: readonly string[],
) => Evaluation;

/**
 * Evaluates expressions, each with all the time that one may have: where there are few of them.
 * Rules share theirs, see `createRuleTime`.
 */
export const createEvaluate =
  (sandbox: Pick<Sandbox, 'evaluate'>): Evaluate =>
  (expression, event, body, headers, ahead) =>
    sandbox.evaluate(expression, event, body, EXPRESSION_MS, headers, ahead);
