/**
 * How every AWS client is set. All services answer in milliseconds or not at all. Two attempts fit
 * into the two seconds that are kept for the last write, so that a known outcome does not become an
 * unknown one.
 */
export const CLIENT = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 500, requestTimeout: 800, throwOnRequestTimeout: true },
};
