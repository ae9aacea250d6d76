import { describe, expect, test } from 'vitest';
import {
  type ChannelPolicy,
  mayRead,
  type Policy,
  refusalOf,
} from '../../functions/invites/policy.ts';
import { parseRequest } from '../../functions/invites/request.ts';

const CHANNEL = 'C0PARTNER01';
const ROW: ChannelPolicy = { emailDomains: ['partner.example'] };
const POLICY: Policy = { channels: { [CHANNEL]: ROW }, deniedEmailDomains: [], readers: [] };
const BY_EMAIL = { channel: CHANNEL, emails: 'casey@partner.example' };
const BY_USER_ID = { channel: CHANNEL, user_ids: 'U012AB3CD4E' };
const CALLER = ['user/hr'];

const withRow = (row: Partial<ChannelPolicy>): Partial<Policy> => ({
  channels: { [CHANNEL]: { ...ROW, ...row } },
});

/** @returns the code of the refusal and the key that it names, or undefined for an allowed request. */
const decide = (
  policy: Partial<Policy>,
  input: object,
  names = CALLER,
): [string, string] | undefined => {
  const refusal = refusalOf({ ...POLICY, ...policy }, parseRequest(input), names);
  if (!refusal) return undefined;
  const { error } = refusal;
  expect(error).toMatchObject({ name: 'NotAllowed', status: 403, retryable: false });
  expect(error.message).not.toContain('casey');
  expect(error.message).not.toContain('user/hr');
  const keys = [...error.message.matchAll(/slackConnectInvites\.([\w.*]+\w)/g)];
  return [error.facts.code, keys.map(([, key]) => key).join()];
};

test('what is listed is allowed', () => {
  expect(decide({}, BY_EMAIL)).toBeUndefined();
});

const FULL = { external_limited: false };
const ROW_KEY = `channels.${CHANNEL}`;

test.each<[string, string, string, Partial<Policy>, object]>([
  [
    'channel_not_allowed',
    'channels.C0PARTNER02',
    'another channel',
    {},
    { ...BY_EMAIL, channel: 'C0PARTNER02' },
  ],
  [
    'channel_not_allowed',
    'channels.C0PARTNER011',
    'a longer channel id',
    {},
    { ...BY_EMAIL, channel: 'C0PARTNER011' },
  ],
  ['channel_not_allowed', ROW_KEY, 'no channel listed', { channels: {} }, BY_EMAIL],
  [
    'caller_not_allowed',
    `${ROW_KEY}.callers`,
    'other callers listed',
    withRow({ callers: ['role/hr', 'user/h', 'user/hrs'] }),
    BY_EMAIL,
  ],
  ['full_access_not_allowed', `${ROW_KEY}.fullAccess`, 'by e-mail', {}, { ...BY_EMAIL, ...FULL }],
  [
    'full_access_not_allowed',
    `${ROW_KEY}.fullAccess`,
    'by user id',
    withRow({ userIds: true }),
    { ...BY_USER_ID, ...FULL },
  ],
  [
    'user_ids_not_allowed',
    `${ROW_KEY}.userIds`,
    'whatever the domains',
    withRow({ emailDomains: ['*'] }),
    BY_USER_ID,
  ],
  [
    'email_domain_not_allowed',
    `${ROW_KEY}.emailDomains`,
    'no domain listed',
    withRow({ emailDomains: [] }),
    BY_EMAIL,
  ],
  [
    'email_domain_not_allowed',
    'channels.*.emailDomains',
    'the row of all channels',
    { channels: { '*': { emailDomains: ['other.example'] } } },
    BY_EMAIL,
  ],
  [
    'email_domain_denied',
    'deniedEmailDomains',
    'listed too',
    { deniedEmailDomains: ['partner.example'] },
    BY_EMAIL,
  ],
  [
    'email_domain_denied',
    'deniedEmailDomains',
    'where all are allowed',
    { ...withRow({ emailDomains: ['*'] }), deniedEmailDomains: ['Partner.EXAMPLE'] },
    BY_EMAIL,
  ],
  [
    'email_domain_denied',
    'deniedEmailDomains',
    'where all are denied',
    { ...withRow({ emailDomains: ['*'] }), deniedEmailDomains: ['*'] },
    BY_EMAIL,
  ],
])('%s, naming %s: %s', (code, key, _what, policy, input) => {
  expect(decide(policy, input)).toEqual([code, key]);
});

