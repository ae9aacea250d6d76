import { describe, expect, test } from 'vitest';
import { InviteError } from '../../functions/errors/invite-error.ts';
import { enforcePolicy, type Policy } from '../../functions/invites/policy.ts';
import { parseRequest } from '../../functions/invites/request.ts';

const CHANNEL = 'C0PARTNER01';
const POLICY: Policy = {
  allowedChannels: [CHANNEL],
  allowedEmailDomains: ['partner.example'],
  deniedEmailDomains: [],
  allowUserIds: false,
  allowFullAccess: false,
};
const BY_EMAIL = { channel: CHANNEL, emails: 'casey@partner.example' };
const BY_USER_ID = { channel: CHANNEL, user_ids: 'U012AB3CD4E' };

/** @returns the code of the refusal and the key that it names, or undefined for an allowed ask. */
const decide = (policy: Partial<Policy>, input: object): [string, string] | undefined => {
  try {
    enforcePolicy({ ...POLICY, ...policy }, parseRequest(input));
    return undefined;
  } catch (error) {
    if (!(error instanceof InviteError)) throw error;
    expect(error).toMatchObject({ name: 'NotAllowed', status: 403, retryable: false });
    expect(error.message).not.toMatch(/casey|partner\.example/i);
    const keys = [...error.message.matchAll(/slackConnectInvites\.(\w+)/g)].map(([, key]) => key);
    return [error.facts.code, keys.join()];
  }
};

test('what is listed is allowed', () => {
  expect(decide({}, BY_EMAIL)).toBeUndefined();
});

const KEYS = {
  channel_not_allowed: 'allowedChannels',
  full_access_not_allowed: 'allowFullAccess',
  user_ids_not_allowed: 'allowUserIds',
  email_domain_not_allowed: 'allowedEmailDomains',
  email_domain_denied: 'deniedEmailDomains',
};
const ALL = { allowedEmailDomains: ['*'] };

test.each<[keyof typeof KEYS, string, Partial<Policy>, object]>([
  ['channel_not_allowed', 'another channel', {}, { ...BY_EMAIL, channel: 'C0PARTNER02' }],
  ['channel_not_allowed', 'a longer channel id', {}, { ...BY_EMAIL, channel: 'C0PARTNER011' }],
  ['channel_not_allowed', 'no channel listed', { allowedChannels: [] }, BY_EMAIL],
  ['full_access_not_allowed', 'by e-mail', {}, { ...BY_EMAIL, external_limited: false }],
  [
    'full_access_not_allowed',
    'by user id',
    { allowUserIds: true },
    { ...BY_USER_ID, external_limited: false },
  ],
  ['user_ids_not_allowed', 'whatever the domains', ALL, BY_USER_ID],
  ['email_domain_not_allowed', 'no domain listed', { allowedEmailDomains: [] }, BY_EMAIL],
  ['email_domain_denied', 'listed too', { deniedEmailDomains: ['partner.example'] }, BY_EMAIL],
  [
    'email_domain_denied',
    'where all are allowed',
    { ...ALL, deniedEmailDomains: ['Partner.EXAMPLE'] },
    BY_EMAIL,
  ],
  ['email_domain_denied', 'where all are denied', { ...ALL, deniedEmailDomains: ['*'] }, BY_EMAIL],
])('%s, naming its key: %s', (code, _what, policy, input) => {
  expect(decide(policy, input)).toEqual([code, KEYS[code]]);
});

test.each<[string, Partial<Policy>, object]>([
  ['any channel by *', { allowedChannels: ['*'] }, { ...BY_EMAIL, channel: 'C0PARTNER02' }],
  ['any domain by *', { allowedEmailDomains: ['*'] }, { ...BY_EMAIL, emails: 'a@b.co' }],
  ['a user id where the key says so', { allowUserIds: true, allowedEmailDomains: [] }, BY_USER_ID],
  [
    'full access where the key says so',
    { allowFullAccess: true },
    { ...BY_EMAIL, external_limited: false },
  ],
])('%s is allowed', (_name, policy, input) => {
  expect(decide(policy, input)).toBeUndefined();
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
    const ask = { ...BY_EMAIL, emails: `casey@${domain}` };
    const allowed = decide({ allowedEmailDomains: ['other.example', pattern] }, ask);
    expect(allowed === undefined).toBe(matches);
    // The same pattern denies exactly what it would allow.
    const lists = { allowedEmailDomains: ['*'], deniedEmailDomains: ['other.example', pattern] };
    expect(decide(lists, ask) === undefined).toBe(!matches);
  });

  test('is not looked for in the name before the @', () => {
    const ask = { ...BY_EMAIL, emails: 'casey.partner.example@evil.test' };
    expect(decide({}, ask)).toEqual(['email_domain_not_allowed', 'allowedEmailDomains']);
  });
});
