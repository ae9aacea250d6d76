import { describe, expect, test } from 'vitest';
import { slackBaseUrl } from '../../functions/slack/client.ts';

describe('the base URL', () => {
  test.each([undefined, ''])('is that of Slack when nothing else is given (%j)', (override) => {
    expect(slackBaseUrl(override).href).toBe('https://slack.com/api/');
  });

  test.each([
    ['http://127.0.0.1:3001/api/', 'http://127.0.0.1:3001/api/'],
    ['http://localhost:3001/api', 'http://localhost:3001/api/'],
    ['https://[::1]:3001/api/', 'https://[::1]:3001/api/'],
  ])('may be on this machine: %s', (override, href) => {
    expect(slackBaseUrl(override).href).toBe(href);
  });

  test.each([
    'https://evil.test/api/',
    'https://slack.com.evil.test/api/',
    'https://slack.com/api/',
    'http://127.0.0.1.evil.test/api/',
    'http://127.0.0.1@evil.test/api/',
    'http://evil.test#127.0.0.1',
    'http://localhost.evil.test/',
    'http://0.0.0.0:3001/',
    'http://169.254.169.254/',
    'http://10.0.0.1/',
    'http://[::ffff:10.0.0.1]/',
    'ftp://127.0.0.1/',
    'file:///etc/passwd',
    '127.0.0.1:3001',
    'localhost',
    'no url',
  ])('may not be %s', (override) => {
    expect(() => slackBaseUrl(override)).toThrow(/SLACK_API_URL must be .* of this machine/);
  });
});
