import { globSync, readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DEPLOYMENT_FILE } from '../../functions/lambda/environment.ts';
import { assemblyOf, pathOf, resources, templateIn } from '../support/assemblies.ts';

const CHANNELS = 5_000;
const channels = Object.fromEntries(
  Array.from({ length: CHANNELS }, (_, index) => [
    `C0CUST${String(index).padStart(5, '0')}`,
    {
      emailDomains: [`customer-${index}.example`, `*.customer-${index}.example`],
      callers: ['role/crm', 'source/greenhouse'],
    },
  ]),
);

/** CloudFormation's limit on a template. */
const MAX_TEMPLATE_BYTES = 1_000_000;
/** Lambda's limit on a function's environment. */
const MAX_ENVIRONMENT_BYTES = 4_096;

test(`${CHANNELS} channels synthesize: they stand beside the code, and nowhere else`, async () => {
  const directory = await assemblyOf(
    { 'slackConnectInvites.channels': JSON.stringify(channels) },
    true,
  );

  const [file] = globSync(`${directory}/*.template.json`);
  expect(statSync(file as string).size).toBeLessThan(MAX_TEMPLATE_BYTES);
  const functions = resources(templateIn(directory), 'AWS::Lambda::Function');
  const ours = functions.filter((one) => one.Properties.Environment?.Variables?.CONFIG);
  expect(ours.length).toBeGreaterThan(0);
  for (const { Properties } of ours) {
    const bytes = Buffer.byteLength(JSON.stringify(Properties.Environment));
    expect(bytes).toBeLessThan(MAX_ENVIRONMENT_BYTES);
  }

  const door = functions.find((one) => pathOf(one).endsWith('invite-api'));
  const asset = `${directory}/${door?.Metadata?.['aws:asset:path']}/${DEPLOYMENT_FILE}`;
  expect(JSON.parse(readFileSync(asset, 'utf8')).policy.channels).toEqual(channels);
});