test.each<[string, Partial<Policy>, object]>([
  ['any channel by *', { channels: { '*': ROW } }, { ...BY_EMAIL, channel: 'C0PARTNER02' }],
  ['any domain by *', withRow({ emailDomains: ['*'] }), { ...BY_EMAIL, emails: 'a@b.co' }],
  ['a user id where the channel says so', withRow({ userIds: true, emailDomains: [] }), BY_USER_ID],
  [
    'full access where the channel says so',
    withRow({ fullAccess: true }),
    { ...BY_EMAIL, ...FULL },
  ],
  ['a caller that is listed', withRow({ callers: ['role/x', 'user/hr'] }), BY_EMAIL],
])('%s is allowed', (_name, policy, input) => {
  expect(decide(policy, input)).toBeUndefined();
});

test('a channel has its own domains only: nobody of one customer gets into the room of another', () => {
  const channels = {
    C0CUSTOMERA: { emailDomains: ['a.example'] },
    C0CUSTOMERB: { emailDomains: ['b.example'], userIds: true, fullAccess: true },
    '*': { emailDomains: ['*'], userIds: true, fullAccess: true },
  };
  const into = (channel: string, input: object) => decide({ channels }, { channel, ...input });
  const [a, b] = [{ emails: 'casey@a.example' }, { emails: 'casey@b.example' }];
  expect(into('C0CUSTOMERA', a)).toBeUndefined();
  expect(into('C0CUSTOMERB', b)).toBeUndefined();
  expect(into('C0CUSTOMERA', b)?.[0]).toBe('email_domain_not_allowed');
  expect(into('C0CUSTOMERB', a)?.[0]).toBe('email_domain_not_allowed');
  expect(into('C0CUSTOMERA', { user_ids: 'U012AB3CD4E' })?.[0]).toBe('user_ids_not_allowed');
  expect(into('C0CUSTOMERA', { ...a, ...FULL })?.[0]).toBe('full_access_not_allowed');
  expect(into('C0CUSTOMERC', b)).toBeUndefined();
});

describe('a domain', () => {
  test.each<[pattern: string, domain: string, matches: boolean]>([
    ['partner.example', 'partner.example', true],
    ['partner.example', 'PARTNER.Example', true],
    ['Partner.Example', 'partner.example', true],
    ['partner.example', 'partner.example.evil.test', false],
    ['partner.example', 'evilpartner.example', false],
    ['partner.example', 'evil-partner.example', false],
    ['partner.example', 'sub.partner.example', false],
    ['partner.example', 'partnerxexample.co', false],
    ['partner.example', 'partner.example.co', false],
    ['*.partner.example', 'sub.partner.example', true],
    ['*.partner.example', 'a.b.partner.example', true],
    ['*.Partner.Example', 'SUB.partner.example', true],
    ['*.partner.example', 'partner.example', false],
    ['*.partner.example', 'evilpartner.example', false],
    ['*.partner.example', 'sub.partner.example.evil.test', false],
    ['*.partner.example', 'sub.evilpartner.example', false],
  ])('%s listed, %s asked for: %s', (pattern, domain, matches) => {
    const input = { ...BY_EMAIL, emails: `casey@${domain}` };
    const allowed = decide(withRow({ emailDomains: ['other.example', pattern] }), input);
    expect(allowed === undefined).toBe(matches);
    if (!matches) return;
    // The same pattern denies what it would allow.
    const all = withRow({ emailDomains: ['*'] });
    const denied = decide({ ...all, deniedEmailDomains: ['other.example', pattern] }, input);
    expect(denied?.[0]).toBe('email_domain_denied');
  });

  test.each([
    ['acme.example', 'eu.acme.example', true],
    ['acme.example', 'a.b.acme.example', true],
    ['Acme.Example', 'EU.acme.example', true],
    ['acme.example', 'notacme.example', false],
    ['acme.example', 'acme.example.test', false],
    ['*.acme.example', 'acme.example', false],
    ['*.acme.example', 'a.b.acme.example', true],
  ])('%s denied, %s asked for: denied %s, since its subdomains are, too', (pattern, domain, is) => {
    const policy = { ...withRow({ emailDomains: ['*'] }), deniedEmailDomains: [pattern] };
    const refused = decide(policy, { ...BY_EMAIL, emails: `casey@${domain}` });
    expect(refused?.[0]).toBe(is ? 'email_domain_denied' : undefined);
  });

  test('is shown as it was compared', () => {
    const input = parseRequest({ ...BY_EMAIL, emails: 'casey@XN--bcher-kva.Example' });
    const { error } = refusalOf(POLICY, input, CALLER) ?? {};
    expect(error?.message).toContain('The domain xn--bcher-kva.example is not listed');
    const denied = { ...POLICY, deniedEmailDomains: ['*'] };
    expect(refusalOf(denied, input, CALLER)?.error.message).toContain('xn--bcher-kva.example');
  });

  test('is not looked for in the name before the @', () => {
    const input = { ...BY_EMAIL, emails: 'casey.partner.example@evil.test' };
    expect(decide({}, input)?.[0]).toBe('email_domain_not_allowed');
  });
});

