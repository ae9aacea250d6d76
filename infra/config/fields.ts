import * as z from 'zod';

// Every message says what is allowed; the loader puts the field's path and what was found in front.

export const number = (min: number, max: number, unit: string) => {
  const allowed = `a number from ${min} to ${max}${unit}`;
  return z.number(allowed).min(min, allowed).max(max, allowed);
};

export const whole = (min: number, max: number, unit: string) => {
  const allowed = `a whole number from ${min} to ${max}${unit}`;
  return z.number(allowed).int(allowed).min(min, allowed).max(max, allowed);
};

export const text = (pattern: RegExp, allowed: string) => z.string(allowed).regex(pattern, allowed);

/** Whether a check that looks at several fields can look at all, some of them wrong or not. */
export const isObject = ({ value }: { value: unknown }): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
