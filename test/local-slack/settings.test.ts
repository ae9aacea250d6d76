import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SIGNING_SECRET } from '../../infra/local/slack/state.ts';
import { type Client, GOOD_FORM, startSlack } from '../support/local-slack.ts';

const START = 1_800_000_000_000;
const FOURTEEN_DAYS = 14 * 24 * 3_600_000;

let slack: Client;
let now = START;
beforeAll(async () => {
  slack = await startSlack({ ratePerMinute: 20, now: () => now });
});
beforeEach(async () => {
  now = START;
  await slack.sandbox('reset', {});
});
afterAll(() => slack.close());

const set = (settings: unknown) => slack.sandbox('settings', settings);
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const toUser = 'channel=C0PARTNER01&user_ids=U0PARTNER02';

test('by default nothing is in the way of the good call', async () => {
  expect(await slack.sandbox('settings')).toEqual({
    rate_per_minute: 20,
    capacity: 20,
    email_invites_per_minute: null,
    enterprise_only: false,
    pending_invitations: 'ignored',
    governance: false,
    approval_required: false,
    decline_before_acceptance: 'told',
    list_shape: 'nested',
    events_url: null,
    signing_secret: SIGNING_SECRET,
    events_mode: 'normal',
    events_delay_ms: 5000,
  });
});

test('what is not named stays, and the answer is all of them', async () => {
  await set({ governance: true });
  const settings = await set({ capacity: 3 });
  expect(settings).toMatchObject({ governance: true, capacity: 3, rate_per_minute: 20 });
  expect(await slack.sandbox('settings')).toEqual(settings);
});

test.each([
  [{ rate_per_minute: 0 }, 'rate_per_minute'],
  [{ rate_per_minute: 2.5 }, 'rate_per_minute'],
  [{ capacity: '20' }, 'capacity'],
  [{ email_invites_per_minute: -1 }, 'email_invites_per_minute'],
  [{ enterprise_only: 'yes' }, 'enterprise_only'],
  [{ pending_invitations: true }, 'pending_invitations'],
  [{ governance: null }, 'governance'],
  [{ governance: true, colour: 'red' }, 'colour'],
  [{ constructor: 1 }, 'constructor'],
  [[], '(body)'],
])('%j is refused by its field, and nothing changes', async (change, field) => {
  const before = await slack.sandbox('settings');
  expect(await set(change)).toEqual({ error: 'invalid', field, allowed: expect.any(String) });
  expect(await slack.sandbox('settings')).toEqual(before);
});

describe('rate and capacity', () => {
  test('hold from the next call on', async () => {
    await set({ rate_per_minute: 60, capacity: 2 });
    const statuses = [];
    for (let n = 0; n < 3; n++) statuses.push((await slack.invite()).status);
    expect(statuses).toEqual([200, 200, 429]);
    now += 1000;
    expect((await slack.invite()).status).toBe(200);
  });

  test('decide what a ratelimited that is a fault says', async () => {
    await set({ rate_per_minute: 6 });
    await slack.sandbox('faults', { error: 'ratelimited' });
    expect((await slack.invite()).headers.get('retry-after')).toBe('10');
  });
});

describe('e-mail invitations a minute', () => {
  beforeEach(() => set({ email_invites_per_minute: 2 }));
  const spend = async () => {
    await slack.invite();
    await slack.invite();
  };

  test('beyond are ratelimit, HTTP 200 without Retry-After, until time has passed', async () => {
    await spend();
    const response = await slack.invite();
    expect([response.status, response.headers.get('retry-after')]).toEqual([200, null]);
    expect(await response.json()).toEqual({ ok: false, error: 'ratelimit' });
    expect(await slack.sandbox('invites')).toHaveLength(2);
    now += 30_000;
    expect(await slack.inviteJson()).toMatchObject({ ok: true });
  });

  test('leave invitations by user id alone', async () => {
    await spend();
    expect(await slack.inviteJson(toUser)).toMatchObject({ ok: true });
  });

  test('are counted for each user', async () => {
    await spend();
    const cautious = bearer('xoxb-local-cautious-invites');
    expect(await slack.inviteJson('channel=C0CAUTIOUS1&emails=a@b.co', cautious)).toMatchObject({
      ok: true,
    });
  });

  test('do not count what was refused', async () => {
    await slack.invite('channel=C0ARCHIVE01&emails=a@b.co');
    await spend();
    expect(await slack.sandbox('invites')).toHaveLength(2);
  });
});

