import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../infra/config/load.ts';

const CHANNEL = 'C0PARTNER01';

/** @returns what is refused about the one rule of a source, by its field. */
const refusals = (invite: object, policy: object): string[] => {
  const rules = [{ when: 'true', invite: { channel: CHANNEL, email: 'email', ...invite } }];
  const sources = { acme: { provider: 'generic', auth: { basic: true }, rules } };
  try {
    loadConfig({ slackConnectInvites: { ...policy, sources } });
    return [];
  } catch (error) {
    return (error as Error).message.split('\n').slice(1);
  }
};

const row = (fields: object) => ({ channels: { [CHANNEL]: fields } });
const PARTNER = row({ emailDomains: ['partner.example', '*.sub.example'] });

describe("a rule's address is held against its own channel's domains where it says so by a literal", () => {
  test.each([
    ['"casey@partner.example"', true],
    ['"casey@PARTNER.example"', true],
    ["'casey@a.sub.example'", true],
    ['"casey@other.example"', false],
    ['name & "@other.example"', false],
    ['name & "@partner.example"', true],
    ['first & "." & last & "@other.example"', false],
    ['(first & "@other.example")', false],
    ['$lowercase(name) & "@other.example "', false],
    // What it says nothing of is left to the run.
    ['email', true],
    ['name & ".example"', true],
    ['work ? "a@other.example" : home', true],
  ])('%s: taken %s', (email, isTaken) => {
    const lines = refusals({ email }, PARTNER);
    if (isTaken) return expect(lines).toEqual([]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('sources.acme.rules.0.invite.email: found ');
    expect(lines[0]).toContain(
      'allowed: an address in a domain of slackConnectInvites.channels.C0PARTNER01.emailDomains',
    );
  });

  test('and of no other channel, nor of all where the channel has a row', () => {
    const channels = {
      [CHANNEL]: { emailDomains: ['partner.example'] },
      C0OTHER0001: { emailDomains: ['other.example'] },
      '*': { emailDomains: '*' },
    };
    expect(refusals({ email: '"a@other.example"' }, { channels })).toHaveLength(1);
    const other = { email: '"a@other.example"', channel: 'C0OTHER0001' };
    expect(refusals(other, { channels })).toEqual([]);
    expect(refusals({ ...other, channel: 'C0ANY000001' }, { channels })).toEqual([]);
  });

  test('and a denied domain, with its subdomains, is refused by name', () => {
    const policy = { ...row({ emailDomains: '*' }), deniedEmailDomains: ['acme.example'] };
    const [line] = refusals({ email: 'name & "@eu.acme.example"' }, policy);
    expect(line).toContain('no address in a domain of slackConnectInvites.deniedEmailDomains');
  });
});

describe("a rule's source has to be among the callers of its channel", () => {
  test.each([
    [undefined, true],
    [['source/acme'], true],
    [['role/crm', 'source/acme'], true],
    [['source/other', 'role/acme'], false],
  ])('%j: taken %s', (callers, isTaken) => {
    const lines = refusals({}, row({ emailDomains: '*', ...(callers && { callers }) }));
    if (isTaken) return expect(lines).toEqual([]);
    expect(lines[0]).toContain('invite.channel: found "C0PARTNER01"');
    expect(lines[0]).toContain('channels.C0PARTNER01.callers has "source/acme"');
  });
});

test('a channel without domains will do, since grants may allow some', () => {
  expect(refusals({}, row({}))).toEqual([]);
});
