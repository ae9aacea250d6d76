import type { WebhookEvent } from './events.ts';
import type { Expressions, Sandbox } from './expression.ts';
import type { HrSource } from './source.ts';

/** Events in a batch at most: a call of the sandbox gets copies of all, and may not reach the last. */
const BATCH = 50;

/**
 * A sandbox that tries all rules of a source on as many events as it gets done in one call, when the
 * first of them is tried. What is stopped in a batch counts for nothing, and from then on each expression
 * has a call and a limit of its own: which one ran over is known for certain only there.
 *
 * @param events in the order in which they will be tried.
 */
export const inBatches = (
  sandbox: Pick<Sandbox, 'evaluate' | 'evaluateAll'>,
  source: Pick<HrSource, 'rules' | 'lookup'>,
  events: readonly Pick<WebhookEvent, 'payload'>[],
): Pick<Sandbox, 'evaluate'> => {
  const payloads = events.map(({ payload }) => payload);
  const rules = expressionsOf(source);
  let next = 0;

  return {
    evaluate(expression, event, body, limitMs, headers) {
      if (next < payloads.length && event === payloads[next]) {
        const batch = payloads.slice(next, next + BATCH);
        const done = sandbox.evaluateAll(rules, batch, body, limitMs, headers);
        next = done === 0 ? payloads.length : next + done;
      }
      return sandbox.evaluate(expression, event, body, limitMs, headers);
    },
  };
};

/** What `applyRules` evaluates. An id that a lookup needs where there is no address is left to it. */
const expressionsOf = ({ rules, lookup }: Pick<HrSource, 'rules' | 'lookup'>): Expressions[] =>
  rules.map(({ when, invite }) => ({
    when,
    fields: [invite.email ?? lookup?.id, invite.reference].filter((text) => text !== undefined),
  }));
