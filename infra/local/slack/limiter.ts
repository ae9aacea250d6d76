/** Slack's Tier 2, that of `conversations.inviteShared`: https://docs.slack.dev/apis/web-api/rate-limits */
export const TIER_2_PER_MINUTE = 20;

/**
 * How many calls in a row the local Slack lets through before the rate applies. Slack tolerates
 * bursts without a number (https://docs.slack.dev/apis/web-api/rate-limits); a sender's own burst
 * has to stay below this one.
 */
export const BUCKET_CAPACITY = 20;

/** How many buckets are kept. The one that was used longest ago goes first. */
const MAX_BUCKETS = 10_000;

/** Rounding errors of many refills must not turn a token that is due into a refusal. */
const DUST = 1e-6;

export type Limiter = {
  /**
   * Takes one call out of the bucket of `key`. A refused call takes nothing.
   * @returns 0 if the call may pass, otherwise whole seconds (at least 1) until one may.
   */
  take(key: string): number;
};

/**
 * Token buckets, one a key, full at first.
 * @param now the time in ms; a clock that steps back refills nothing.
 */
export function createLimiter(capacity: number, ratePerMinute: number, now: () => number): Limiter {
  const buckets = new Map<string, { level: number; at: number }>();
  const perMs = ratePerMinute / 60_000;

  return {
    take(key) {
      const at = now();
      const bucket = buckets.get(key) ?? { level: capacity, at };
      const elapsed = Math.max(0, at - bucket.at);
      const level = Math.min(capacity, bucket.level + elapsed * perMs);
      const passes = level >= 1 - DUST;
      buckets.delete(key); // moves it to the end of the map
      buckets.set(key, { level: passes ? Math.max(0, level - 1) : level, at });
      const [oldest] = buckets.keys();
      if (oldest !== undefined && buckets.size > MAX_BUCKETS) buckets.delete(oldest);
      return passes ? 0 : Math.max(1, Math.ceil((1 - level) / perMs / 1000 - DUST));
    },
  };
}
