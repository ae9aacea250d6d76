import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TRIGGERS, type TriggerRequest } from '../../infra/local/slack/triggers.ts';
import { BEARER, type Client, GOOD_FORM, startSlack, TOKEN } from '../support/local-slack.ts';

let slack: Client;
beforeAll(async () => {
  slack = await startSlack();
});
beforeEach(() => slack.sandbox('reset', {}));
afterAll(() => slack.close());

const ask = ({ token, ...json }: TriggerRequest) =>
  slack.invite(JSON.stringify(json), {
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json; charset=utf-8',
    },
  });
const answerTo = async (request: TriggerRequest) =>
  (await (await ask(request)).json()) as Record<string, unknown>;
const { request: good } = TRIGGERS.ok;

describe('a good call', () => {
  test('answers the invitation without its secrets when the recipient is limited', async () => {
    expect(await answerTo(good)).toEqual({
      ok: true,
      invite_id: expect.stringMatching(/^I0[A-Z\d]{9}$/),
      is_legacy_shared_channel: false,
    });
  });

  test('answers url and conf_code when the recipient is not limited', async () => {
    const answer = await answerTo({ ...good, external_limited: false });
    expect(answer).toEqual({
      ok: true,
      invite_id: expect.any(String),
      is_legacy_shared_channel: false,
      conf_code: expect.any(String),
      url: expect.stringContaining(String(answer.conf_code)),
    });
  });

  test('names the scopes that the token has and that the method takes', async () => {
    const { headers } = await ask(good);
    expect(headers.get('x-oauth-scopes')).toBe('conversations.connect:write,chat:write');
    expect(headers.get('x-accepted-oauth-scopes')).toBe('conversations.connect:write');
  });

  test('sends an e-mail that names the workspace, the channel and the link', async () => {
    const { invite_id, url } = await answerTo({ ...good, external_limited: false });
    const [mail, ...others] = await slack.sandbox('mailbox');
    expect(others).toEqual([]);
    expect(mail).toMatchObject({
      via: 'email',
      recipient_email: good.emails?.[0],
      invite_id,
      subject: 'Acme Corp invites you to #partner-launch on Slack',
      text: expect.stringContaining(String(url)),
    });
  });

  test('to a user id sends a notification in Slack', async () => {
    const { token, channel } = good;
    expect(await answerTo({ token, channel, user_ids: ['U0PARTNER02'] })).toMatchObject({
      ok: true,
    });
    for (const list of ['invites', 'mailbox']) {
      const [entry] = await slack.sandbox(list);
      expect(entry.recipient_user_id).toBe('U0PARTNER02');
      expect(entry).not.toHaveProperty('recipient_email');
    }
  });

  test('holds 20 times in a row, to the same address and to others', async () => {
    for (let n = 0; n < 20; n++) {
      const emails = [n % 2 === 0 ? 'casey@partner.example' : `guest${n}@partner.example`];
      expect(await answerTo({ ...good, emails })).toMatchObject({ ok: true });
    }
  });

  test('is open for 14 days', async () => {
    await answerTo(good);
    const [{ date_created, date_invalid }] = await slack.sandbox('invites');
    expect(date_invalid - date_created).toBe(1_209_600);
  });

  test('of an old shared channel says so', async () => {
    expect(await answerTo({ ...good, channel: 'C0LEGACY001' })).toMatchObject({
      is_legacy_shared_channel: true,
    });
  });
});

