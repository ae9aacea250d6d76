import type { HrSource } from '../../functions/webhooks/source.ts';

type Sources = Record<string, HrSource>;

/**
 * @returns what the secret of these HR sources has to look like, with words in capitals for the
 *   values that only the operator knows.
 */
export const secretShape = (sources: Sources): Record<string, string> =>
  Object.fromEntries(
    Object.entries(sources).map(([name, { auth }]) => [
      name,
      auth && 'basic' in auth ? 'USER:PASSWORD' : 'SIGNING-SECRET',
    ]),
  );

/** The same for the secret of their lookups; undefined where none of them needs a credential. */
export const credentialShape = (sources: Sources): Record<string, string> | undefined => {
  const needing = Object.entries(sources).filter(
    ([, { lookup }]) => lookup?.token || JSON.stringify(lookup?.headers ?? {}).includes('{secret'),
  );
  if (needing.length === 0) return undefined;
  return Object.fromEntries(needing.map(([name]) => [name, 'LOOKUP-CREDENTIAL']));
};
