import { expect, test } from 'vitest';
import { readWritten } from '../../infra/local/config-as-written.ts';
import { exampleOf } from '../../infra/local/example.ts';

const SHIPPED = readWritten({}).policy;
const OWN = { allowedChannels: ['C012AB3CD4E'], allowedEmailDomains: ['acme-partner.example'] };
const channel = 'C0PARTNER01';
const request = (email: string) => ({ request: { channel, emails: [email] } });

test.each([
  [{}, 'casey@partner.example'],
  [{ allowedChannels: ['*'] }, 'casey@partner.example'],
  [{ allowedEmailDomains: ['other.example'] }, 'casey@other.example'],
  [{ allowedEmailDomains: ['*.other.example'] }, 'casey@team.other.example'],
  [{ allowedEmailDomains: ['*'] }, 'casey@partner.example'],
  [
    { allowedEmailDomains: ['a.example', 'b.example'], deniedEmailDomains: ['a.example'] },
    'casey@b.example',
  ],
])('a policy that allows it has an example: %j', (changes, email) => {
  expect(exampleOf({ ...SHIPPED, ...changes })).toEqual(request(email));
});

const CHANNELS = `-c 'slackConnectInvites.allowedChannels=["*"]'`;
const DOMAINS = `-c 'slackConnectInvites.allowedEmailDomains=["*"]'`;
const DENIED = `-c 'slackConnectInvites.deniedEmailDomains=[]'`;
test.each([
  [OWN, [CHANNELS]],
  [{ allowedChannels: [] }, [CHANNELS]],
  [{ allowedEmailDomains: [] }, [DOMAINS]],
  [{ deniedEmailDomains: ['*'] }, [DENIED]],
  [
    { allowedChannels: [], allowedEmailDomains: [], deniedEmailDomains: ['*'] },
    [CHANNELS, DENIED, DOMAINS],
  ],
])('a policy that allows none has the options with which it does: %j', (changes, options) => {
  expect(exampleOf({ ...SHIPPED, ...changes })).toEqual({ options });
  const context = Object.fromEntries(
    options.map((option) => /^-c '([^=]+)=(.*)'$/.exec(option)?.slice(1) as [string, string]),
  );
  const { policy } = readWritten(context);
  expect(exampleOf({ ...policy, ...without(changes, options) })).toHaveProperty('request');
});

/** The parts of a policy that no option replaces. */
const without = (changes: object, options: string[]) =>
  Object.fromEntries(
    Object.entries(changes).filter(([key]) => !options.some((option) => option.includes(key))),
  );

test('what is wrong in the configuration is left to the synthesis', () => {
  const context = { 'slackConnectInvites.allowedChannels': '7' };
  expect(readWritten(context).policy.allowedChannels).toEqual([]);
});

test('sources of the configuration are told apart from none at all', () => {
  expect(readWritten({}).sources).toBeUndefined();
  expect(readWritten({ 'slackConnectInvites.sources': '{}' }).sources).toEqual({});
});