describe('the checks', () => {
  test('name the missing scope and those there are', async () => {
    expect(await answerTo({ ...good, token: 'xoxb-local-acme-noscope' })).toEqual({
      ok: false,
      error: 'missing_scope',
      needed: 'conversations.connect:write',
      provided: 'chat:write,channels:read',
    });
  });

  test.each([
    ['the token before the arguments', { token: 'xoxb-no', channel: '' }, 'invalid_auth'],
    [
      'the scope before the channel',
      { token: 'xoxb-local-acme-noscope', channel: 'C0NOWHERE01' },
      'missing_scope',
    ],
    [
      'the arguments before the channel',
      { token: TOKEN, channel: 'C0NOWHERE01' },
      'recipients_not_specified',
    ],
    [
      'the channel before the recipient',
      { token: TOKEN, channel: 'C0ARCHIVE01', emails: ['no address'] },
      'channel_archived',
    ],
  ])('look at %s', async (_order, request, code) => {
    expect(await answerTo(request)).toMatchObject({ error: code });
  });

  test.each([
    ['a channel of another workspace', { channel: 'C0CAUTIOUS1' }, 'channel_not_found'],
    ['a private channel without the app in it', { channel: 'C0SECRET001' }, 'channel_not_found'],
    ['a name that every object has', { channel: 'constructor' }, 'channel_not_found'],
    ['a group message', { channel: 'G0GROUPDM01' }, 'invalid_channel_type'],
    ['a member by user id', { emails: [], user_ids: ['U0PARTNER01'] }, 'already_in_channel'],
    [
      'a member in capital letters',
      { emails: ['ALREADY.THERE@partner.example'] },
      'already_in_channel',
    ],
    [
      'an org-wide channel',
      {
        token: 'xoxb-local-globex-invites',
        channel: 'C0ORGWIDE01',
      },
      'cannot_share_cross_workspace_channel',
    ],
    ['a user token of a deleted workspace', { token: 'xoxp-local-closed-kim' }, 'token_revoked'],
    [
      'a bot token of a deleted workspace',
      { token: 'xoxb-local-closed-invites' },
      'account_inactive',
    ],
    ['an expired token under rotation', { token: 'xoxe.xoxb-local-acme-expired' }, 'token_expired'],
    [
      'a person of a shut-out company by user id',
      { emails: [], user_ids: ['U0RIVAL0001'] },
      'access_denied',
    ],
    [
      "a colleague of one's own by user id",
      { emails: [], user_ids: ['U0ACMEGST01'] },
      'user_not_found',
    ],
    ['a URL without a scheme in a message', { message: 'see www.acme.example' }, 'url_in_message'],
    ['a user of nowhere', { emails: [], user_ids: ['U0NOBODY001'] }, 'user_not_found'],
    ['a user who has left', { emails: [], user_ids: ['U0PARTNER03'] }, 'user_not_found'],
    [
      'a user whom only another workspace knows',
      {
        token: 'xoxb-local-cautious-invites',
        channel: 'C0CAUTIOUS1',
        emails: [],
        user_ids: ['U0PARTNER02'],
      },
      'user_not_found',
    ],
    ['two user ids', { emails: [], user_ids: ['U0PARTNER02', 'U0STRANGER1'] }, 'invalid_arguments'],
    ['an address and a user id', { user_ids: ['U0PARTNER02'] }, 'invalid_arguments'],
    ['an address without a dotted domain', { emails: ['casey@localhost'] }, 'invalid_email'],
    ['an address of 255 characters', { emails: [`a@${'b.'.repeat(125)}com`] }, 'invalid_email'],
    ['an app-level token', { token: 'xapp-local-acme-invites' }, 'not_allowed_token_type'],
    ['a token like a built-in name', { token: '__proto__' }, 'invalid_auth'],
  ])('refuse %s', async (_name, change, code) => {
    expect(await answerTo({ ...good, ...change })).toMatchObject({ ok: false, error: code });
  });

  test.each([
    ['a private channel with the app in it', { channel: 'C0PRIVATE01' }],
    ['a message of 560 characters', { message: '\u{1f44b}'.repeat(560) }],
    [
      'an org-wide token in a workspace that it was granted',
      { token: 'xoxb-local-globex-org', channel: 'C0GLOBEX001' },
    ],
    ['a rotated token', { token: 'xoxe.xoxb-local-acme-invites' }],
    [
      'a limited invitation where full ones are forbidden',
      {
        token: 'xoxb-local-cautious-invites',
        channel: 'C0CAUTIOUS1',
      },
    ],
  ])('permit %s', async (_name, change) => {
    expect(await answerTo({ ...good, ...change })).toMatchObject({ ok: true });
  });
});

describe('auth.test', () => {
  const whoIs = async (token: string) => {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${slack.apiUrl}auth.test`, { method: 'POST', headers });
    return response.json();
  };

  test('says who the token is', async () => {
    expect(await whoIs(TOKEN)).toEqual({
      ok: true,
      url: 'https://acme.slack.example/',
      team: 'Acme Corp',
      user: 'acme-invites',
      team_id: 'T0ACMECORP1',
      user_id: 'U0ACMEBOT01',
      bot_id: 'B0ACMEBOT01',
      is_enterprise_install: false,
    });
  });

  test('says so when the token is org-wide, and names the organization', async () => {
    expect(await whoIs('xoxb-local-globex-org')).toMatchObject({
      team_id: 'T0GLOBEX001',
      enterprise_id: 'E0GLOBEX001',
      is_enterprise_install: true,
    });
  });

  test('asks for no scope', async () => {
    expect(await whoIs('xoxb-local-acme-noscope')).toMatchObject({ ok: true });
  });

  test('refuses a dead token', async () => {
    expect(await whoIs('xoxb-local-acme-revoked')).toEqual({ ok: false, error: 'token_revoked' });
  });

  test('is answered to an empty form as well', async () => {
    const response = await fetch(`${slack.apiUrl}auth.test`, {
      method: 'POST',
      headers: { ...BEARER, 'content-type': 'application/x-www-form-urlencoded' },
      body: '',
    });
    expect(await response.json()).toMatchObject({ ok: true, team_id: 'T0ACMECORP1' });
  });
});

test('two servers give the same ids for the same calls', async () => {
  const other = await startSlack();
  const here = [await slack.inviteJson(), await slack.inviteJson()];
  const there = [await other.inviteJson(GOOD_FORM), await other.inviteJson(GOOD_FORM)];
  expect(there).toEqual(here);
  expect(here[0]?.invite_id).not.toBe(here[1]?.invite_id);
  await other.close();
});
