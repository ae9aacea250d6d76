import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Synthesis, type SynthesisOptions, synthesize } from '../../infra/synth.ts';
import type { Template } from '../support/assemblies.ts';

export { pathOf, type Resource, resources, type Template } from '../support/assemblies.ts';

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
