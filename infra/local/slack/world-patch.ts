import { find, TOKEN_KINDS, TOKEN_STATES, type Token, type World } from './world.ts';

/** Why a change cannot be made: the path of the field, and what it may be. */
export type BadPatch = { field: string; allowed: string };

/**
 * Changes the world as a JSON merge patch (RFC 7396) says: `{"tokens": {"xoxb-…": {"state":
 * "revoked"}}}` changes fields of an entry, `null` removes it, a new name with all fields adds one.
 * All of it happens or, when something is wrong, nothing. Tokens are what can be changed.
 *
 * @param json the JSON of `POST /sandbox/world`.
 * @returns what is wrong, or nothing.
 */
export function patchWorld(world: World, json: unknown): BadPatch | undefined {
  if (!isObject(json)) return { field: '(body)', allowed: 'an object with "tokens"' };
  const odd = Object.keys(json).find((section) => section !== 'tokens');
  if (odd !== undefined) return { field: odd, allowed: 'only "tokens" can be changed' };
  if (!isObject(json.tokens)) return { field: 'tokens', allowed: 'an object of tokens' };

  const tokens = { ...world.tokens };
  for (const [secret, change] of Object.entries(json.tokens)) {
    if (!/^(xox[\w.]*|xapp)-[\w.-]+$/.test(secret)) {
      return { field: `tokens.${secret}`, allowed: 'a name such as xoxb-local-new' };
    }
    if (change === null) {
      delete tokens[secret];
      continue;
    }
    if (!isObject(change)) return { field: `tokens.${secret}`, allowed: 'an object, or null' };
    const entry = { ...find(tokens, secret), ...change };
    const problem = checkToken(entry, world);
    if (problem) return { ...problem, field: `tokens.${secret}.${problem.field}` };
    tokens[secret] = entry as Token;
  }
  world.tokens = tokens;
  return undefined;
}

function checkToken(entry: Record<string, unknown>, world: World): BadPatch | undefined {
  const fields: Record<keyof Token, { holds: (value: unknown) => boolean; allowed: string }> = {
    kind: oneOf(TOKEN_KINDS),
    state: oneOf(TOKEN_STATES),
    app: { holds: (value) => typeof value === 'string' && value !== '', allowed: 'an app id' },
    workspace: oneOf(Object.keys(world.workspaces)),
    user: oneOf(Object.keys(world.users)),
    scopes: {
      holds: (value) => Array.isArray(value) && value.every(isScope),
      allowed: 'a list of scopes such as chat:write',
    },
  };
  for (const [field, { holds, allowed }] of Object.entries(fields)) {
    if (!holds(entry[field])) return { field, allowed };
  }
  const odd = Object.keys(entry).find((field) => !Object.hasOwn(fields, field));
  return odd === undefined
    ? undefined
    : { field: odd, allowed: `only ${Object.keys(fields).join(', ')}` };
}

const oneOf = (values: readonly string[]) => ({
  holds: (value: unknown) => typeof value === 'string' && values.includes(value),
  allowed: `one of ${values.join(', ')}`,
});

/** Scopes go out in a header, so they must not break it. */
const isScope = (value: unknown) => typeof value === 'string' && /^[\w.:-]+$/.test(value);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
