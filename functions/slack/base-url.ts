const SLACK_API = 'https://slack.com/api/';
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Where the Web API is.
 * @param override `SLACK_API_URL`: honoured for a server on this machine only, so that no
 *   environment variable can send a workspace's token elsewhere.
 * @returns the URL to which a method's name is appended.
 * @throws Error if the override names another host or is no URL.
 */
export const slackBaseUrl = (override?: string): URL => {
  if (!override) return new URL(SLACK_API);
  const url = URL.parse(override.endsWith('/') ? override : `${override}/`);
  if (!url || !LOOPBACK.has(url.hostname) || !/^https?:$/.test(url.protocol)) {
    throw new Error('SLACK_API_URL must be an http or https URL of this machine, or be left out');
  }
  return url;
};