describe('a refusal can be healed by a grant', () => {
  test.each<[boolean, string, Partial<Policy>, object]>([
    [true, 'of an unlisted channel', { channels: {} }, BY_EMAIL],
    [true, 'of a caller', withRow({ callers: ['task'] }), BY_EMAIL],
    [true, 'of a domain', withRow({ emailDomains: [] }), BY_EMAIL],
    [false, 'of a denied domain', { deniedEmailDomains: ['*'] }, BY_EMAIL],
    [false, 'of full access', {}, { ...BY_EMAIL, ...FULL }],
    [false, 'of a domain with full access', { channels: {} }, { ...BY_EMAIL, ...FULL }],
    [false, 'of a user id', { channels: {} }, BY_USER_ID],
  ])('%s: %s', (isGrantable, _what, policy, input) => {
    const refusal = refusalOf({ ...POLICY, ...policy }, parseRequest(input), CALLER);
    expect(refusal).toMatchObject({ isGrantable });
  });
});

describe('the invites of a channel are read', () => {
  const policy: Policy = {
    channels: { [CHANNEL]: { emailDomains: [], callers: ['role/crm'] }, C0OPEN00001: ROW },
    deniedEmailDomains: ['*'],
    readers: ['role/auditor', 'group/security'],
  };
  test.each<[string, string[], boolean]>([
    [CHANNEL, ['role/crm'], true],
    [CHANNEL, ['user/crm'], false],
    [CHANNEL, [], false],
    [CHANNEL, ['jwt/ann', 'group/security'], true],
    ['C0OPEN00001', ['user/anybody'], true],
    ['C0UNLISTED1', ['role/crm'], false],
    ['C0UNLISTED1', ['role/auditor'], true],
  ])('%s by %j: %s, whatever the domains', (channel, names, may) => {
    expect(mayRead(policy, channel, names)).toBe(may);
  });

  test('and readers never send by it', () => {
    const input = parseRequest({ channel: CHANNEL, emails: 'casey@partner.example' });
    const undenied = { ...policy, deniedEmailDomains: [] };
    expect(refusalOf(undenied, input, ['role/auditor'])?.error.facts.code).toBe(
      'caller_not_allowed',
    );
  });
});

test('a channel that is called as something of every object is not listed', () => {
  const policy = { ...POLICY, channels: {} };
  for (const channel of ['constructor', '__proto__', 'toString']) {
    expect(mayRead(policy, channel, CALLER)).toBe(false);
  }
});
