import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArguments, UsageError } from '../../infra/command-line/arguments.ts';
import { PROJECT } from './builds.ts';
import { document, machine } from './document.ts';
import { bulk } from './parts/bulk.ts';
import { calls } from './parts/calls.ts';
import { cold } from './parts/cold.ts';
import { rtt } from './parts/rtt.ts';
import { rules } from './parts/rules.ts';
import { start } from './parts/start.ts';
import { warm } from './parts/warm.ts';
import { type Findings, goalTable } from './report.ts';
import { goFirst } from './share.ts';
import { createWorld, type World } from './world.ts';

const PARTS: Record<string, (world: World, rounds: number) => Promise<Findings>> = {
  cold,
  warm,
  rtt,
  calls,
  rules,
  bulk,
  start,
};

const USAGE = `Measures the functions beside a plain function and a floor, and writes docs/benchmarks.md.

  npm run bench
  npm run bench -- --only cold,warm --rounds 9
  npm run bench -- --base v0.1.0

  --only PARTS     some of ${Object.keys(PARTS).join(', ')}: prints them and writes nothing
  --rounds N       how often each figure is taken; otherwise 25
  --base REVISION  of git, what today's figures stand beside; otherwise the last one before the
                   cold start was worked on
  --help           this text`;

/** The last revision before the cold start was worked on. */
const BASE = '512feb1';
const DOCUMENT = 'docs/benchmarks.md';

type Options = { base: string; only: string[] | undefined; rounds: number };

/** @throws UsageError */
const readOptions = (args: string[]): Options => {
  const { base, only, rounds } = parseArguments(
    args,
    {
      base: { type: 'string', default: BASE },
      only: { type: 'string' },
      rounds: { type: 'string', default: '25' },
    },
    '--only parts, --rounds n, --base revision and --help',
  );
  if (!/^[1-9]\d{0,2}$/.test(rounds)) {
    throw new UsageError(`--rounds must be a whole number from 1 to 999, not "${rounds}"`);
  }
  const parts = only?.split(',');
  const unknown = parts?.find((name) => !Object.hasOwn(PARTS, name));
  if (unknown !== undefined) {
    throw new UsageError(`There is no part "${unknown}"; there are ${Object.keys(PARTS)}`);
  }
  return { base, only: parts, rounds: Number(rounds) };
};

const bench = async ({ base, only, rounds }: Options): Promise<void> => {
  const first = goFirst();
  const world = await createWorld(base);
  if (!world.trees.base)
    console.error(`git does not know ${base}: there is nothing to compare with`);
  try {
    const findings: Findings[] = [];
    const rows = () => findings.flatMap((found) => found.rows);
    const details = () => findings.flatMap((found) => found.details ?? []);
    const write = () => {
      const its = machine({ rounds, first });
      const text = document({ rows: rows(), details: details(), base, machine: its });
      writeFileSync(join(PROJECT, DOCUMENT), text);
    };
    for (const name of only ?? Object.keys(PARTS)) {
      console.error(`${name} …`);
      findings.push((await PARTS[name]?.(world, rounds)) as Findings);
      // After each part: all of them take half an hour.
      if (!only) write();
    }
    console.log([goalTable(rows(), base), ...details()].join('\n\n'));
    if (!only) console.log(`\nWritten to ${DOCUMENT}`);
  } finally {
    await world.close();
  }
};

const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) {
  console.log(USAGE);
} else {
  try {
    await bench(readOptions(args));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
