const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * An address that stands in for a vendor's where the stack runs on one machine. It is honoured for a
 * server on this machine only, so that no environment variable can send a credential elsewhere.
 *
 * @param variable its name, for the error.
 * @throws Error if it names another host or is not a URL.
 */
export const loopbackUrl = (variable: string, text: string): URL => {
  const url = URL.parse(text);
  if (!url || !LOOPBACK.has(url.hostname) || !/^https?:$/.test(url.protocol)) {
    throw new Error(`${variable} must be an http or https URL of this machine, or be left out`);
  }
  return url;
};
