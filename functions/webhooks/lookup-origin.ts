const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * What stands in for the hosts of all look-ups where the stack runs on one machine.
 *
 * @param override `LOOKUP_ORIGIN`: honoured for a server on this machine only, so that no
 *   environment variable can send an HR system's credential elsewhere.
 * @throws Error if the override names another host or is no URL.
 */
export const lookupOrigin = (override?: string): URL | undefined => {
  if (!override) return undefined;
  const url = URL.parse(override);
  if (!url || !LOOPBACK.has(url.hostname) || !/^https?:$/.test(url.protocol)) {
    throw new Error('LOOKUP_ORIGIN must be an http or https URL of this machine, or be left out');
  }
  return url;
};
