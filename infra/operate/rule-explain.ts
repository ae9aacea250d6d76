import jsonata from 'jsonata';
import type { WebhookEvent } from '../../functions/webhooks/events.ts';
import { overDelivery, usable } from '../../functions/webhooks/expression.ts';

const LONGEST = 120;

/**
 * What an expression that gave nothing to go by came to, for whoever wrote it. The functions tell
 * nothing of it, since it has the event in it.
 */
export const explain = async (
  expression: string,
  { payload, body, headers }: WebhookEvent,
): Promise<string> => {
  // As an expression sees it.
  const seen = (value: unknown) => JSON.parse(JSON.stringify(value, usable) ?? 'null');
  try {
    const bindings = { body: seen(body), headers: seen(headers) };
    const evaluation = jsonata(overDelivery(expression), { timeout: 1000 }).evaluate(
      seen(payload),
      bindings,
    );
    return described(await evaluation);
  } catch (error) {
    return `JSONata says: ${(error as Error).message}`;
  }
};

const described = (value: unknown): string => {
  if (value === undefined || value === null) return 'there is nothing at its paths';
  const text = JSON.stringify(value) ?? typeof value;
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  const kind = Array.isArray(value) ? 'list' : typeof value === 'string' ? 'text' : typeof value;
  return kind === 'boolean' ? `it is ${short}` : `it is the ${kind} ${short}`;
};
