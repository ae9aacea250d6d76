import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import {
  type Deployment,
  deploymentText,
  readDeployment,
} from '../../functions/lambda/environment.ts';

const WRITTEN: Deployment = {
  policy: {
    channels: {
      C0PARTNER01: { emailDomains: ['partner.example'], callers: ['jwt/a"},\n"b', 'jwt/zoë'] },
      C0CUSTOMERB: { emailDomains: [] },
      '*': { emailDomains: ['*'], userIds: true },
    },
    deniedEmailDomains: ['acme.example'],
    readers: ['role/ops'],
  },
  sources: { greenhouse: { provider: 'greenhouse', rules: [] } },
};

const read = (deployment: Partial<Deployment>) => {
  const directory = mkdtempSync(join(tmpdir(), 'deployment-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'deployment.json');
  writeFileSync(file, deploymentText(deployment));
  return readDeployment(file);
};

const rowsOf = (deployment: Partial<Deployment>) => {
  const { channels } = read(deployment).policy ?? {};
  if (typeof channels !== 'function') throw new Error('there are no rows');
  return channels;
};

test.each([
  ['all members', WRITTEN],
  ['no channel', { ...WRITTEN, policy: { ...WRITTEN.policy, channels: {} } }],
  ['the policy alone', { policy: WRITTEN.policy }],
  ['the sources alone', { sources: WRITTEN.sources }],
  ['nothing', {}],
])('the file is JSON as it was written, with %s', (_, deployment) => {
  expect(JSON.parse(deploymentText(deployment))).toEqual(deployment);
  const { policy, ...others } = read(deployment);
  const { policy: expected, ...expectedOthers } = deployment as Partial<Deployment>;
  expect(others).toEqual(expectedOthers);
  expect(policy && { ...policy, channels: 0 }).toEqual(expected && { ...expected, channels: 0 });
});

test.each(Object.entries(WRITTEN.policy.channels))('the row of %s is found', (channel, row) => {
  expect(rowsOf(WRITTEN)(channel)).toEqual(row);
});

test.each(['C0NOWHERE01', 'C0PARTNER0', '0PARTNER01', 'b', '', 'deniedEmailDomains', '__proto__'])(
  'there is no row of %j',
  (channel) => {
    expect(rowsOf(WRITTEN)(channel)).toBeUndefined();
    expect(rowsOf({ policy: { ...WRITTEN.policy, channels: {} } })(channel)).toBeUndefined();
  },
);

test('no row is parsed before it is wanted, and no other one then', () => {
  const parse = vi.spyOn(JSON, 'parse');
  onTestFinished(() => parse.mockRestore());
  const rows = rowsOf(WRITTEN);
  expect(parse.mock.calls.join()).not.toContain('partner.example');
  rows('C0CUSTOMERB');
  expect(parse.mock.calls.join()).not.toContain('partner.example');
});
