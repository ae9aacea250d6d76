import { expect, test } from 'vitest';
import { DOCUMENTS, read } from './markdown.ts';

/** The shell blocks of a document, those in lists too. */
const shellBlocksOf = (text: string): string[] =>
  [...text.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)].map(([, code]) => code as string);

/** Variables that a block sets, or that a command in it prints as assignments. */
const setBy = (block: string): string[] => [
  ...[...block.matchAll(/\b([A-Z_]+)=/g)].map(([, name]) => name as string),
  ...(block.includes('eval "$(aws configure export-credentials')
    ? ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']
    : []),
];

/** Variables that a block uses; between single quotes a shell sees none. */
const usedBy = (block: string): string[] =>
  [...block.replace(/'[^']*'/g, '').matchAll(/\$\{?([A-Z_]+)/g)].map(([, name]) => name as string);

test.each(DOCUMENTS)(
  '%s sets each variable that its commands use, before them or with them',
  (file) => {
    const set = new Set<string>();
    const unset = shellBlocksOf(read(file)).flatMap((block) => {
      for (const name of setBy(block)) set.add(name);
      return usedBy(block).filter((name) => !set.has(name));
    });
    expect(unset).toEqual([]);
  },
);
