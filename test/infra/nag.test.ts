import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type SynthesisOptions, synthesize } from '../../infra/synth.ts';
import { JWT, SECRET_ARN, WITH_SOURCES } from './configurations.ts';

// As for a deploy: with what the CDK validates by itself, too.
vi.stubEnv('CDK_VALIDATION', undefined);

/** A synthesis of this test's own: rules are no part of a template. */
const synthesized = (options: Omit<SynthesisOptions, 'outdir'>) => {
  const outdir = mkdtempSync(join(tmpdir(), 'nag-'));
  onTestFinished(() => rmSync(outdir, { recursive: true }));
  return synthesize({ outdir, bundling: false, ...options });
};

const packs = () => [new AwsSolutionsChecks(), new ServerlessChecks()];

/** The rules alone take seconds to load. */
const SLOW = { timeout: 120_000 };

test('the shipped stack has no finding of AwsSolutions and Serverless', SLOW, () => {
  expect(() => synthesized({ validations: packs() })).not.toThrow();
});

test('a stack with tokens of an issuer and an existing secret has no finding either', SLOW, () => {
  const context = {
    'slackConnectInvites.jwt': JSON.stringify(JWT),
    'slackConnectInvites.secretArn': SECRET_ARN,
  };
  expect(() => synthesized({ context, validations: packs() })).not.toThrow();
});

test(
  'a stack with webhook sources has no finding, with tokens of an issuer or without',
  SLOW,
  () => {
    const jwt = { 'slackConnectInvites.jwt': JSON.stringify(JWT) };
    for (const context of [WITH_SOURCES, { ...WITH_SOURCES, ...jwt }]) {
      expect(() => synthesized({ context, validations: packs() })).not.toThrow();
    }
  },
);

test('a stack that follows its invitations has no finding', SLOW, () => {
  const context = { 'slackConnectInvites.lifecycle': 'true' };
  expect(() => synthesized({ context, validations: packs() })).not.toThrow();
});

test('of the open routes and the secret of webhook sources, one rule each is acknowledged with a reason', () => {
  const { directory, stackName } = synthesized({ context: WITH_SOURCES });
  const all: Record<string, { type: string; data: object }[]> = JSON.parse(
    readFileSync(`${directory}/${stackName}.metadata.json`, 'utf8'),
  );
  const acknowledged = (path: string) =>
    all[`/SlackConnectInvites/${path}`]
      ?.filter(({ type }) => type === 'aws:cdk:acknowledged-rules')
      .map(({ data }) => data);
  const signed = [
    { 'Annotation::AwsSolutions-APIG4': expect.stringContaining('verifies each delivery') },
  ];
  expect(acknowledged('http-api/api/GET--webhooks--{source}')).toEqual(signed);
  expect(acknowledged('http-api/api/POST--webhooks--{source}')).toEqual(signed);
  expect(acknowledged('hr/webhook-secrets')).toEqual([
    { 'Annotation::AwsSolutions-SMG4': expect.stringContaining('shared with an HR system') },
  ]);
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
