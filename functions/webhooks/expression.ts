import { constants, createContext, Script } from 'node:vm';
import jsonata from 'jsonata/jsonata.min.js?raw' with { type: 'text' };
import { EXPRESSION_MS, LEAST_CPU_MS, RULES_MS } from '../lib/times.ts';
import type { Delivery } from './delivery.ts';
import inside from './expression-context.js?raw' with { type: 'text' };
import { parseJson } from './parse.ts';

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
   */
  evaluate(
    expression: string,
    event: unknown,
    body: unknown,
    limitMs: number,
    headers?: Headers,
  ): Evaluation;
  /**
   * Tries rules on several events in one call, since the limit of a call costs more than most
   * expressions. `evaluate` knows from then on what they came to, until this is called again. What was
   * not reached in half of the time has a call of its own there.
   * @returns how many of the events it got done, from the first on: none where it was stopped.
   */
  evaluateAll(
    rules: readonly Expressions[],
    events: readonly unknown[],
    body: unknown,
    limitMs: number,
    headers?: Headers,
  ): number;
  /** All results of an expression over a body, null and blank ones left out. */
  list(
    expression: string,
    body: unknown,
    headers: Headers,
  ): unknown[] | { failed: ExpressionFailure };
};

/** The expressions of a rule: `fields` are evaluated where `when` is true. */
export type Expressions = { when: string; fields: readonly string[] };

type Headers = Delivery['headers'];

const LIBRARY = new Script(jsonata);
const INSIDE = new Script(inside);
const HOLD = {
  event: new Script('hold("event")'),
  body: new Script('hold("body")'),
  headers: new Script('hold("headers")'),
};
const EVALUATE = new Script('void evaluate()');
const EVALUATE_ALL = new Script('void evaluateAll()');
const LIST = new Script('void list()');
const NO_HEADERS: Headers = {};

type Result = {
  kind: 'value' | 'missing' | Exclude<ExpressionFailure, 'time_limit'>;
  value?: string | number | boolean;
  more?: number;
};

type Inside = Required<Result> & { json: string; text: string; until: number };

type Attempt = Result['kind'] | 'time_limit' | 'idle';

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
  /** What expressions came to on events of the body that is held. */
  const known = new Map<unknown, Map<string, Evaluation>>();

  /** Copies the event once for all its expressions, and a body once for all its events. */
  const hold = (name: 'event' | 'body' | 'headers', value: unknown) => {
    if (name in held && held[name] === value) return;
    context.json = JSON.stringify(value, usable) ?? 'null';
    HOLD[name].runInContext(context);
    held[name] = value;
    if (name !== 'event') known.clear();
  };

  /** What was stopped half-way is still in the queue of its context: both are dropped. */
  const renew = () => {
    context = createInside();
    held = {};
  };

  const attempt = (script: Script, expression: string, limitMs: number): Attempt => {
    context.text = overDelivery(expression);
    const before = process.threadCpuUsage();
    try {
      script.runInContext(context, { timeout: limitMs });
    } catch (error) {
      const { user, system } = process.threadCpuUsage(before);
      renew();
      const { code } = error as { code?: unknown };
      if (code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'error';
      return (user + system) / 1000 < LEAST_CPU_MS ? 'idle' : 'time_limit';
    }
    return context.kind;
  };

  const run = (
    script: Script,
    expression: string,
    inputs: { event: unknown; body: unknown; headers: Headers },
    limitMs: number,
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
      const outcome = attempt(script, expression, Math.min(limitMs * 2 ** (attempts - 1), longest));
      if (outcome === 'time_limit') return { failed: outcome };
      if (outcome !== 'idle')
        return evaluationOf({ kind: outcome, value: context.value, more: context.more });
      if (attempts === MAX_ATTEMPTS) return { failed: 'time_limit' };
    }
  };

  return {
    evaluate(expression, event, body, limitMs, headers = NO_HEADERS) {
      const isHeld = held.body === body && held.headers === headers;
      const found = isHeld && known.get(event)?.get(overDelivery(expression));
      return found || run(EVALUATE, expression, { event, body, headers }, limitMs);
    },
    evaluateAll(rules, events, body, limitMs, headers = NO_HEADERS) {
      known.clear();
      try {
        hold('body', body);
        hold('headers', headers);
        context.json = JSON.stringify(events, usable);
        delete held.event;
        const within = rules.map(({ when, fields }) => ({
          when: overDelivery(when),
          fields: fields.map(overDelivery),
        }));
        context.text = JSON.stringify(within);
        context.until = Date.now() + limitMs / 2;
        EVALUATE_ALL.runInContext(context, { timeout: limitMs });
      } catch {
        renew();
        return 0;
      }
      const results = JSON.parse(String(context.value)) as [string, Result][][];
      for (const [index, ofEvent] of results.entries()) {
        known.set(events[index], new Map(ofEvent.map(([text, its]) => [text, evaluationOf(its)])));
      }
      return results.length;
    },
    list(expression, body, headers) {
      const outcome = run(LIST, expression, { event: body, body, headers }, RULES_MS);
      return 'failed' in outcome ? outcome : (parseJson(String(outcome.value)) as unknown[]);
    },
  };
};

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

/** Evaluates one expression on one event; the others are what it finds as `$body` and `$headers`. */
export type Evaluate = (
  expression: string,
  event: unknown,
  body: unknown,
  headers?: Headers,
) => Evaluation;

/**
 * Evaluates expressions, each with all the time that one may have: where there are few of them.
 * Rules share theirs, see `createRuleTime`.
 */
export const createEvaluate =
  (sandbox: Pick<Sandbox, 'evaluate'>): Evaluate =>
  (expression, event, body, headers) =>
    sandbox.evaluate(expression, event, body, EXPRESSION_MS, headers);
