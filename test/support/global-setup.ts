import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the cloud assemblies of this run of the tests go, see assemblies.ts. */
    assembliesDir: string;
  }
}

/** Gives all tests of a run one place for what they synthesize, and clears it afterwards. */
export default function setup(project: TestProject): () => void {
  const directory = mkdtempSync(join(tmpdir(), 'slack-connect-invites-'));
  project.provide('assembliesDir', directory);
  return () => rmSync(directory, { recursive: true, force: true });
}
