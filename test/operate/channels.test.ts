import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Listening, listen } from '../../infra/local/lib/http.ts';
import { checkSlack } from '../../infra/operate/check-slack.ts';

const TOKEN = 'xoxb-of-a-test';
/** Channels as `conversations.info` shows them: https://docs.slack.dev/reference/objects/conversation-object */
const CHANNELS: Record<string, object> = {
  C0GOOD00001: { is_member: true },
  C0NOBOT0001: { is_member: false },
  C0ARCHIVED1: { is_member: true, is_archived: true },
  C0GENERAL01: { is_member: true, is_general: true },
};

let scopes = 'conversations.connect:write,channels:read,groups:read';
let calls = 0;
let permitted = Number.POSITIVE_INFINITY;
let slack: Listening;

beforeAll(async () => {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const channel = new URLSearchParams(body).get('channel') ?? '';
    const answer = () => {
      if (request.url === '/api/auth.test') {
        return { ok: true, team_id: 'T0ACMECORP1', user: 'bot', bot_id: 'B0BOT000001' };
      }
      calls += 1;
      if (calls > permitted) return { ok: false, error: 'ratelimited' };
      return CHANNELS[channel]
        ? { ok: true, channel: { id: channel, ...CHANNELS[channel] } }
        : { ok: false, error: 'channel_not_found' };
    };
    response.setHeader('x-oauth-scopes', scopes);
    response.end(JSON.stringify(answer()));
  });
  slack = await listen(server, 0);
});
afterAll(() => slack.close());

const check = async (channels: string[]) => {
  const apiUrl = `${slack.url}/api/`;
  const report = await checkSlack({ apiUrl, token: TOKEN, workspace: 'T0ACMECORP1', channels });
  return report
    .filter((reported) => reported.check === 'channels')
    .map(({ status, detail }) => `${status}: ${detail}`);
};

test('channels with the bot in them are sound', async () => {
  expect(await check(['C0GOOD00001'])).toEqual(['ok: 1, the bot in each']);
});

test('each channel with a fault is named with it', async () => {
  expect((await check([...Object.keys(CHANNELS), 'C0NOWHERE01'])).toSorted()).toEqual([
    'broken: C0ARCHIVED1: it cannot be shared, since it is archived.',
    'broken: C0GENERAL01: it cannot be shared, since everybody of the workspace is in it.',
    'broken: C0NOBOT0001: the bot is not in it.',
    'broken: C0NOWHERE01: Slack does not know it, or it is private and the bot is not in it.',
  ]);
});

test('without the scopes that read channels they are not checked, and that is no fault', async () => {
  scopes = 'conversations.connect:write';
  expect(await check(['C0NOBOT0001'])).toEqual([
    'not_checked: The token lacks channels:read and groups:read, with which a channel is looked at.',
  ]);
  scopes = 'conversations.connect:write,channels:read,groups:read';
});

test('a policy for every channel names none to check', async () => {
  expect(await check(['*'])).toEqual([
    'not_checked: The configuration allows every channel that the bot is in.',
  ]);
});

test('of very many channels some are checked each time, as far as Slack permits', async () => {
  CHANNELS.C0GOOD00001 = { is_member: true };
  calls = 0;
  permitted = 10;
  const many = Array.from({ length: 5_000 }, () => 'C0GOOD00001');
  expect(await check(many)).toEqual([
    'not_checked: 10 of 5000 channels were checked: Slack permits some 50 a minute.',
  ]);
});
