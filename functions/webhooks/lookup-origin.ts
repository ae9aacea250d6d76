import { loopbackUrl } from '../http/loopback-url.ts';

/**
 * What stands in for the hosts of all look-ups where the stack runs on one machine.
 *
 * @param override `LOOKUP_ORIGIN`; see `loopbackUrl`.
 * @throws Error if the override names another host or is no URL.
 */
export const lookupOrigin = (override?: string): URL | undefined =>
  override ? loopbackUrl('LOOKUP_ORIGIN', override) : undefined;
