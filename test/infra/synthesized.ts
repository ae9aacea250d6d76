import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Synthesis, type SynthesisOptions, synthesize } from '../../infra/synth.ts';

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

/** The template as `-c key=value …` would make it, without bundling the functions. */
export function synthesized(options: Omit<SynthesisOptions, 'outdir'> = {}): Template {
  return withAssembly(options, ({ templateFile }) =>
    JSON.parse(readFileSync(templateFile, 'utf8')),
  );
}

/** Synthesizes, and takes what is asked for out of the assembly before it is removed. */
export function withAssembly<T>(
  options: Omit<SynthesisOptions, 'outdir'>,
  take: (synthesis: Synthesis) => T,
): T {
  const outdir = mkdtempSync(join(tmpdir(), 'synthesized-'));
  try {
    return take(synthesize({ outdir, bundling: false, ...options }));
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** All resources of a type, in the template's order. */
export function resources(template: Template, type: string): Resource[] {
  return Object.values(template.Resources).filter(({ Type }) => Type === type);
}

/** Where a resource stands in the stack: `SlackConnectInvites/invite-api/Resource` gives `invite-api`. */
export const pathOf = (resource: Resource | undefined): string =>
  resource?.Metadata?.['aws:cdk:path']?.split('/').slice(1, -1).join('/') ?? '';
