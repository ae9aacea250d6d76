import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { freshWorld } from '../../infra/local/slack/world.ts';
import { patchWorld } from '../../infra/local/slack/world-patch.ts';
import { type Client, startSlack, TOKEN } from '../support/local-slack.ts';

let slack: Client;
beforeAll(async () => {
  slack = await startSlack();
});
beforeEach(() => slack.sandbox('reset', {}));
afterAll(() => slack.close());

const change = (patch: unknown) => slack.sandbox('world', patch);

describe('a change of the world changes the answers:', () => {
  test('a revoked token is refused and the rotated one is not', async () => {
    await change({ tokens: { [TOKEN]: { state: 'revoked' } } });
    expect(await slack.inviteJson()).toMatchObject({ error: 'token_revoked' });
    const headers = { authorization: 'Bearer xoxb-local-acme-rotated' };
    expect(await slack.inviteJson(undefined, { headers })).toMatchObject({ ok: true });
  });

  test('a new token is good for what it says', async () => {
    const { tokens } = await slack.sandbox('world');
    await change({ tokens: { 'xoxb-new': tokens[TOKEN] } });
    const headers = { authorization: 'Bearer xoxb-new' };
    expect(await slack.inviteJson(undefined, { headers })).toMatchObject({ ok: true });
  });

  test('a token that is null is gone', async () => {
    await change({ tokens: { [TOKEN]: null } });
    expect(await slack.inviteJson()).toMatchObject({ error: 'invalid_auth' });
  });

  test('a new channel needs a workspace and a name, and the rest is ordinary', async () => {
    const channel = { workspace: 'T0ACMECORP1', name: 'new', members: ['U0ACMEBOT01'] };
    await change({ channels: { C0NEWCHAN01: channel } });
    expect(await slack.inviteJson('channel=C0NEWCHAN01&emails=a@b.co')).toMatchObject({ ok: true });
    const { channels } = await slack.sandbox('world');
    expect(channels.C0NEWCHAN01).toMatchObject({ ...channel, kind: 'public', archived: false });
  });

  test('a whole company can be added at once', async () => {
    await change({
      workspaces: { T0NEWTEAM01: { name: 'New Team', domain: 'new-team' } },
      users: { U0NEWBOT001: { workspace: 'T0NEWTEAM01', name: 'bot', role: 'bot' } },
      channels: {
        C0NEWCHAN01: { workspace: 'T0NEWTEAM01', name: 'new', members: ['U0NEWBOT001'] },
      },
      tokens: {
        'xoxb-new': {
          workspace: 'T0NEWTEAM01',
          user: 'U0NEWBOT001',
          app: 'A0NEWAPP001',
          scopes: ['conversations.connect:write'],
        },
      },
    });
    const headers = { authorization: 'Bearer xoxb-new' };
    const answer = await slack.inviteJson('channel=C0NEWCHAN01&emails=a@b.co', { headers });
    expect(answer).toMatchObject({ ok: true });
  });

  test('a preference for one kind of invitation leaves the other alone', async () => {
    await change({ workspaces: { T0ACMECORP1: { invitations: { limited: false } } } });
    expect(await slack.inviteJson()).toMatchObject({ error: 'restricted_action' });
    const full = 'channel=C0PARTNER01&emails=a@b.co&external_limited=false';
    expect(await slack.inviteJson(full)).toMatchObject({ ok: true });
  });

  test('a field that is null gets its default', async () => {
    await change({ channels: { C0ARCHIVE01: { archived: null } } });
    expect(await slack.inviteJson('channel=C0ARCHIVE01&emails=a@b.co')).toMatchObject({ ok: true });
  });

  // Whatever a rule refuses, it is the one property that it looks at.
  test.each([
    ['C0ARCHIVE01', { archived: false }],
    ['C0GENERAL01', { mandatory: false }],
    ['D0DIRECT001', { kind: 'private' }],
    ['C0NOSHARE01', { shareable: true }],
    ['C0NOBOTIN01', { members: ['U0ACMEBOT01'] }],
    ['C0HOSTED001', { workspace: 'T0ACMECORP1' }],
    ['C0ANNOUNCE1', { managers: ['U0ACMEBOT01'] }],
    ['C0MANAGED01', { external_invites: 'members' }],
    ['C0FULL00001', { connection_limit: 3 }],
    ['C0PENDING01', { pending_invites: 0 }],
    ['C0LEGACY002', { connected: [] }],
    ['C0CROWDED01', { member_limit: 3 }],
  ])('the refused channel %s is good with %j', async (channel, fields) => {
    const call = `channel=${channel}&emails=casey@partner.example`;
    expect(await slack.inviteJson(call)).toMatchObject({ ok: false });
    await change({ channels: { [channel]: fields } });
    expect(await slack.inviteJson(call)).toMatchObject({ ok: true });
  });

  test.each([
    ['xoxb-local-garage-invites', 'C0FREEPLAN1', { T0FREEPLAN1: { paid: true } }],
    ['xoxb-local-office-invites', 'C0NETWORK01', { T0NETWORK01: { allowed_addresses: null } }],
    ['xoxb-local-moving-invites', 'C0MOVING001', { T0MOVING001: { migration: 'none' } }],
    ['xoxb-local-joining-invites', 'C0JOINING01', { T0JOINING01: { migration: 'none' } }],
    ['xoxb-local-labs-invites', 'C0GLOBEX002', { T0GLOBEX002: { slack_connect: true } }],
    ['xoxb-local-bank-invites', 'C0GLOBEX003', { T0GLOBEX003: { ekm_suspended: false } }],
  ])('the refused caller %s is good in %s with %j', async (token, channel, workspaces) => {
    const call = `channel=${channel}&emails=casey@partner.example`;
    const by = { headers: { authorization: `Bearer ${token}` } };
    expect(await slack.inviteJson(call, by)).toMatchObject({ ok: false });
    await change({ workspaces });
    expect(await slack.inviteJson(call, by)).toMatchObject({ ok: true });
  });

  test.each([
    ['xoxb-local-globex-org', 'C0GLOBEX003', ['T0GLOBEX001', 'T0GLOBEX003'], 'ekm_access_denied'],
    ['xoxb-local-globex-ungranted', 'C0GLOBEX001', ['T0GLOBEX001'], undefined],
    ['xoxb-local-globex-org', 'C0PARTNER01', ['T0GLOBEX001'], 'channel_not_found'],
  ])('%s asks in %s when granted %j', async (token, channel, granted, error) => {
    await change({
      tokens: { [token]: { granted } },
      channels: { [channel]: { members: ['U0GLOBEX001'] } },
    });
    const by = { headers: { authorization: `Bearer ${token}` } };
    const answer = await slack.inviteJson(`channel=${channel}&emails=a@b.co`, by);
    expect(answer.error).toBe(error);
  });
});

