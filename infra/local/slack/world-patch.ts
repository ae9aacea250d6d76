import { type BadField, isObject } from './fields.ts';
import { MAX_ENTRIES, type Section, type SectionFields, worldFields } from './world-fields.ts';
import { DEFAULTS, find, type World } from './world-types.ts';

type Entry = Record<string, unknown>;

const SECTIONS = Object.keys(DEFAULTS) as Section[];

/**
 * Changes the world as a JSON merge patch (RFC 7396) says: `{"tokens": {"xoxb-…": {"state":
 * "revoked"}}}` changes fields of an entry, `null` in the place of an entry removes it, and a new
 * name adds one. A field that is `null`, or missing in a new entry, gets its default. All of it
 * happens or, when something is wrong with what would come out, nothing.
 *
 * @param json the JSON of `POST /sandbox/world`.
 * @returns what is wrong, or nothing.
 */
export function patchWorld(world: World, json: unknown): BadField | undefined {
  const sections = `an object with any of ${SECTIONS.join(', ')}`;
  if (!isObject(json)) return { field: '(body)', allowed: sections };

  const next: Record<Section, Record<string, Entry>> = { ...world };
  for (const [section, changes] of Object.entries(json)) {
    if (!isSection(section)) return { field: section, allowed: sections };
    if (!isObject(changes)) return { field: section, allowed: `an object of ${section}` };
    const patched = patchSection(section, next[section], changes);
    if ('problem' in patched) return patched.problem;
    next[section] = patched.entries;
  }

  const changed = next as World;
  const problem = findProblem(changed);
  if (!problem) Object.assign(world, changed);
  return problem;
}

const isSection = (name: string): name is Section => Object.hasOwn(DEFAULTS, name);

function patchSection(
  section: Section,
  before: Record<string, Entry>,
  changes: Entry,
): { entries: Record<string, Entry> } | { problem: BadField } {
  const entries = new Map(Object.entries(before));
  for (const [id, change] of Object.entries(changes)) {
    if (change === null) entries.delete(id);
    else if (isObject(change)) {
      entries.set(id, patchEntry({ ...DEFAULTS[section], ...find(before, id) }, change, section));
    } else return { problem: { field: `${section}.${id}`, allowed: 'an object, or null' } };
  }
  return { entries: Object.fromEntries(entries) };
}

function patchEntry(entry: Entry, change: Entry, section: Section): Entry {
  const patched = new Map(Object.entries(entry));
  for (const [field, value] of Object.entries(change)) {
    const old = find(entry, field);
    if (value !== null) patched.set(field, merge(old, value));
    else if (Object.hasOwn(DEFAULTS[section], field)) {
      patched.set(field, find<unknown>(DEFAULTS[section], field));
    } else patched.delete(field);
  }
  return Object.fromEntries(patched);
}

const merge = (old: unknown, value: unknown) =>
  isObject(old) && isObject(value) ? { ...old, ...value } : value;

/** Looks at the whole world, since a removed workspace may be one that a channel names. */
function findProblem(world: World): BadField | undefined {
  const all = worldFields(world);
  for (const section of SECTIONS) {
    const entries = Object.entries<Entry>(world[section]);
    if (entries.length > MAX_ENTRIES) {
      return { field: section, allowed: `at most ${MAX_ENTRIES} entries` };
    }
    for (const [id, entry] of entries) {
      const problem = checkEntry(id, entry, all[section]);
      if (problem) return { ...problem, field: [section, id, ...problem.at].join('.') };
    }
  }
  return undefined;
}

function checkEntry(
  id: string,
  entry: Entry,
  { id: name, fields }: SectionFields<Entry>,
): { at: string[]; allowed: string } | undefined {
  if (!name.holds(id)) return { at: [], allowed: name.allowed };
  for (const [field, { holds, allowed }] of Object.entries(fields)) {
    if (!holds(entry[field])) return { at: [field], allowed };
  }
  const odd = Object.keys(entry).find((field) => !Object.hasOwn(fields, field));
  return odd === undefined
    ? undefined
    : { at: [odd], allowed: `only the fields ${Object.keys(fields).join(', ')}` };
}
