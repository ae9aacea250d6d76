import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
/** What a deploy is made of, the same on every machine. */
const DEPLOYED = [
  'functions/**/*.{ts,js}',
  'infra/*.ts',
  'infra/{config,constructs}/**/*.ts',
  'package-lock.json',
];

/**
 * Which code a checkout would deploy: the version of package.json, and a digest of the sources. The
 * stack has it as an output, so a checkout and a deployed stack can be compared.
 */
export const codeVersion = (): string => {
  const { version } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'));
  const hash = createHash('sha256');
  for (const file of globSync(DEPLOYED, { cwd: PROJECT }).toSorted()) {
    // Git may write other ends of lines on Windows.
    const text = readFileSync(join(PROJECT, file), 'utf8').replaceAll('\r\n', '\n');
    hash.update(`${file.replaceAll('\\', '/')}\0${text}\0`);
  }
  return `${version}+${hash.digest('hex').slice(0, 12)}`;
};
