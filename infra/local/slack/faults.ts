import { METHOD } from '../../../functions/slack/method.ts';
import { codesOf, NAMES } from './connect-methods.ts';
import { type BadField, findBadField, isObject, oneOf, whole } from './fields.ts';
import { type Answer, rateLimited, refuse, toAnswer } from './reply.ts';

/**
 * What goes wrong with calls of a method (`conversations.inviteShared` if the fault names none), in
 * place of the usual answer. Only
 * `drop: after` and `delay_ms` let the call take effect. All others replace it: nothing is checked,
 * sent or taken from the rate limiter. `times` is how many calls it affects; without it, it stays
 * until it is cleared.
 */
export type Fault = { method?: (typeof NAMES)[number]; times?: number } & (
  | { error: string; retry_after?: number }
  | { status: number; retry_after?: number; body?: string }
  | { body: string; status?: number }
  | { hang: true }
  | { drop: 'before' | 'after' }
  | { delay_ms: number }
);

const FIELDS = {
  method: oneOf(...NAMES),
  error: oneOf(...new Set(NAMES.flatMap(codesOf))),
  status: whole(200, 599),
  retry_after: whole(0, 86_400),
  body: { holds: (value: unknown) => typeof value === 'string', allowed: 'a text' },
  hang: { holds: (value: unknown) => value === true, allowed: 'true' },
  drop: oneOf('before', 'after'),
  delay_ms: whole(0, 600_000),
  times: whole(1, 1_000_000),
};

/**
 * The fields that say what goes wrong, and which others each allows (`method` and `times` always are).
 */
const KINDS: Record<string, readonly string[]> = {
  error: ['retry_after'],
  status: ['retry_after', 'body'],
  body: ['status', 'retry_after'],
  hang: [],
  drop: [],
  delay_ms: [],
};

/** Reads the JSON of `POST /sandbox/faults`. */
export function readFault(json: unknown): Fault | BadField {
  const kind = isObject(json) && Object.keys(KINDS).find((name) => Object.hasOwn(json, name));
  const bad = isObject(json) && findBadField(FIELDS, json);
  if (bad) return bad;
  if (!kind) {
    return { field: '(body)', allowed: `an object with one of ${Object.keys(KINDS).join(', ')}` };
  }
  const others = ['method', 'times', ...(KINDS[kind] ?? [])];
  const odd = Object.keys(json as object).find((name) => name !== kind && !others.includes(name));
  if (odd) return { field: odd, allowed: `with ${kind} only ${others.join(', ')}` };
  const { method = METHOD, error } = json as { method?: (typeof NAMES)[number]; error?: string };
  const codes = codesOf(method);
  if (error !== undefined && !codes.includes(error)) {
    return { field: 'error', allowed: `one of ${codes.join(', ')} for ${method}` };
  }
  return json as Fault;
}

export type Faults = {
  /** Sets the fault. It replaces the one before. */
  set(fault: Fault): void;
  clear(): void;
  /** @returns the fault for the current call of a method, which counts as one of its `times`. */
  next(method: string): Fault | undefined;
  /** The fault that is set, with the `times` that are left. */
  current(): Fault | undefined;
};

export function createFaults(): Faults {
  let fault: Fault | undefined;
  return {
    set(next) {
      fault = { ...next };
    },
    clear() {
      fault = undefined;
    },
    next(method) {
      const now = (fault?.method ?? METHOD) === method ? fault : undefined;
      if (now?.times !== undefined) {
        fault = now.times > 1 ? { ...now, times: now.times - 1 } : undefined;
      }
      return now;
    },
    current: () => fault,
  };
}

/**
 * The answer with which a fault replaces the usual one, if it does.
 * @param retryAfter seconds for `ratelimited` if the fault names none.
 */
export function answerOf(fault: Fault, retryAfter: number): Answer | undefined {
  const wait: Record<string, string> =
    'retry_after' in fault ? { 'retry-after': String(fault.retry_after) } : {};
  if ('error' in fault) {
    const reply = fault.error === 'ratelimited' ? rateLimited(retryAfter) : refuse(fault.error);
    return toAnswer({ ...reply, headers: { ...reply.headers, ...wait } }, []);
  }
  if (!('status' in fault || 'body' in fault)) return undefined;

  const { status = 200, body = status === 429 ? '{"ok":false,"error":"ratelimited"}' : '' } = fault;
  const type = body.startsWith('<') ? 'text/html' : 'application/json';
  return {
    status,
    headers: { 'content-type': `${type}; charset=utf-8`, ...wait },
    body,
    outcome: `status_${status}`,
  };
}
