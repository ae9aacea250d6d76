/**
 * What a field of the sandbox's JSON may be: a check, and the same in words. It is written by hand,
 * since the local Slack runs without packages.
 */
export type Field<Value> = {
  /** @param ids the entries there are, by the name of their section */
  holds: (value: unknown, ids: Record<string, object>) => boolean;
  allowed: string;
  /** Its default. A field without one is required. */
  initial?: Value;
};

export type Fields = Record<string, Field<unknown>>;

/** What an object with these fields holds. */
export type Values<Of extends Fields> = {
  [Name in keyof Of]: Of[Name] extends Field<infer Value> ? Value : never;
};

/** Why a sandbox request is refused: the path of the field, and what is allowed. */
export type BadField = { field: string; allowed: string };

/** @returns the first field that is missing or wrong; undefined if all are right. */
export function findBadField(
  fields: Fields,
  values: Record<string, unknown>,
  ids: Record<string, object> = {},
): BadField | undefined {
  for (const [field, value] of Object.entries(values)) {
    const rule = find(fields, field);
    if (!rule) return { field, allowed: `one of the fields ${Object.keys(fields).join(', ')}` };
    if (!rule.holds(value, ids)) return { field, allowed: rule.allowed };
  }
  return undefined;
}

/** @returns the entry of that name; undefined for names that every object inherits. */
export const find = <Entry>(entries: Record<string, Entry>, name: string): Entry | undefined =>
  Object.hasOwn(entries, name) ? entries[name] : undefined;

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const initially = <Value>(initial: Value, field: Field<Value>): Field<Value> => ({
  ...field,
  initial,
});

export const whole = (low: number, high: number): Field<number> => ({
  holds: (value) => Number.isInteger(value) && Number(value) >= low && Number(value) <= high,
  allowed: `a whole number from ${low} to ${high}`,
});

export const oneOf = <const Value extends string>(...values: Value[]): Field<Value> => ({
  holds: (value) => values.some((one) => one === value),
  allowed: `one of ${values.join(', ')}`,
});

export const yesOrNo: Field<boolean> = {
  holds: (value) => typeof value === 'boolean',
  allowed: 'true or false',
};

/** A text of at least one and at most `length` characters. */
export const text = (length: number): Field<string> => ({
  holds: (value) => typeof value === 'string' && value !== '' && value.length <= length,
  allowed: `a text of 1 to ${length} characters`,
});

export const matching = (pattern: RegExp, allowed: string): Field<string> => ({
  holds: (value) => typeof value === 'string' && pattern.test(value),
  allowed,
});

/** The id of an existing entry. */
export const idOf = (section: string, what: string): Field<string> => ({
  holds: (value, ids) => typeof value === 'string' && Object.hasOwn(ids[section] ?? {}, value),
  allowed: `the id of ${what} in the world`,
});

export const orNull = <Value>({ holds, allowed }: Field<Value>): Field<Value | null> => ({
  holds: (value, ids) => value === null || holds(value, ids),
  allowed: `${allowed}, or null`,
});

export const listOf = <Value>({ holds, allowed }: Field<Value>, length = 500): Field<Value[]> => ({
  holds: (value, ids) =>
    Array.isArray(value) && value.length <= length && value.every((item) => holds(item, ids)),
  allowed: `a list of at most ${length}, each ${allowed}`,
});
