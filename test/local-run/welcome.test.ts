import { expect, test } from 'vitest';
import { type Running, welcome } from '../../infra/local/welcome.ts';

const running: Running = {
  apiUrl: 'http://127.0.0.1:3000',
  slackUrl: 'http://127.0.0.1:3001',
  awsUrl: 'http://127.0.0.1:3002',
  hrUrl: undefined,
  example: { request: { channel: 'C0PARTNER01', emails: ['casey@partner.example'] } },
  follows: true,
  jwt: undefined,
  deliveries: [],
  emptySecrets: [],
};
test('one line says how to try what becomes of an invitation, where the stack follows it', () => {
  const line =
    /What becomes of it .*Accept at http:\/\/127\.0\.0\.1:3001, .*3002\/_local\/events\n/;
  expect(welcome(running)).toMatch(line);
  expect(welcome({ ...running, follows: false })).not.toMatch(line);
});

test('where the policy allows nothing of the local Slack, the options that do take the place of the examples', () => {
  const options = [`-c 'slackConnectInvites.deniedEmailDomains=[]'`, '-c x'];
  const text = welcome({ ...running, example: { options } });
  expect(text.split('\n')).toContain(`npm start -- ${options.join(' ')}`);
  expect(text).not.toMatch(/curl|npm run invite/);
});

test('where the door takes JWTs, the curl line makes one', () => {
  const jwt = { sub: 'crm', scope: undefined };
  const text = welcome({ ...running, jwt });
  expect(text).toContain('GET /invites/ID; needs a JWT, as npm run jwt prints it\n');
  expect(text).toContain(
    `curl -sS -w '\\n' -H "authorization: Bearer $(npm run -s jwt -- --sub 'crm')" -H 'content-type: application/json' -d '{"channel":"C0PARTNER01","emails":["casey@partner.example"]}' http://127.0.0.1:3000/invites\n`,
  );
  expect(text).not.toMatch(/aws-sigv4|npm run invite/);
  const moved = { ...running, awsUrl: 'http://127.0.0.1:3102', jwt: { ...jwt, scope: 'invites' } };
  expect(welcome(moved)).toContain(
    "$(AWS_PORT=3102 npm run -s jwt -- --sub 'crm' --scope 'invites')",
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

test("sources of the configuration's own are told where their secrets go, by their names", () => {
  expect(welcome(running)).not.toContain('put-secret-value');
  const shape = { bob: 'SIGNING-SECRET' };
  expect(welcome({ ...running, emptySecrets: [{ name: 'Stack-hr-secrets', shape }] })).toContain(
    'secretsmanager put-secret-value --secret-id Stack-hr-secrets --secret-string \'{"bob":"SIGNING-SECRET"}\'\n',
  );
  expect(welcome({ ...running, emptySecrets: [{ name: 'Stack-hr-secrets', shape }] })).toContain(
    'A signing secret shorter than 16 bytes counts as none.',
  );
});
