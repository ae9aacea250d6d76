import { type BadField, find, findBadField, isObject } from './fields.ts';
import { initialEntry, SECTIONS, type Section, type World } from './world-schema.ts';

/** Far more than a world for tests needs, and little enough to keep in memory. */
const MAX_ENTRIES = 500;

type Entries = Record<string, Record<string, unknown>>;

/**
 * Changes the world as a JSON merge patch (RFC 7396) says: `{"tokens": {"xoxb-…": {"state":
 * "revoked"}}}` changes fields of an entry, `null` in place of an entry removes it, and a new name
 * adds one. A field that is `null`, or missing in a new entry, gets its default. All changes happen
 * or, if anything in the result would be wrong, none.
 *
 * @param json the JSON of `POST /sandbox/world`.
 * @returns what is wrong, if anything.
 */
export function patchWorld(world: World, json: unknown): BadField | undefined {
  const sections = `an object with any of ${Object.keys(SECTIONS).join(', ')}`;
  if (!isObject(json)) return { field: '(body)', allowed: sections };

  const next: Record<string, Entries> = { ...world };
  for (const [section, changes] of Object.entries(json)) {
    const before = find(next, section);
    if (!before) return { field: section, allowed: sections };
    if (!isObject(changes)) return { field: section, allowed: `an object of ${section}` };
    const entries = new Map(Object.entries(before));
    for (const [id, change] of Object.entries(changes)) {
      if (change === null) entries.delete(id);
      else if (isObject(change)) {
        entries.set(id, patchEntry(initialEntry(section as Section), find(before, id), change));
      } else return { field: `${section}.${id}`, allowed: 'an object, or null' };
    }
    next[section] = Object.fromEntries(entries);
  }

  const problem = findProblem(next);
  if (!problem) Object.assign(world, next);
  return problem;
}

function patchEntry(
  initial: Record<string, unknown>,
  before: Record<string, unknown> | undefined,
  change: Record<string, unknown>,
): Record<string, unknown> {
  const patched = new Map(Object.entries({ ...initial, ...before }));
  for (const [field, value] of Object.entries(change)) {
    const old = patched.get(field);
    const both = isObject(old) && isObject(value);
    if (value !== null) patched.set(field, both ? { ...old, ...value } : value);
    else if (field in initial) patched.set(field, initial[field]);
    else patched.delete(field);
  }
  return Object.fromEntries(patched);
}

/** Checks the whole world, since a removed workspace may be one that a channel names. */
function findProblem(world: Record<string, Entries>): BadField | undefined {
  for (const [section, { id: idField, fields }] of Object.entries(SECTIONS)) {
    const entries = Object.entries(world[section] ?? {});
    if (entries.length > MAX_ENTRIES) {
      return { field: section, allowed: `at most ${MAX_ENTRIES} entries` };
    }
    const missing = Object.fromEntries(Object.keys(fields).map((name) => [name, undefined]));
    for (const [id, entry] of entries) {
      const at = `${section}.${id}`;
      if (!idField.holds(id, world)) return { field: at, allowed: idField.allowed };
      const bad = findBadField(fields, { ...missing, ...entry }, world);
      if (bad) return { ...bad, field: `${at}.${bad.field}` };
    }
  }
  return undefined;
}
