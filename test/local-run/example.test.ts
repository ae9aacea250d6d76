import { expect, test } from 'vitest';
import type { ChannelPolicy } from '../../functions/invites/policy.ts';
import { readWritten } from '../../infra/local/config-as-written.ts';
import { exampleOf } from '../../infra/local/example.ts';

const SHIPPED = readWritten({}).policy;
const channel = 'C0PARTNER01';
const request = (email: string) => ({ request: { channel, emails: [email] } });
const withRow = (row: Partial<ChannelPolicy>, key = channel) => ({
  channels: { [key]: { emailDomains: ['partner.example'], ...row } },
});

test.each([
  [{}, 'casey@partner.example'],
  [withRow({}, '*'), 'casey@partner.example'],
  [withRow({ emailDomains: ['other.example'] }), 'casey@other.example'],
  [withRow({ emailDomains: ['*.other.example'] }), 'casey@team.other.example'],
  [withRow({ emailDomains: ['*'] }), 'casey@partner.example'],
  [withRow({ callers: ['task', 'user/local'] }), 'casey@partner.example'],
  [
    {
      ...withRow({ emailDomains: ['a.example', 'b.example'] }),
      deniedEmailDomains: ['a.example'],
    },
    'casey@b.example',
  ],
])('a policy that allows it has an example: %j', (changes, email) => {
  expect(exampleOf({ ...SHIPPED, ...changes })).toEqual(request(email));
});

const ROW = `-c 'slackConnectInvites.channels.C0PARTNER01={"emailDomains":["partner.example"]}'`;
const DENIED = `-c 'slackConnectInvites.deniedEmailDomains=[]'`;
test.each([
  [withRow({ emailDomains: ['acme-partner.example'] }, 'C012AB3CD4E'), [ROW]],
  [{ channels: {} }, [ROW]],
  [withRow({ emailDomains: [] }), [ROW]],
  [withRow({ callers: ['role/crm'] }), [ROW]],
  [{ deniedEmailDomains: ['*'] }, [DENIED]],
  [{ channels: {}, deniedEmailDomains: ['*'] }, [DENIED, ROW]],
  [{ ...withRow({ emailDomains: ['a.example'] }), deniedEmailDomains: ['a.example'] }, [ROW]],
])('a policy that allows none has the options with which it does: %j', (changes, options) => {
  expect(exampleOf({ ...SHIPPED, ...changes })).toEqual({ options });
  const context = Object.fromEntries(
    options.map((option) => /^-c '([^=]+)=(.*)'$/.exec(option)?.slice(1) as [string, string]),
  );
  const { policy } = readWritten({
    ...Object.fromEntries(
      Object.entries(changes).map(([key, value]) => [
        `slackConnectInvites.${key}`,
        JSON.stringify(value),
      ]),
    ),
    ...context,
  });
  expect(exampleOf(policy)).toHaveProperty('request');
});

test('what is wrong in the configuration is left to the synthesis', () => {
  const context = {
    'slackConnectInvites.channels': '{"C1":7,"C2":{"emailDomains":8,"callers":"x"}}',
    'slackConnectInvites.readers': '{}',
  };
  expect(readWritten(context).policy).toMatchObject({
    channels: { C1: { emailDomains: [] }, C2: { emailDomains: [], callers: ['x'] } },
    readers: [],
  });
});

test('sources of the configuration are told apart from none at all', () => {
  expect(readWritten({}).sources).toBeUndefined();
  expect(readWritten({ 'slackConnectInvites.sources': '{}' }).sources).toEqual({});
});
