import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runScript } from '../support/command.ts';

const SCRIPT = 'infra/operate/rule.ts';

const CHANNEL = 'C0PARTNER01';
const SOURCES = {
  greenhouse: {
    provider: 'greenhouse',
    rules: [
      {
        when: 'action = "hire_candidate"',
        invite: {
          channel: CHANNEL,
          email: 'payload.application.candidate.email_addresses.value',
          reference: 'payload.application.id',
        },
      },
      { when: 'action = hire_candidate', invite: { channel: CHANNEL, email: 'action' } },
      { when: 'true', invite: { channel: CHANNEL, email: 'payload.application.id' } },
      { when: 'true', invite: { channel: CHANNEL, email: '$lowercase(payload)' } },
      { when: '$error(action)', invite: { channel: CHANNEL, email: 'action' } },
      { when: 'true', invite: { channel: CHANNEL, email: 'payload.application.nobody' } },
    ],
  },
  acme: {
    provider: 'generic',
    auth: { header: { name: 'x-token' } },
    events: 'people',
    rules: [
      {
        when: '$headers."x-event" = "hired"',
        invite: { channel: CHANNEL, email: 'people.email' },
      },
    ],
  },
  dated: {
    provider: 'generic',
    auth: { header: { name: 'x-token' } },
    events: 'people',
    time: 'people.at',
    maxAge: 86_400,
    rules: [{ when: 'true', invite: { channel: CHANNEL, email: 'people.email' } }],
  },
  mistaken: {
    provider: 'generic',
    auth: { header: { name: 'x-token' } },
    events: 'people',
    rules: [
      {
        when: 'people.status = hired',
        invite: { channel: CHANNEL, email: 'people.email' },
      },
    ],
  },
  bamboohr: {
    provider: 'bamboohr',
    rules: [{ when: 'type = "employee.created"', invite: { channel: CHANNEL } }],
    lookup: { url: 'https://api.example.com/{id}', email: 'homeEmail' },
  },
};

/** The command with nothing of this process's environment. */
const rule = (args: string[], input = '', env: NodeJS.ProcessEnv = {}) => {
  const sources = `slackConnectInvites.sources=${JSON.stringify(SOURCES)}`;
  return runScript(SCRIPT, [...args, '-c', sources], { env, input });
};

test('says of each rule on the provider’s sample what it would do, and what is wrong with it', async () => {
  const { code, stdout, stderr } = await rule(['--source', 'greenhouse']);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(
    stdout,
  ).toBe(`Check rule 1: when \`action = hire_candidate\`: no sample of "greenhouse" has hire_candidate; hire_candidate is read as a field; a text has quotes, such as type = "hire_candidate"

Event 1 of 1, hire_candidate, person 35897443:
  rule 0: email gives several values: the first is taken, 1 left out
  rule 0: taken: invites casey@partner.example into C0PARTNER01, reference 46194062; the policy allows it
  rule 1: not taken: when \`action = hire_candidate\`: it is false
  rule 2: email \`payload.application.id\` failed: wrong_type; it is the number 46194062
  rule 3: email \`$lowercase(payload)\` failed: error; JSONata says: Argument 1 of function "lowercase" does not match function signature
  rule 4: when \`$error(action)\` failed: error; JSONata says: hire_candidate
  rule 5: taken, and nobody is invited: the event does not have an address
`);
});

test('tries a delivery of a file, with its headers, and asks the policy', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rule-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'event.json');
  const people = [{ email: 'a@partner.example' }, { email: 'b@other.example' }, { email: 'none' }];
  writeFileSync(file, JSON.stringify({ people }));
  const { stdout } = await rule([
    '--source',
    'acme',
    '--event',
    file,
    '--header',
    'X-Event: hired',
  ]);
  expect(
    stdout
      .trim()
      .split('\n')
      .filter((line) => line.startsWith('  ')),
  ).toEqual([
    '  rule 0: taken: invites a@partner.example into C0PARTNER01; the policy allows it',
    expect.stringMatching(
      /^ {2}rule 0: taken: invites b@other\.example .*; refused: email_domain_not_allowed: /,
    ),
    expect.stringMatching(
      /^ {2}rule 0: taken: invites none into .*; refused: invalid_request: .*emails/,
    ),
  ]);
});

test('says what a condition names and the delivery does not have', async () => {
  const delivery = JSON.stringify({ people: [{ email: 'a@partner.example' }] });
  const { stdout } = await rule(['--source', 'mistaken', '--event', '-'], delivery);
  expect(stdout).toContain('this delivery has no people.status\n');
  expect(stdout).toContain(
    'this delivery has no hired; hired is read as a field; a text has quotes',
  );
  expect(stdout).toContain('rule 0: not taken: when `people.status = hired`: it is false');
});

test('tries what comes on the standard input, a form too', async () => {
  const args = ['--source', 'bamboohr', '--event', '-'];
  const { stdout } = await rule(args, 'type=employee.created&data[employeeId]=42');
  expect(stdout).toContain(
    'rule 0: taken: looks the address up (GET https://api.example.com/42) and invites it into C0PARTNER01',
  );
  expect((await rule(args, 'type=employee.left')).stdout).toContain('rule 0: not taken: when');
});

test.each([
  ['', 'invalid_json'],
  ['hired', 'invalid_json'],
  ['null', 'not_an_object'],
])('says why the door cannot read %j', async (body, code) => {
  const { stdout } = await rule(['--source', 'acme', '--event', '-'], body);
  expect(stdout).toBe(`\nThe delivery cannot be read: ${code}.\n`);
});

test('says which events the door refuses because of their age', async () => {
  const people = [
    { email: 'a@partner.example', at: new Date().toISOString() },
    { email: 'b@partner.example', at: '2016-01-31' },
  ];
  const args = ['--source', 'dated', '--event', '-'];
  const { stdout } = await rule(args, JSON.stringify({ people }));
  expect(stdout.trim().split('\n')).toEqual([
    'Event 1 of 2:',
    expect.stringContaining('rule 0: taken: invites a@partner.example'),
    '',
    'Event 2 of 2:',
    '  refused: older than maxAge (86400 s), or without a time; otherwise:',
    expect.stringContaining('rule 0: taken: invites b@partner.example'),
  ]);
});

describe('is refused in words', () => {
  test.each([
    ['no source', [], '--source is missing'],
    ['an unknown source', ['--source', 'bamboo'], 'did you mean "bamboohr"?'],
    ['a sender without a sample', ['--source', 'acme'], 'give an event with --event FILE'],
    ['a file that is not there', ['--source', 'acme', '--event', '/nowhere.json'], 'ENOENT'],
    ['a header that is none', ['--source', 'acme', '--header', 'x'], '--header takes NAME:VALUE'],
    ['an unknown option', ['--sorce', 'acme'], 'There are --source, --event'],
  ])('%s', async (_name, args, words) => {
    const { code, stdout, stderr } = await rule(args);
    expect(stderr).toContain(words);
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect(stdout).toBe('');
    expect(code).toBe(1);
  });

  test('an option that npm took for itself', async () => {
    const npm = { npm_config_source: 'true', npm_config_call: 'slackConnectInvites.burst=3' };
    const { code, stderr } = await rule(['acme'], '', npm);
    expect(stderr).toContain('npm took --source, -c for itself: write "--" before the options');
    expect(code).toBe(1);
  });

  test('a configuration that is wrong', async () => {
    const wrong = 'slackConnectInvites.burst=50';
    const { code, stderr } = await rule(['--source', 'acme', '-c', wrong]);
    expect(stderr).toContain('slackConnectInvites.burst: found 50');
    expect(code).toBe(1);
  });
});
