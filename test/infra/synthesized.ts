import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SynthesisOptions, synthesize } from '../../infra/synth.ts';

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
  const outdir = mkdtempSync(join(tmpdir(), 'synthesized-'));
  try {
    const { templateFile } = synthesize({ outdir, bundling: false, ...options });
    return JSON.parse(readFileSync(templateFile, 'utf8'));
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** All resources of a type, in the template's order. */
export function resources(template: Template, type: string): Resource[] {
  return Object.values(template.Resources).filter(({ Type }) => Type === type);
}
