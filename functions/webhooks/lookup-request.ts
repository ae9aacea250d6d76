import { loopbackUrl } from '../lib/loopback-url.ts';

/** Far above any HR system's ids for a person, in characters. */
export const MAX_PERSON_ID = 200;

/**
 * The address of the lookup, on the template's host whatever the id is.
 *
 * @param template checked at synth: `{id}` at most once, in the path or the query.
 * @param origin stands in for the template's own; see `lookupOrigin`.
 * @returns undefined for an id that leads elsewhere: none, one too long, a step up the path (`..`),
 *   or 0, by which BambooHR means the owner of the key.
 */
export const lookupUrl = (template: string, id: string, origin?: URL): URL | undefined => {
  if (id === '' || id === '0' || id.length > MAX_PERSON_ID || !id.isWellFormed()) return undefined;
  const written = template.replace('{id}', () => encoded(id));
  // What URL would tidy up, the other side might read in yet another way.
  return URL.parse(written)?.href === written ? fixedUrl(written, origin) : undefined;
};

/** @returns the address, on another origin where one stands in for all. */
export const fixedUrl = (address: string, origin?: URL): URL => {
  const url = new URL(address);
  if (!origin) return url;
  // Not resolved against it: a path that begins with `//` would name another host.
  const local = new URL(origin);
  local.pathname = url.pathname;
  local.search = url.search;
  return local;
};

/** Also what `encodeURIComponent` leaves alone and other readers may not. */
const encoded = (id: string): string =>
  encodeURIComponent(id).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** @returns the body as JSON, the id in the texts that have a place for it. */
export const lookupBody = (template: Readonly<Record<string, unknown>>, id: string): string =>
  JSON.stringify(template, (_name, value) =>
    typeof value === 'string' ? value.replaceAll('{id}', () => id) : value,
  );

/** What the placeholders of headers stand for. */
export type Credentials = { credential: string | undefined; token: string | undefined };

/**
 * Puts the credential, or the token that it has bought, into the templates of the headers.
 *
 * @returns names in lower case; undefined where a template needs what is not there, or what a
 *   header cannot carry.
 */
export const lookupHeaders = (
  templates: Readonly<Record<string, string>>,
  { credential, token }: Credentials,
): Record<string, string> | undefined => {
  const known = new Map([
    ['{secret}', credential || undefined],
    ['{secret:base64}', credential ? Buffer.from(credential).toString('base64') : undefined],
    ['{token}', token],
  ]);
  const headers: Record<string, string> = {};
  for (const [name, template] of Object.entries(templates)) {
    const parts = template
      .split(PLACEHOLDER)
      .map((part) => (known.has(part) ? known.get(part) : part));
    const value = parts.join('');
    const isComplete = parts.every((part) => part !== undefined);
    if (!isComplete || !/^[\x20-\x7e]*$/.test(value)) return undefined;
    headers[name.toLowerCase()] = value;
  }
  return headers;
};

/** In parentheses, so that `split` keeps it. */
const PLACEHOLDER = /(\{secret\}|\{secret:base64\}|\{token\})/;

/**
 * What stands in for the hosts of all lookups where the stack runs on one machine.
 *
 * @param override `LOOKUP_ORIGIN`; see `loopbackUrl`.
 * @throws Error if the override names another host or is not a URL.
 */
export const lookupOrigin = (override?: string): URL | undefined =>
  override ? loopbackUrl('LOOKUP_ORIGIN', override) : undefined;
