import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { expect, test } from 'vitest';
import { JWT, SECRET_ARN } from './configurations.ts';
import { synthesized } from './synthesized.ts';

const packs = () => [new AwsSolutionsChecks(), new ServerlessChecks()];

test('the shipped stack has no finding of AwsSolutions and Serverless', () => {
  expect(() => synthesized({ validations: packs() })).not.toThrow();
});

test('a stack with tokens of an issuer and an existing secret has no finding either', () => {
  const context = {
    'slackConnectInvites.jwt': JSON.stringify(JWT),
    'slackConnectInvites.secretArn': SECRET_ARN,
  };
  expect(() => synthesized({ context, validations: packs() })).not.toThrow();
});

test('a finding would end the synthesis', () => {
  const finding = { constructPath: 'SlackConnectInvites/ledger/Resource', locations: [] };
  const alwaysFinds = {
    name: 'always-finds',
    validate: () => ({
      success: false,
      violations: [{ ruleName: 'r', description: 'd', violatingResources: [finding] }],
    }),
  };
  expect(() => synthesized({ validations: [alwaysFinds] })).toThrow(/always-finds/);
});
