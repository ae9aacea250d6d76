import { WebClient } from '@slack/web-api';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { COMMON, METHODS } from '../../infra/local/slack/connect-methods.ts';
import { CONNECT_TRIGGERS } from '../../infra/local/slack/connect-triggers.ts';
import type { Trigger, WrittenRequest } from '../../infra/local/slack/triggers.ts';
import pages from '../fixtures/connect-methods.json' with { type: 'json' };
import { type Client, startSlack } from '../support/local-slack.ts';

const START = 1_800_000_000_000;
const DAY = 86_400;

let slack: Client;
let now = START;
beforeAll(async () => {
  slack = await startSlack({ ratePerMinute: 60_000, capacity: 1_000_000, now: () => now });
});
beforeEach(async () => {
  now = START;
  await slack.sandbox('reset', {});
});
afterAll(() => slack.close());

const client = (token: string) =>
  new WebClient(token, {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
  });
const acme = () => client('xoxb-local-acme-manage').conversations;
const partner = () => client('xoxb-local-partner-joins').conversations;

const inviteBot = async (channel = 'C0WELCOME01') => {
  const { invite_id = '' } = await acme().inviteShared({ channel, user_ids: ['U0PARTBOT01'] });
  return invite_id;
};
const invitePerson = (channel = 'C0WELCOME01') =>
  acme().inviteShared({ channel, emails: ['Dana@Supply.example'] });
const act = (action: string, id = 'I0000000001', more = {}) =>
  slack.sandbox(`invites/${id}`, { action, ...more });
const state = async (id = 'I0000000001') => (await slack.sandbox(`invites/${id}`)).state;

const ALL = Object.entries(CONNECT_TRIGGERS).flatMap(([method, codes]) =>
  Object.keys(codes).map((code) => [method, code] as const),
);

describe('every code of every method', () => {
  test.each(Object.entries(pages.errors))('of the page of %s is there', (method, errors) => {
    const own = METHODS[method as keyof typeof METHODS].codes as string[];
    expect([...new Set([...own, ...COMMON])].sort()).toEqual(
      [...new Set([...errors, ...COMMON])].sort(),
    );
    const { triggers: _, methods } = { triggers: 0, methods: CONNECT_TRIGGERS };
    const named = Object.keys(methods[method as keyof typeof methods]);
    expect(named.sort()).toEqual([...new Set(['ok', ...errors, ...COMMON])].sort());
  });

  const write = ({ path, ...init }: WrittenRequest) => fetch(slack.url + path, init);
  const pull = async (method: string, trigger: { requests: WrittenRequest[] } | Trigger) => {
    const { methods } = await slack.sandbox('world');
    if ('fault' in trigger) await slack.sandbox('faults', trigger.fault);
    const requests: WrittenRequest[] =
      'requests' in trigger ? trigger.requests : methods[method].ok.requests;
    const before = requests.slice(0, -1);
    for (const request of before) expect((await write(request)).status).toBeLessThan(300);
    return write(requests.at(-1) as WrittenRequest);
  };

  test.each(ALL)('%s: %s, by its trigger in /sandbox/world', async (method, code) => {
    const { methods } = await slack.sandbox('world');
    const response = await pull(method, methods[method][code]);
    const expected = code === 'ok' ? { ok: true } : { ok: false, error: code };
    expect(await response.json()).toMatchObject(expected);
    expect(response.status).toBe(code === 'ratelimited' ? 429 : 200);
  });

  test('a fault is for what nothing in the world stands for', () => {
    const own = Object.entries(METHODS).flatMap(([method, { codes }]) =>
      codes.map((code) => CONNECT_TRIGGERS[method as keyof typeof CONNECT_TRIGGERS][code]),
    );
    expect(own.filter((trigger) => trigger && 'fault' in trigger)).toEqual([]);
  });

  test('a fault for one method leaves the others alone', async () => {
    const fault = { method: 'conversations.info', error: 'channel_not_found', times: 1 };
    await slack.sandbox('faults', fault);
    expect(await slack.inviteJson()).toMatchObject({ ok: true });
    await expect(acme().info({ channel: 'C0PARTNER01' })).rejects.toThrow('channel_not_found');
    expect(await acme().info({ channel: 'C0PARTNER01' })).toMatchObject({ ok: true });
    expect(await slack.sandbox('faults', { ...fault, error: 'invite_used' })).toMatchObject({
      field: 'error',
    });
  });
});

