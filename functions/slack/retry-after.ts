const DEFAULT_SECONDS = 30;
const MAX_SECONDS = 3600;

/**
 * Reads Slack's `Retry-After`, which is in whole seconds
 * (https://docs.slack.dev/apis/web-api/rate-limits).
 * @returns seconds from 1 to 3,600; 30 if the header is missing or unreadable.
 */
export const retryAfterSeconds = (header: string | undefined): number => {
  if (header === undefined || !/^\d+$/.test(header.trim())) return DEFAULT_SECONDS;
  return Math.min(Math.max(Number(header), 1), MAX_SECONDS);
};
