import { expect, test } from 'vitest';
import { policyRefusal } from '../../infra/local/policy-refusal.ts';
import { type Running, welcome } from '../../infra/local/welcome.ts';

const running: Running = {
  apiUrl: 'http://127.0.0.1:3000',
  slackUrl: 'http://127.0.0.1:3001',
  awsUrl: 'http://127.0.0.1:3002',
  hrUrl: undefined,
  taskFunction: 'Stack-invite-task',
  example: { channel: 'C0PARTNER01', emails: ['casey@partner.example'] },
  refusal: undefined,
  notices: [],
  deliveries: [],
  emptySecret: undefined,
};
const policy = {
  allowedChannels: ['C0PARTNER01'],
  allowedEmailDomains: ['partner.example'],
  deniedEmailDomains: [],
  allowUserIds: false,
  allowFullAccess: false,
};

test('an example that the policy allows stands there without a remark', () => {
  const refusal = policyRefusal(policy, running.example);
  expect(refusal).toBeUndefined();
  expect(welcome({ ...running, refusal })).not.toContain('NotAllowed');
});

test.each([
  [{ allowedChannels: [] }, 'slackConnectInvites.allowedChannels'],
  [{ allowedEmailDomains: ['other.example'] }, 'slackConnectInvites.allowedEmailDomains'],
  [{ deniedEmailDomains: ['*'] }, 'slackConnectInvites.deniedEmailDomains'],
])('an example that the policy refuses has one line with the key: %j', (changes, key) => {
  const refusal = policyRefusal({ ...policy, ...changes }, running.example);
  const lines = welcome({ ...running, refusal }).split('\n');
  expect(lines.filter((line) => line.includes('NotAllowed'))).toEqual([
    expect.stringContaining(key),
  ]);
});

test('where a JWT would be needed, the task door is the way', () => {
  const text = welcome({ ...running, notices: ['No JWT is checked on this machine.'] });
  expect(text).toContain('  No JWT is checked on this machine.\n');
  expect(text).not.toContain('curl');
  expect(text).toContain(
    'aws --endpoint-url http://127.0.0.1:3002 lambda invoke --function-name Stack-invite-task --payload fileb://ask.json answer.json\n',
  );
});

test('each delivery of an HR system has its command on a line of its own', () => {
  const deliveries = [
    { title: 'signed', command: 'curl -d 1 http://127.0.0.1:3000/webhooks/one' },
    { title: 'with a header', command: 'curl -d 2 http://127.0.0.1:3000/webhooks/two' },
  ];
  const lines = welcome({ ...running, deliveries }).split('\n');
  for (const { command } of deliveries) expect(lines).toContain(command);
  expect(lines.at(-1)).toBe('Ready.');
});

test('without sources to try them on, nothing is said of deliveries', () => {
  expect(welcome(running)).not.toMatch(/webhook|HR system/);
});

test('sources of the configuration’s own are told where their secrets go', () => {
  expect(welcome(running)).not.toContain('put-secret-value');
  expect(welcome({ ...running, emptySecret: 'Stack-hr-secrets' })).toContain(
    "secretsmanager put-secret-value --secret-id Stack-hr-secrets --secret-string '{",
  );
});