describe('scopes and tiers', () => {
  test.each([
    ['conversations.listConnectInvites', 1],
    ['conversations.acceptSharedInvite', 20],
    ['conversations.approveSharedInvite', 50],
    ['conversations.declineSharedInvite', 50],
    ['conversations.info', 50],
  ])('%s: %i a minute', async (method, calls) => {
    const call = () =>
      client('xoxb-local-acme-manage').apiCall(method, { invite_id: 'I0NOWHERE01' });
    for (let n = 0; n < calls; n++) {
      const outcome = await call().catch(({ data }) => data.error);
      expect(outcome).not.toBe('ratelimited');
    }
    await expect(call()).rejects.toMatchObject({ retryAfter: Math.ceil(60 / calls) });
    now += 60_000 / calls;
    expect(await call().catch(({ code }) => code)).not.toBe('slack_webapi_rate_limited_error');
  });

  test.each([
    ['conversations.listConnectInvites', 'conversations.connect:manage'],
    ['conversations.approveSharedInvite', 'conversations.connect:manage'],
    ['conversations.declineSharedInvite', 'conversations.connect:manage'],
    ['conversations.acceptSharedInvite', 'conversations.connect:write'],
    ['conversations.info', 'channels:read,groups:read,im:read,mpim:read'],
  ])('%s needs %s', async (method, needed) => {
    const refused = client('xoxb-local-acme-scopeless').apiCall(method, { invite_id: 'I0' });
    await expect(refused).rejects.toMatchObject({
      data: { error: 'missing_scope', needed, provided: 'chat:write' },
    });
  });

  test('a private channel needs groups:read', async () => {
    const reader = client('xoxb-local-acme-noscope').conversations;
    expect(await reader.info({ channel: 'C0WELCOME01' })).toMatchObject({ ok: true });
    await expect(reader.info({ channel: 'C0PRIVATE01' })).rejects.toMatchObject({
      data: { error: 'missing_scope', needed: 'groups:read' },
    });
  });
});

