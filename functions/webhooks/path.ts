/** The shape of a path. */
export const PATH = /^[^.[\]]+(\.[^.[\]]+|\[\d+\]|\[[^.[\]=]+=[^[\]]*\])*$/;

const STEP = /([^.[\]]+)|\[(\d+)\]|\[([^.[\]=]+)=([^[\]]*)\]/g;

/**
 * A place in a body, as a provider's row names it: fields with dots between them, `[n]` for an
 * item of a list, `[key=value]` for the first item of which that holds.
 * @example `data.events[0].target[type=User].id`
 */
export type Path = string;

const NAME = /^(?:[\w:@-]+|`[^`.[\]]+`)$/;

/**
 * @param text names with dots between them, in backticks or not, such as `data.items`: a path, or any
 *   other JSONata.
 * @returns the path without backticks, or undefined.
 */
export const pathIn = (text: string): Path | undefined => {
  const names = text.trim().split('.');
  if (!names.every((name) => NAME.test(name))) return undefined;
  return names.map((name) => name.replaceAll('`', '')).join('.');
};

/** @returns what is at a path, or undefined. Only own fields are read, never a prototype's. */
export const valueAt = (value: unknown, path: Path): unknown => {
  let found = value;
  for (const [, name, index, key, wanted] of path.matchAll(STEP)) {
    if (name !== undefined) found = field(found, name);
    else if (!Array.isArray(found)) return undefined;
    else if (index !== undefined) found = found[Number(index)];
    else found = found.find((item) => field(item, key as string) === wanted);
  }
  return found;
};

/** @returns the first text or number that stands at one of the paths, as text. */
export const textAt = (value: unknown, paths: readonly Path[]): string | undefined => {
  for (const path of paths) {
    const found = valueAt(value, path);
    // Null and blank are as missing.
    if (typeof found === 'number' || (typeof found === 'string' && found.trim() !== '')) {
      return String(found);
    }
  }
  return undefined;
};

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
