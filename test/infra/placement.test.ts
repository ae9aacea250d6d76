import { expect, test } from 'vitest';
import { loadConfig } from '../../infra/config/load.ts';
import { checkPlacement, placementOf } from '../../infra/config/placement.ts';
import { SECRET_ARN } from './configurations.ts';

const HERE = { region: 'eu-central-1', account: '111122223333' };
const TABLE_ARN = 'arn:aws:dynamodb:eu-central-1:111122223333:table/Restored';
const CERTIFICATE_ARN = 'arn:aws:acm:eu-central-1:111122223333:certificate/abc-1';

const config = (keys: object = {}) =>
  loadConfig({ slackConnectInvites: { channels: { '*': {} }, ...keys } });
const EVERYTHING = config({
  tableArn: TABLE_ARN,
  secretArn: SECRET_ARN,
  webhookSecretArn: SECRET_ARN,
  lookupSecretArn: SECRET_ARN,
  lifecycle: { signingSecretArn: SECRET_ARN },
  domainName: 'invites.acme.example',
  certificateArn: CERTIFICATE_ARN,
});

test('what stands in the account and region of the stack can be used', () => {
  expect(checkPlacement(EVERYTHING, HERE)).toEqual([]);
});

test('where the stack goes is what the CDK CLI tells; without it, nothing is compared', () => {
  expect(placementOf({ CDK_DEFAULT_REGION: 'eu-west-1', CDK_DEFAULT_ACCOUNT: '1' })).toEqual({
    region: 'eu-west-1',
    account: '1',
  });
  expect(checkPlacement(EVERYTHING, placementOf({}))).toEqual([]);
});

test('each ARN of another region is refused by its key', () => {
  const there = { ...HERE, region: 'eu-west-1' };
  for (const key of [
    ...['tableArn', 'secretArn', 'webhookSecretArn', 'lookupSecretArn', 'certificateArn'],
    'lifecycle.signingSecretArn',
  ]) {
    expect(() => checkPlacement(EVERYTHING, there)).toThrow(
      new RegExp(
        `slackConnectInvites\\.${key}: found arn.*; allowed: an ARN in eu-west-1, the region`,
      ),
    );
  }
});

test("another account's table or certificate is refused, and its secret is worth a warning", () => {
  const there = { ...HERE, account: '999999999999' };
  expect(() => checkPlacement(EVERYTHING, there)).toThrow(
    /tableArn: .*in 999999999999, the account/,
  );
  expect(() => checkPlacement(EVERYTHING, there)).toThrow(/certificateArn: /);
  const [warning] = checkPlacement(config({ secretArn: SECRET_ARN }), there);
  expect(warning).toMatch(/secretArn: .*of another account than 999999999999: .*kms:Decrypt/);
});

test.each(['ap-east-2', 'ap-southeast-6'])('%s is named, since it has no HTTP APIs', (region) => {
  expect(() => checkPlacement(config(), { ...HERE, region })).toThrow(
    `region: found ${region}; allowed: a region with HTTP APIs`,
  );
});
