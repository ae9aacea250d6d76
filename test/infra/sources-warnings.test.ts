import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROVIDER_NAMES, type ProviderName } from '../../functions/webhooks/providers.ts';
import { installedProvider } from '../../functions/webhooks/source.ts';
import { samplesOf } from '../../infra/config/sources-samples.ts';
import { conditionWarnings, sourceWarnings } from '../../infra/config/sources-warnings.ts';
import { synthesize } from '../../infra/synth.ts';
import { readEvents } from '../support/read-events.ts';
import { post } from '../support/verify-deliveries.ts';
import { WITH_SOURCES } from './configurations.ts';

describe('a condition is warned of', () => {
  it.each<[ProviderName, string, string]>([
    [
      'greenhouse',
      'action = hire_candidate',
      'no sample of "greenhouse" has hire_candidate; hire_candidate is read as a field; a text has quotes, such as type = "hire_candidate"',
    ],
    [
      'okta',
      'eventtype = "user.lifecycle.create"',
      'no sample of "okta" has eventtype; did you mean eventType?',
    ],
    [
      'greenhouse',
      'payload.application.job.departments.name = "Design"',
      'no sample of "greenhouse" has payload.application.job',
    ],
    ['okta', 'target[typ = "User"].alternateId = "x"', 'no sample of "okta" has typ'],
    ['bamboohr', 'type in ["employee.created", joined]', 'no sample of "bamboohr" has joined'],
    ['hibob', 'employee', 'employee is read as a field; a text has quotes'],
    ['generic', 'hired', 'hired is read as a field; a text has quotes, such as type = "hired"'],
    ['generic', 'event = joined', 'joined is read as a field'],
    ['svix', 'type in [joined, "left"]', 'joined is read as a field'],
  ])('at %s: %s', (provider, when, warning) => {
    expect(conditionWarnings(when, provider)).toEqual([expect.stringContaining(warning)]);
  });
});

describe('beside a delivery, a condition is warned of', () => {
  const delivered = [{ event: 'joined', person: { mail: 'a@partner.example' } }];
  it.each<[ProviderName, string, string]>([
    ['generic', 'evnt = "joined"', 'this delivery has no evnt; did you mean event?'],
    ['generic', 'person.email = "x"', 'this delivery has no person.email'],
    ['generic', 'event = joined', 'this delivery has no joined; joined is read as a field'],
    ['generic', 'event', 'event is read as a field; a text has quotes'],
    ['merge', 'data.emial = "x"', 'this delivery has no data.emial'],
  ])('at %s: %s', (provider, when, warning) => {
    expect(conditionWarnings(when, provider, delivered)).toEqual([
      expect.stringContaining(warning),
    ]);
  });

  it.each<[ProviderName, string]>([
    ['generic', 'event = "joined" and person.mail != ""'],
    ['merge', 'hook.event = "Employee.added"'],
    ['merge', 'event = "joined"'],
  ])('and not at %s: %s', (provider, when) => {
    expect(conditionWarnings(when, provider, delivered)).toEqual([]);
  });
});

describe('a condition is not warned of', () => {
  it.each<[ProviderName, string]>([
    ['greenhouse', 'action = "hire_candidate"'],
    ['greenhouse', '"Contractor" in payload.application.jobs.custom_fields.employment_type.value'],
    ['greenhouse', 'payload.application.jobs.custom_fields.our_own.value = "x"'],
    ['okta', '$contains($body.source, "//acme.okta.com/")'],
    ['okta', 'target[type = "UserGroup"].displayName = "Contractors"'],
    ['bamboohr', '"Home Email" in changedFields'],
    ['bamboohr', 'type = "employee.created"'],
    ['bamboohr', 'fields."Our Own" = "x"'],
    ['deel', 'data.resource.worker_email != null'],
    ['deel', 'data.meta.is_simulation'],
    ['merge', '$exists(internal) and $not(internal)'],
    ['merge', '$filter(data.employments, function($e){ $e = "x" })'],
    ['generic', 'event = "joined"'],
    ['generic', '$headers."x-event" = "joined"'],
    ['generic', 'true'],
  ])('at %s: %s', (provider, when) => {
    expect(conditionWarnings(when, provider)).toEqual([]);
  });
});

it('the warning says which rule of which source', () => {
  const rules = [
    { when: 'true', invite: { channel: 'C0PARTNER01' } },
    { when: 'hired', invite: { channel: 'C0PARTNER01' } },
  ];
  expect(sourceWarnings({ acme: { provider: 'generic', rules } })).toEqual([
    { path: 'slackConnectInvites.sources.acme.rules.1.when', message: expect.any(String) },
  ]);
});

describe.each(PROVIDER_NAMES.filter((name) => samplesOf(name).length > 0))(
  'a sample of %s',
  (name) => {
    it('is one event of a person, as its row reads it', async () => {
      const provider = installedProvider({ provider: name });
      for (const sample of samplesOf(name)) {
        const [event, ...more] = await readEvents(provider, post({}, JSON.stringify(sample)));
        expect(more).toEqual([]);
        expect(event?.subject).toMatch(/./);
        expect(event?.type).toMatch(/./);
      }
    });
  },
);

it('synth says which secrets count as none, where there are sources', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'short-secrets-'));
  const told = (context: Record<string, string>) => {
    const { directory, stackName } = synthesize({ outdir, bundling: false, context });
    const { artifacts } = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));
    // A stack with much metadata has it in a file of its own.
    const { metadata, additionalMetadataFile } = artifacts[stackName];
    return additionalMetadataFile
      ? readFileSync(join(directory, additionalMetadataFile), 'utf8')
      : JSON.stringify(metadata);
  };
  const sentence = 'a signing secret shorter than 16 bytes after trimming counts as none';
  try {
    expect(told(WITH_SOURCES)).toContain(sentence);
    expect(told({})).not.toContain(sentence);
  } finally {
    rmSync(outdir, { recursive: true });
  }
});