describe('Enterprise only', () => {
  beforeEach(() => set({ enterprise_only: true }));

  test('refuses a workspace of no organization', async () => {
    expect(await slack.inviteJson()).toEqual({ ok: false, error: 'not_allowed_token_type' });
  });

  test('permits a workspace of one', async () => {
    const globex = bearer('xoxb-local-globex-invites');
    expect(await slack.inviteJson('channel=C0GLOBEX001&emails=a@b.co', globex)).toMatchObject({
      ok: true,
    });
  });
});

describe('a pending invitation', () => {
  const room = (places: number) =>
    slack.sandbox('world', { channels: { C0PARTNER01: { connection_limit: 1 + places } } });
  const answers = async (calls: number) => {
    const errors = [];
    for (let n = 0; n < calls; n++) errors.push((await slack.inviteJson()).error ?? 'ok');
    return errors;
  };
  const PENDING = 'connection_limit_exceeded_pending';

  test('is ignored by default, however little room there is', async () => {
    await room(1);
    expect(await answers(2)).toEqual(['ok', 'ok']);
  });

  test('blocks the channel, and no other', async () => {
    await set({ pending_invitations: 'block' });
    expect(await answers(2)).toEqual(['ok', PENDING]);
    expect(await slack.inviteJson('channel=C0PRIVATE01&emails=a@b.co')).toMatchObject({ ok: true });
  });

  test('counts towards the limit of the channel', async () => {
    await set({ pending_invitations: 'count' });
    await room(2);
    expect(await answers(3)).toEqual(['ok', 'ok', PENDING]);
  });

  test('is none any more when it has expired', async () => {
    await set({ pending_invitations: 'block' });
    await slack.invite();
    now += FOURTEEN_DAYS - 1;
    expect(await answers(1)).toEqual([PENDING]);
    now += 1;
    expect(await answers(1)).toEqual(['ok']);
  });

  test('is none as long as it is held', async () => {
    await set({ pending_invitations: 'block', governance: true });
    expect(await answers(2)).toEqual(['ok', 'ok']);
  });
});

describe('governance', () => {
  beforeEach(() => set({ governance: true }));

  test('holds an invitation, and the caller gets the ordinary answer', async () => {
    expect(await slack.inviteJson(`${GOOD_FORM}&external_limited=false`)).toEqual({
      ok: true,
      invite_id: expect.any(String),
      is_legacy_shared_channel: false,
      conf_code: expect.any(String),
      url: expect.any(String),
    });
    expect(await slack.sandbox('invites')).toMatchObject([{ status: 'held' }]);
    expect(await slack.sandbox('mailbox')).toEqual([]);
  });

  test('an approved one goes out, and can be accepted', async () => {
    await slack.inviteJson(GOOD_FORM);
    expect(await slack.sandbox('invites/I0000000001', { action: 'approve' })).toMatchObject({
      status: 'sent',
      state: 'sent',
    });
    const [mail] = (await slack.sandbox('mailbox')) as { link: string; invite_id: string }[];
    expect(mail).toMatchObject({ invite_id: 'I0000000001', via: 'email' });
    expect(await slack.sandbox('invites/I0000000001', { action: 'accept' })).toMatchObject({
      state: 'connected',
    });
  });

  test('a declined one reaches nobody', async () => {
    await slack.inviteJson(GOOD_FORM);
    expect(await slack.sandbox('invites/I0000000001', { action: 'decline' })).toMatchObject({
      state: 'declined',
    });
    expect(await slack.sandbox('mailbox')).toEqual([]);
    expect(
      await slack.sandbox('invites/I0000000001', { action: 'approve', team: 'T0ACME00001' }),
    ).toMatchObject({ state: 'declined' });
  });

  test('lets those pass who may manage invitations', async () => {
    await slack.invite(undefined, bearer('xoxb-local-acme-manage'));
    expect(await slack.sandbox('invites')).toMatchObject([{ status: 'sent' }]);
    expect(await slack.sandbox('mailbox')).toHaveLength(1);
  });
});
