import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SIGNING_SECRET } from '../../infra/local/slack/state.ts';
import recorded from '../fixtures/accepted-event.json' with { type: 'json' };
import { type Client, startSlack } from '../support/local-slack.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests read into whatever JSON there is
type Delivery = { headers: IncomingHttpHeaders; text: string; body: any };

let slack: Client;
let received: Delivery[];
let reply: (response: ServerResponse, delivery: Delivery) => void;
const server = createServer(async (request, response) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  const delivery = { headers: request.headers, text, body: JSON.parse(text) };
  received.push(delivery);
  reply(response, delivery);
});

beforeEach(async () => {
  received = [];
  reply = (response, { body }) => response.end(body.challenge ?? '');
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  slack = await startSlack({
    ratePerMinute: 60_000,
    capacity: 1_000_000,
    eventsUrl: `http://127.0.0.1:${port}/slack/events`,
    retriesMs: [0, 10, 20],
  });
});
afterEach(async () => {
  await slack.close();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

const set = (settings: object) => slack.sandbox('settings', settings);
const act = (action: string, id = 'I0000000001') => slack.sandbox(`invites/${id}`, { action });
const invite = (email = 'casey%40newcomer.example') =>
  slack.invite(`channel=C0WELCOME01&emails=${email}`);
const inviteAnd = async (...actions: string[]) => {
  await invite();
  for (const action of actions) await act(action);
};
const types = () => received.map(({ body }) => body.event?.type ?? body.type);
const arrived = (count: number) => expect.poll(() => received.length).toBe(count);
const outcomes = async () =>
  (await slack.sandbox('events')).map(({ outcome }: { outcome: string }) => outcome);

/** The names of all fields in a value. */
const pathsOf = (value: unknown, at = ''): string[] => {
  if (Array.isArray(value)) return value.flatMap((item) => pathsOf(item, `${at}[]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const path = at === '' ? name : `${at}.${name}`;
    return [path, ...pathsOf(inner, path)];
  });
};

describe('an acceptance', () => {
  test('is told in the shape that Slack was seen to send, then the connection', async () => {
    await inviteAnd('accept');
    await arrived(2);
    expect(types()).toEqual(['shared_channel_invite_accepted', 'channel_shared']);
    const [accepted, shared] = received.map(({ body }) => body);
    expect([...new Set(pathsOf(accepted))].sort()).toEqual(recorded.paths);
    const { event } = accepted;
    expect(event).toMatchObject({
      approval_required: false,
      invite: { id: 'I0000000001', recipient_email: 'casey@newcomer.example' },
      channel: { id: 'C0WELCOME01', is_private: false },
      accepting_user: { name: 'casey' },
    });
    const teams = event.teams_in_channel.map(({ id }: { id: string }) => id);
    expect(teams).toEqual(['T0ACMECORP1', event.accepting_user.team_id]);
    expect(event.invite.date_invalid - event.invite.date_created).toBe(1_209_600);
    expect(accepted).toMatchObject({
      team_id: 'T0ACMECORP1',
      api_app_id: 'A0ACMEINV01',
      authorizations: [{ user_id: 'U0ACMEBOT01', is_bot: true }],
      event_id: 'Ev0000000001',
    });
    expect(shared.event).toMatchObject({ connected_team_id: teams[1], channel: 'C0WELCOME01' });
  });

  test('is signed over the bytes, with the time of now', async () => {
    await inviteAnd('accept');
    await arrived(2);
    for (const { headers, text } of received) {
      const timestamp = String(headers['x-slack-request-timestamp']);
      const mac = createHmac('sha256', SIGNING_SECRET).update(`v0:${timestamp}:${text}`);
      expect(headers['x-slack-signature']).toBe(`v0=${mac.digest('hex')}`);
      expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(60);
      expect(headers['content-type']).toBe('application/json');
      expect(headers).not.toHaveProperty('x-slack-retry-num');
    }
  });

  test('that waits for an approval is told first, then the approval, then the connection', async () => {
    await set({ approval_required: true });
    await inviteAnd('accept', 'approve');
    await arrived(3);
    expect(types()).toEqual([
      'shared_channel_invite_accepted',
      'shared_channel_invite_approved',
      'channel_shared',
    ]);
    const [accepted, approved] = received.map(({ body }) => body.event);
    expect(accepted).toMatchObject({
      approval_required: true,
      teams_in_channel: [{ id: 'T0ACMECORP1' }],
    });
    expect(approved).toMatchObject({
      approving_team_id: 'T0ACMECORP1',
      approving_user: { id: 'U0ACMEBOT01' },
      invite: { id: 'I0000000001' },
    });
  });

  test('of a private channel with a G is followed by its new id', async () => {
    await slack.invite('channel=G0PRIVATE02&emails=casey%40newcomer.example');
    await act('accept');
    await arrived(3);
    expect(received[1]?.body.event).toMatchObject({
      type: 'channel_id_changed',
      old_channel_id: 'G0PRIVATE02',
      new_channel_id: 'C0PRIVATE02',
    });
    expect(received[2]?.body.event).toMatchObject({ channel: 'C0PRIVATE02' });
  });
});

test('a refusal is told; a revocation and the end of time are not', async () => {
  await inviteAnd('decline');
  await arrived(1);
  expect(received[0]?.body.event).toMatchObject({
    type: 'shared_channel_invite_declined',
    invite: { id: 'I0000000001' },
    declining_user: { name: 'casey' },
  });
  await invite('a%40b.co');
  await act('revoke', 'I0000000002');
  await invite('a%40b.co');
  await act('expire', 'I0000000003');
  expect(await outcomes()).toEqual(['delivered']);
});

test('whether Slack tells of a recipient who declines is a setting', async () => {
  await set({ decline_before_acceptance: 'silent' });
  await inviteAnd('decline');
  expect(await slack.sandbox('invites')).toMatchObject([{ state: 'declined' }]);
  expect(await slack.sandbox('events')).toEqual([]);
});

describe('a delivery that fails', () => {
  test('is tried three times more, and says how often and why', async () => {
    reply = (response) => {
      response.statusCode = 503;
      response.end();
    };
    await inviteAnd('decline');
    await expect.poll(outcomes).toEqual(['failed']);
    const retries = received.map(({ headers }) => [
      headers['x-slack-retry-num'],
      headers['x-slack-retry-reason'],
    ]);
    expect(retries).toEqual([
      [undefined, undefined],
      ['1', 'http_error'],
      ['2', 'http_error'],
      ['3', 'http_error'],
    ]);
    expect(new Set(received.map(({ text }) => text)).size).toBe(1);
  });

  test('arrives by a retry', async () => {
    reply = (response) => {
      if (received.length < 3) return response.destroy();
      return response.end();
    };
    await inviteAnd('decline');
    await expect.poll(outcomes).toEqual(['delivered']);
    expect(received[2]?.headers['x-slack-retry-reason']).toBe('connection_failed');
  });

  test('is not tried again if the answer says so', async () => {
    reply = (response) => {
      response.writeHead(500, { 'x-slack-no-retry': '1' });
      response.end();
    };
    await inviteAnd('decline');
    await expect.poll(outcomes).toEqual(['failed']);
    expect(received).toHaveLength(1);
  });

  test('is one without an answer within three seconds, too', async () => {
    reply = (response) => {
      if (received.length > 1) response.end();
    };
    await inviteAnd('decline');
    await expect.poll(outcomes, { timeout: 10_000 }).toEqual(['delivered']);
    expect(received[1]?.headers['x-slack-retry-reason']).toBe('http_timeout');
  });
});

describe('an address', () => {
  test('has to prove itself', async () => {
    const { events_url } = await slack.sandbox('settings');
    await set({ events_url: null });
    await set({ events_url });
    await arrived(1);
    expect(received[0]?.body).toMatchObject({
      type: 'url_verification',
      challenge: expect.any(String),
    });
    expect(received[0]?.headers['x-slack-signature']).toMatch(/^v0=[\da-f]{64}$/);
    await expect.poll(outcomes).toEqual(['delivered']);
  });

  test('that does not know the challenge has failed', async () => {
    reply = (response) => response.end('hello');
    const { events_url } = await slack.sandbox('settings');
    await set({ events_url: null });
    await set({ events_url });
    await expect.poll(outcomes).toEqual(['failed']);
  });

  test.each(['https://example.com/slack/events', 'ftp://127.0.0.1/', 'here', 5])(
    'is on this machine, so not %j',
    async (events_url) => {
      expect(await set({ events_url })).toMatchObject({ error: 'invalid', field: 'events_url' });
    },
  );

  test('that is none gets nothing, and the events can be read all the same', async () => {
    await set({ events_url: null });
    await inviteAnd('accept');
    expect(await outcomes()).toEqual(['no_address', 'no_address']);
    expect(received).toEqual([]);
  });
});

describe('events that are', () => {
  test('lost never come', async () => {
    await set({ events_mode: 'lost' });
    await inviteAnd('accept');
    expect(await outcomes()).toEqual(['lost', 'lost']);
    await set({ events_mode: 'normal' });
    await invite('a%40b.co');
    await act('decline', 'I0000000002');
    await arrived(1);
  });

  test('doubled come twice with the same id', async () => {
    await set({ events_mode: 'doubled' });
    await inviteAnd('decline');
    await arrived(2);
    expect(received[0]?.text).toBe(received[1]?.text);
  });

  test('late come later', async () => {
    await set({ events_mode: 'late', events_delay_ms: 150 });
    const start = performance.now();
    await inviteAnd('decline');
    await arrived(1);
    expect(performance.now() - start).toBeGreaterThan(140);
  });

  test('reordered come in the wrong order, and one alone after a while', async () => {
    await set({ events_mode: 'reordered', events_delay_ms: 100 });
    await inviteAnd('accept');
    await arrived(2);
    expect(types()).toEqual(['channel_shared', 'shared_channel_invite_accepted']);
    await invite('a%40b.co');
    await act('decline', 'I0000000002');
    await arrived(3);
  });
});

test('any event can be sent by hand', async () => {
  const tokens = { oauth: [], bot: ['U0ACMEBOT01'] };
  await slack.sandbox('events', { event: { type: 'tokens_revoked', tokens } });
  await arrived(1);
  expect(received[0]?.body.event).toMatchObject({ type: 'tokens_revoked', tokens });
  expect(await slack.sandbox('events', { event: {} })).toMatchObject({ field: 'event' });
});

test('a reset ends what still waits', async () => {
  await set({ events_mode: 'late', events_delay_ms: 50 });
  await inviteAnd('decline');
  await slack.sandbox('reset', {});
  await new Promise((done) => setTimeout(done, 150));
  expect(received).toEqual([]);
  expect(await slack.sandbox('events')).toEqual([]);
});
