import { loopbackUrl } from '../lib/loopback-url.ts';

/** Far above any HR system's ids for a person, in characters. */
export const MAX_PERSON_ID = 200;

/**
 * The address of the lookup, on the template's host whatever the id is.
 *
 * @param template checked at synth: `{id}` once, in the path or the query.
 * @param origin stands in for the template's own; see `lookupOrigin`.
 * @returns undefined for an id that leads elsewhere: none, one too long, a step up the path (`..`),
 *   or 0, by which BambooHR means the owner of the key.
 */
export const lookupUrl = (template: string, id: string, origin?: URL): URL | undefined => {
  if (id === '' || id === '0' || id.length > MAX_PERSON_ID || !id.isWellFormed()) return undefined;
  const written = template.replace('{id}', () => encoded(id));
  const url = URL.parse(written);
  // What URL would tidy up, the other side might read in yet another way.
  if (url?.href !== written) return undefined;
  return origin ? new URL(url.pathname + url.search, origin) : url;
};

/** Also what `encodeURIComponent` leaves alone and other readers may not. */
const encoded = (id: string): string =>
  encodeURIComponent(id).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/**
 * Puts the credential into the templates of the headers.
 *
 * @returns names in lower case; undefined where a template needs a credential and there is none
 *   that a header can carry.
 */
export const lookupHeaders = (
  templates: Readonly<Record<string, string>>,
  credential: string | undefined,
): Record<string, string> | undefined => {
  const headers: Record<string, string> = {};
  for (const [name, template] of Object.entries(templates)) {
    if (template.includes('{secret') && !credential) return undefined;
    const value = template.replace(/\{secret(:base64)?\}/g, (_, base64?: string) =>
      base64 ? Buffer.from(credential as string).toString('base64') : (credential as string),
    );
    if (!/^[\x20-\x7e]*$/.test(value)) return undefined;
    headers[name.toLowerCase()] = value;
  }
  return headers;
};

/**
 * What stands in for the hosts of all lookups where the stack runs on one machine.
 *
 * @param override `LOOKUP_ORIGIN`; see `loopbackUrl`.
 * @throws Error if the override names another host or is not a URL.
 */
export const lookupOrigin = (override?: string): URL | undefined =>
  override ? loopbackUrl('LOOKUP_ORIGIN', override) : undefined;