describe('an invitation that is accepted by @slack/web-api', () => {
  test('is connected at once, and is no longer listed', async () => {
    const invite_id = await inviteBot();
    const { invites } = await acme().listConnectInvites();
    expect(invites).toHaveLength(1);
    expect(
      await partner().acceptSharedInvite({ invite_id, channel_name: 'acme-welcome' }),
    ).toMatchObject({ implicit_approval: true, channel_id: 'C0WELCOME01', invite_id });
    expect(await state()).toBe('connected');
    now += 60_000;
    expect((await acme().listConnectInvites()).invites).toEqual([]);
    expect((await acme().info({ channel: 'C0WELCOME01' })).channel).toMatchObject({
      is_ext_shared: true,
      is_pending_ext_shared: false,
      connected_team_ids: ['T0PARTNER01'],
      connected_limited_team_ids: ['T0PARTNER01'],
      conversation_host_id: 'T0ACMECORP1',
    });
  });

  test('waits for an approval if the settings want one, with a status that stays sent', async () => {
    await slack.sandbox('settings', { approval_required: true });
    const invite_id = await inviteBot();
    await partner().acceptSharedInvite({ invite_id, channel_name: 'acme-welcome' });
    expect(await state()).toBe('accepted');
    expect((await acme().listConnectInvites()).invites).toMatchObject([
      {
        direction: 'outgoing',
        status: 'sent',
        invite_type: 'channel',
        invite: { id: invite_id, recipient_user_id: 'U0PARTBOT01' },
        channel: { id: 'C0WELCOME01', name: 'welcome-desk' },
        acceptances: [
          {
            approval_status: 'pending_approval',
            accepting_team: { id: 'T0PARTNER01' },
            reviews: [{ type: 'approval', reviewing_team: { id: 'T0PARTNER01' } }],
          },
        ],
      },
    ]);
    expect((await partner().listConnectInvites()).invites).toMatchObject([
      { direction: 'incoming' },
    ]);
    expect((await acme().info({ channel: 'C0WELCOME01' })).channel).toMatchObject({
      is_ext_shared: false,
      is_pending_ext_shared: true,
      pending_connected_team_ids: ['T0PARTNER01'],
    });
    await acme().approveSharedInvite({ invite_id, target_team: 'T0PARTNER01' });
    expect(await state()).toBe('connected');
  });

  test('needs both approvals if the settings say both', async () => {
    await slack.sandbox('settings', { approval_required: 'both' });
    const invite_id = await inviteBot();
    await partner().acceptSharedInvite({ invite_id, channel_name: 'acme-welcome' });
    await acme().approveSharedInvite({ invite_id, target_team: 'T0PARTNER01' });
    expect(await state()).toBe('accepted');
    await partner().approveSharedInvite({ invite_id });
    expect(await state()).toBe('connected');
  });

  test('can be declined by either side', async () => {
    await slack.sandbox('settings', { approval_required: true });
    const invite_id = await inviteBot();
    await partner().acceptSharedInvite({ invite_id, channel_name: 'acme-welcome' });
    await partner().declineSharedInvite({ invite_id });
    expect(await state()).toBe('declined');
    expect((await acme().listConnectInvites()).invites).toMatchObject([
      { status: 'declined', acceptances: [{ approval_status: 'rejected' }] },
    ]);
  });

  test('can be found by its channel', async () => {
    await inviteBot();
    const accepted = { channel_id: 'C0WELCOME01', channel_name: 'acme-welcome' };
    expect(await partner().acceptSharedInvite(accepted)).toMatchObject({ ok: true });
  });
});

describe('the list', () => {
  test('has a flat shape, too', async () => {
    await slack.sandbox('settings', { list_shape: 'flat' });
    await invitePerson();
    const [item] = (await acme().listConnectInvites()).invites ?? [];
    expect(item).toMatchObject({
      id: 'I0000000001',
      status: 'sent',
      recipient_email: 'Dana@Supply.example',
      date_invalid: START / 1000 + 14 * DAY,
      inviting_team: { id: 'T0ACMECORP1' },
      invite_payload: { is_external_limited: true, channel: { id: 'C0WELCOME01' } },
    });
    expect(item).not.toHaveProperty('invite');
  });

  test('goes on from a cursor', async () => {
    for (let n = 0; n < 3; n++) await invitePerson();
    const { invites, response_metadata } = await acme().listConnectInvites({ count: 2 });
    expect(invites).toHaveLength(2);
    now += 60_000;
    const cursor = response_metadata?.next_cursor ?? '';
    const rest = await acme().listConnectInvites({ count: 2, cursor });
    expect(rest).toMatchObject({
      invites: [{ invite: { id: 'I0000000003' } }],
      response_metadata: { next_cursor: '' },
    });
  });

  test('keeps those that ended', async () => {
    for (const action of ['revoke', 'expire']) {
      await invitePerson();
      const id = (await slack.sandbox('invites')).at(-1).id;
      await act(action, id);
    }
    const { invites } = await acme().listConnectInvites();
    expect(invites?.map(({ status }) => status)).toEqual(['revoked', 'expired']);
  });
});

