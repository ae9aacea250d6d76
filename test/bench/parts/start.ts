import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { digits, type Findings, NONE } from '../report.ts';
import { inRounds, median, ratio } from '../rounds.ts';
import type { World } from '../world.ts';

/** A round takes many seconds. */
const ROUNDS = 9;

/** The command of `npm start`, from the start of its process to the line `Ready.` */
export const start = async ({ trees }: World, rounds: number): Promise<Findings> => {
  const figures: Partial<Record<'now' | 'base', number[]>> = await inRounds(
    Math.min(rounds, ROUNDS),
    Object.fromEntries(Object.entries(trees).map(([name, tree]) => [name, () => readyAfter(tree)])),
  );
  const { now = [], base } = figures;
  return {
    rows: [
      {
        what: `\`npm start\` to Ready, of the time at the base (${ROUNDS} rounds)`,
        base: base ? '1.00' : NONE,
        now: base ? digits(ratio(now, base), 2) : NONE,
        goal: '≤ 0.75',
      },
      {
        what: '`npm start` to Ready, in seconds',
        base: digits(base && median(base) / 1000, 2),
        now: digits(median(now) / 1000, 2),
        goal: NONE,
      },
    ],
  };
};

const VARIABLES = ['PORT', 'SLACK_PORT', 'AWS_PORT', 'HR_PORT'];

const readyAfter = async (tree: string): Promise<number> => {
  const ports = await Promise.all(VARIABLES.map(async (name) => [name, `${await freePort()}`]));
  const began = performance.now();
  const { scripts } = JSON.parse(readFileSync(join(tree, 'package.json'), 'utf8'));
  const PATH = `${dirname(process.execPath)}:${process.env.PATH}`;
  const child = spawn('/bin/sh', ['-c', scripts.start], {
    cwd: tree,
    env: { ...process.env, PATH, ...Object.fromEntries(ports) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  let text = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    text += chunk;
    if (/^Ready\.$/m.test(text)) break;
  }
  const ms = performance.now() - began;
  child.kill('SIGTERM');
  await exit;
  if (!/^Ready\.$/m.test(text)) throw new Error(`npm start in ${tree} ended before it was ready`);
  return ms;
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
};
