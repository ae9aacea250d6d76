/** What a field of a sandbox request may be: a check, and the same in words. */
export type Field = { holds: (value: unknown) => boolean; allowed: string };

/** Why a sandbox request is refused: the path of the field, and what it may be. */
export type BadField = { field: string; allowed: string };

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const whole = (low: number, high: number): Field => ({
  holds: (value) => Number.isInteger(value) && Number(value) >= low && Number(value) <= high,
  allowed: `a whole number from ${low} to ${high}`,
});

export const oneOf = (values: readonly string[]): Field => ({
  holds: (value) => typeof value === 'string' && values.includes(value),
  allowed: `one of ${values.join(', ')}`,
});

export const yesOrNo: Field = {
  holds: (value) => typeof value === 'boolean',
  allowed: 'true or false',
};

/** A text of at least one and at most `length` characters. */
export const text = (length: number): Field => ({
  holds: (value) => typeof value === 'string' && value !== '' && value.length <= length,
  allowed: `a text of 1 to ${length} characters`,
});

export const matching = (pattern: RegExp, allowed: string): Field => ({
  holds: (value) => typeof value === 'string' && pattern.test(value),
  allowed,
});

export const orNull = ({ holds, allowed }: Field): Field => ({
  holds: (value) => value === null || holds(value),
  allowed: `${allowed}, or null`,
});

export const listOf = ({ holds, allowed }: Field, length: number): Field => ({
  holds: (value) => Array.isArray(value) && value.length <= length && value.every(holds),
  allowed: `a list of at most ${length}, each ${allowed}`,
});
