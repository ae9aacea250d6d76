import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { SOURCES } from './sources.ts';

export interface Resource {
  Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template's properties have no common shape
  Properties: Record<string, any>;
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
  Metadata?: Record<string, string>;
}

export interface Template {
  Resources: Record<string, Resource>;
  Outputs: Record<string, unknown>;
}

/** As from `-c key=value`: flat keys, values as text. */
type Context = Record<string, string>;

/**
 * The directory of a cloud assembly. The first test of a run that needs it makes it, and all others
 * find it: a synthesis takes a second or two, and a test that needs none does not even load the CDK.
 *
 * @param context laid over the shipped configuration
 * @param bundling without it the template is the same but for the location of the code
 */
export const assemblyOf = async (context: Context, bundling: boolean): Promise<string> => {
  const key = JSON.stringify([Object.entries(context).sort(), bundling]);
  const directory = join(
    inject('assembliesDir'),
    createHash('sha256').update(key).digest('hex').slice(0, 16),
  );
  if (existsSync(directory)) return directory;

  const { synthesize } = await import('../../infra/synth.ts');
  const own = mkdtempSync(`${directory}-`);
  synthesize({ outdir: own, bundling, context });
  try {
    renameSync(own, directory);
  } catch (error) {
    // Another worker was faster, with the same assembly.
    if (!existsSync(directory)) throw error;
    rmSync(own, { recursive: true });
  }
  return directory;
};

/** Somebody whom the alarms tell: without one, there are none. */
const OBSERVABILITY = { alarmTopicArn: 'arn:aws:sns:us-east-1:000000000000:on-call' };

/** The assembly of the shipped configuration, the tests' webhook sources and alarms, with the functions' bundles. */
export const bundledAssembly = (more: Context = {}): Promise<string> =>
  assemblyOf(
    {
      'slackConnectInvites.sources': JSON.stringify(SOURCES),
      'slackConnectInvites.observability': JSON.stringify(OBSERVABILITY),
      ...more,
    },
    true,
  );

/** The template in an assembly of one stack. */
export const templateIn = (directory: string): Template => {
  const [file] = globSync(`${directory}/*.template.json`);
  return JSON.parse(readFileSync(file as string, 'utf8'));
};

/** The template as `-c key=value …` would make it; the functions are not bundled. */
export const templateOf = async (context: Context = {}): Promise<Template> =>
  templateIn(await assemblyOf(context, false));

/** All resources of a type, in the template's order. */
export const resources = (template: Template, type: string): Resource[] =>
  Object.values(template.Resources).filter(({ Type }) => Type === type);

/** Where a resource stands in the stack: `SlackConnectInvites/invite-api/Resource` gives `invite-api`. */
export const pathOf = (resource: Resource | undefined): string =>
  resource?.Metadata?.['aws:cdk:path']?.split('/').slice(1, -1).join('/') ?? '';
