import { CHANNEL_ID } from '../../functions/invites/request.ts';
import { isObject } from './context.ts';
import { ROOT } from './root.ts';

// The policy was two lists that knew nothing of each other: any listed domain might be invited into
// any listed channel.

/** The keys of then. */
export const RETIRED = [
  'allowedChannels',
  'allowedEmailDomains',
  'allowUserIds',
  'allowFullAccess',
];

/** A configuration without the retired keys, and what to write in their place. */
export type Renewed = { written: unknown; problems: string[] };

/**
 * @param written the configuration as it was written.
 * @returns it with `channels` in place of the retired keys, so that the rest can be checked all the
 *   same, and one problem if there were any.
 */
export function withoutRetired(written: unknown): Renewed {
  if (!isObject(written)) return { written, problems: [] };
  const found = RETIRED.filter((key) => Object.hasOwn(written, key));
  if (found.length === 0) return { written, problems: [] };
  const { allowedChannels, allowedEmailDomains, allowUserIds, allowFullAccess, ...rest } = written;
  const row = {
    emailDomains: textsOf(allowedEmailDomains, /^[\w.*-]+$/),
    ...(allowUserIds === true && { userIds: true }),
    ...(allowFullAccess === true && { fullAccess: true }),
  };
  const ids = textsOf(allowedChannels, CHANNEL_ID);
  const channels = Object.fromEntries(
    (ids.length > 0 ? ids : ['C0PARTNER01']).map((id) => [id, row]),
  );
  const keys = found.map((key) => `${ROOT}.${key}`).join(', ');
  const places = found.length === 1 ? 'this key is' : 'these keys are';
  const problem = `${keys}: ${places} no more; each channel has its own domains: write ${JSON.stringify({ channels })}`;
  return { written: { channels, ...rest }, problems: [problem] };
}

/** What of a value was in order. Nothing else is repeated. */
const textsOf = (value: unknown, form: RegExp): string[] =>
  [value]
    .flat()
    .filter(
      (item): item is string => typeof item === 'string' && (item === '*' || form.test(item)),
    );