describe('the sandbox', () => {
  test('shows what became of each invitation', async () => {
    await invitePerson();
    expect(await slack.sandbox('invites')).toMatchObject([
      { id: 'I0000000001', recipient_email: 'Dana@Supply.example', state: 'sent', status: 'sent' },
    ]);
    await act('accept');
    expect(await slack.sandbox('invites')).toMatchObject([{ state: 'connected', status: 'sent' }]);
  });

  test('lets a new workspace accept, or the known one of the address', async () => {
    await invitePerson();
    const { acceptors } = await slack.sandbox('invites/I0000000001');
    expect(acceptors[0]).toEqual({ team: 'new', name: 'supply.example' });
    expect(acceptors).toContainEqual({ team: 'T0SUPPLY001', name: 'Supply SA' });
    expect(acceptors.map(({ team }: { team: string }) => team)).not.toContain('T0ACMECORP1');
    await act('accept', 'I0000000001', { team: 'T0SUPPLY001' });

    await acme().inviteShared({ channel: 'C0PRIVATE01', emails: ['new@partner.example'] });
    await act('accept', 'I0000000002');
    await acme().inviteShared({ channel: 'C0PRIVATE01', emails: ['kim@newcomer.example'] });
    await act('accept', 'I0000000003');
    const invites = await slack.sandbox('invites');
    const teams = invites.map(
      ({ acceptance }: { acceptance: { team: string } }) => acceptance.team,
    );
    expect(teams.slice(0, 2)).toEqual(['T0SUPPLY001', 'T0PARTNER01']);
    const { workspaces, channels } = await slack.sandbox('world');
    expect(workspaces[teams[2]]).toMatchObject({ name: 'newcomer.example', domain: 'newcomer' });
    expect(channels.C0PRIVATE01.connected).toEqual(['T0PARTNER01', teams[2]]);
    // Who is in the channel cannot be invited again.
    const again = acme().inviteShared({ channel: 'C0PRIVATE01', emails: ['kim@newcomer.example'] });
    await expect(again).rejects.toThrow('already_in_channel');
  });

  test.each([
    ['approve', 'sent', ['accept', 'decline', 'revoke', 'expire']],
    ['accept', 'revoked', []],
  ])('refuses %s of one that is %s, and says what can be done', async (action, now, actions) => {
    await invitePerson();
    if (now === 'revoked') await act('revoke');
    const answer = await act(action);
    expect(answer).toMatchObject({ error: 'not_possible', field: 'action', state: now });
    expect((await slack.sandbox('invites/I0000000001')).actions).toEqual(actions);
  });

  test.each([
    [{}, 'action'],
    [{ action: 'join' }, 'action'],
    [{ action: 'accept', team: 'T0ACMECORP1' }, 'team'],
    [{ action: 'accept', who: 'me' }, 'who'],
    [[], '(body)'],
  ])('refuses %j by its field', async (json, field) => {
    await invitePerson();
    expect(await slack.sandbox('invites/I0000000001', json)).toMatchObject({
      error: 'invalid',
      field,
    });
    expect(await state()).toBe('sent');
  });

  test('knows no invitation by another id', async () => {
    expect(await act('accept', 'I0NOWHERE01')).toMatchObject({ error: 'not_found' });
  });

  test('moves the clock of invitations, and nothing else', async () => {
    await invitePerson();
    await slack.sandbox('clock', { advance_s: 13 * DAY });
    expect(await state()).toBe('sent');
    await slack.sandbox('clock', { advance_s: DAY });
    expect(await state()).toBe('expired');
    await invitePerson();
    expect(await state('I0000000002')).toBe('sent');
    expect(await slack.sandbox('clock', { advance_s: -1 })).toMatchObject({ field: 'advance_s' });
    expect(await slack.sandbox('clock', {})).toMatchObject({ field: 'advance_s' });
  });

  test('gives an acceptance 14 days of its own', async () => {
    await slack.sandbox('settings', { approval_required: true });
    await invitePerson();
    await slack.sandbox('clock', { advance_s: 13 * DAY });
    await act('accept');
    await slack.sandbox('clock', { advance_s: 13 * DAY });
    expect(await state()).toBe('accepted');
    await slack.sandbox('clock', { advance_s: DAY });
    expect(await state()).toBe('expired');
  });

  test('gives a private channel its new id when it is connected', async () => {
    await invitePerson('G0PRIVATE02');
    await act('accept');
    const { channels } = await slack.sandbox('world');
    expect(channels).not.toHaveProperty('G0PRIVATE02');
    expect(channels.C0PRIVATE02).toMatchObject({ name: 'old-deal-room' });
    await expect(invitePerson('G0PRIVATE02')).rejects.toThrow('channel_not_found');
  });
});
