/**
 * What clients can take up, however they behave: options of Node's HTTP server, times in ms. The
 * size of a body is limited in body.ts, the lists that are kept in state.ts, watching pages in
 * live.ts.
 */
export const LIMITS = {
  /** One more is closed before it says a word. */
  maxConnections: 250,
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  /** Longer than the body is waited for, so that a slow one is answered as Slack does. */
  requestTimeout: 20_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 5_000,
  /** Without a byte either way; longer than a fault can delay an answer. */
  timeout: 660_000,
};
