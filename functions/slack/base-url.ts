import { loopbackUrl } from '../http/loopback-url.ts';

const SLACK_API = 'https://slack.com/api/';

/**
 * Where the Web API is.
 * @param override `SLACK_API_URL`; see `loopbackUrl`.
 * @returns the URL to which a method's name is appended.
 * @throws Error if the override names another host or is no URL.
 */
export const slackBaseUrl = (override?: string): URL =>
  override
    ? loopbackUrl('SLACK_API_URL', override.endsWith('/') ? override : `${override}/`)
    : new URL(SLACK_API);