describe('a change is refused by the field that is wrong', () => {
  test.each([
    [{ colours: {} }, 'colours'],
    [{ constructor: {} }, 'constructor'],
    [{ tokens: [] }, 'tokens'],
    [null, '(body)'],
    [{ tokens: { nonsense: {} } }, 'tokens.nonsense'],
    [{ channels: { general: {} } }, 'channels.general'],
    [{ users: { [TOKEN]: {} } }, `users.${TOKEN}`],
    [{ tokens: { [TOKEN]: 'revoked' } }, `tokens.${TOKEN}`],
    [{ tokens: { [TOKEN]: { state: 'lost' } } }, `tokens.${TOKEN}.state`],
    [{ tokens: { [TOKEN]: { scopes: ['a\r\nb'] } } }, `tokens.${TOKEN}.scopes`],
    [{ tokens: { [TOKEN]: { workspace: 'T0NOWHERE01' } } }, `tokens.${TOKEN}.workspace`],
    [{ tokens: { [TOKEN]: { colour: 'red' } } }, `tokens.${TOKEN}.colour`],
    [{ tokens: { 'xoxb-new': { kind: 'bot' } } }, 'tokens.xoxb-new.app'],
    [{ tokens: { [TOKEN]: { user: null } } }, `tokens.${TOKEN}.user`],
    [{ channels: { C0PARTNER01: { archived: 1 } } }, 'channels.C0PARTNER01.archived'],
    [{ channels: { C0PARTNER01: { members: ['U0NOBODY001'] } } }, 'channels.C0PARTNER01.members'],
    [
      { channels: { C0PARTNER01: { connection_limit: -1 } } },
      'channels.C0PARTNER01.connection_limit',
    ],
    [
      { workspaces: { T0ACMECORP1: { invitations: { partial: true } } } },
      'workspaces.T0ACMECORP1.invitations',
    ],
    [{ workspaces: { T0ACMECORP1: { invitations: false } } }, 'workspaces.T0ACMECORP1.invitations'],
    [{ users: { U0ACMEADM01: { email: 'robin' } } }, 'users.U0ACMEADM01.email'],
    // What others name cannot go.
    [{ workspaces: { T0STRANGER1: null } }, 'users.U0STRANGER1.workspace'],
  ])('%j', async (patch, field) => {
    const before = await slack.sandbox('world');
    const answer = await change(patch);
    expect(answer).toEqual({ error: 'invalid', field, allowed: expect.any(String) });
    expect(await slack.sandbox('world')).toEqual(before);
  });

  test('__proto__ as well', async () => {
    const patch = JSON.parse('{"channels":{"C0PARTNER01":{"__proto__":{"archived":true}}}}');
    expect(await change(patch)).toMatchObject({ field: 'channels.C0PARTNER01.__proto__' });
    expect(await slack.inviteJson()).toMatchObject({ ok: true });
  });

  test('all of it or nothing', async () => {
    await change({
      tokens: { [TOKEN]: { state: 'revoked' } },
      channels: { C0PARTNER01: { archived: 'yes' } },
    });
    expect(await slack.inviteJson()).toMatchObject({ ok: true });
  });
});

test('the world does not grow beyond 500 entries of a kind', () => {
  const world = freshWorld();
  const user = (n: number) => [
    `U0${String(n).padStart(9, '0')}`,
    { workspace: 'T0ACMECORP1', name: `user-${n}` },
  ];
  const room = 500 - Object.keys(world.users).length;
  const users = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => user(n)));
  expect(patchWorld(world, { users: users(room) })).toBe(undefined);
  expect(patchWorld(world, { users: users(room + 1) })).toEqual({
    field: 'users',
    allowed: 'at most 500 entries',
  });
});

test('the world as it is would be accepted as a change', () => {
  const world = freshWorld();
  expect(patchWorld(world, freshWorld())).toBe(undefined);
  expect(world).toEqual(freshWorld());
});
