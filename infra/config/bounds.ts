import * as z from 'zod';
import { number, whole } from './fields.ts';
import { FUNCTION_NAMES, type FunctionName } from './physical-names.ts';

// How much of it: what keeps one door from taking all that the account has.

/** @param rate and burst by default */
export const throttle = (rate: number, burst: number) =>
  z
    .strictObject(
      {
        rate: number(1, 10_000, ' requests a second').default(rate),
        burst: whole(1, 5_000, ' requests').default(burst),
      },
      'an object with rate and burst',
    )
    .prefault({});

/**
 * The open door: how much it takes, and whether it takes any. HR systems send in bursts (a team that
 * joins, an import), and not all of them repeat what was throttled; the other throttle is meant for
 * callers who do.
 */
export const webhooks = z.strictObject(
  { throttle: throttle(50, 300), closed: z.boolean('true or false').default(false) },
  'an object with throttle and closed',
);

const RESERVED = 'an object with a whole number from 0 to 1000 by the name of a function';
/** Calls at once, by function: so many are kept for it, and it gets no more. */
export const reservedConcurrency = z.strictObject(
  Object.fromEntries(
    FUNCTION_NAMES.map((name) => [name, whole(0, 1_000, ' calls at once').exactOptional()]),
  ) as Record<FunctionName, z.ZodExactOptional<z.ZodNumber>>,
  RESERVED,
);
