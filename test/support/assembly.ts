import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { synthesize } from '../../infra/synth.ts';
import { SOURCES } from './sources.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The cloud assembly of the shipped configuration and the tests' webhook sources, bundles included. */
    assemblyDir: string;
  }
}

/** Synthesizes and bundles once for all tests that run the functions. */
export default function setup(project: TestProject): () => void {
  const outdir = mkdtempSync(join(tmpdir(), 'slack-connect-invites-'));
  synthesize({ outdir, context: { 'slackConnectInvites.sources': JSON.stringify(SOURCES) } });
  project.provide('assemblyDir', outdir);
  return () => rmSync(outdir, { recursive: true, force: true });
}
