import type { HrSource } from '../../functions/webhooks/source.ts';

/**
 * @returns what the secret of these HR sources has to look like, with words in capitals for the
 *   values that only the operator knows.
 */
export const secretShape = (sources: Record<string, HrSource>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(sources).map(([name, { auth, lookup }]) => {
      const signing = auth && 'basic' in auth ? 'USER:PASSWORD' : 'SIGNING-SECRET';
      const needsCredential = Object.values(lookup?.headers ?? {}).some((template) =>
        template.includes('{secret'),
      );
      return [name, needsCredential ? { signing, lookup: 'LOOKUP-CREDENTIAL' } : signing];
    }),
  );
