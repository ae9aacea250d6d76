import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

/** The middle one of some figures. */
export const median = (figures: readonly number[]): number => {
  const sorted = figures.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[half] as number)
    : ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
};

/** The median of the ratios within a round: what slows a machine down slows both sides of one. */
export const ratio = (of: readonly number[], to: readonly number[]): number =>
  median(of.map((figure, round) => figure / (to[round] as number)));

/**
 * Measures everything once a round, one after the other, each time beginning with another one.
 * @returns the figures of each, a figure a round.
 */
export const inRounds = async <Name extends string, Figure>(
  count: number,
  measures: Record<Name, () => Promise<Figure>>,
): Promise<Record<Name, Figure[]>> => {
  const entries = Object.entries(measures) as [Name, () => Promise<Figure>][];
  const figures = Object.fromEntries(
    entries.map(([name]): [Name, Figure[]] => [name, []]),
  ) as Record<Name, Figure[]>;
  for (let round = 0; round < count; round += 1) {
    const first = round % entries.length;
    for (const [name, measure] of [...entries.slice(first), ...entries.slice(0, first)]) {
      await quiet();
      figures[name].push(await measure());
    }
  }
  return figures;
};

const LONGEST_WAIT_MS = 300;
const QUIET_LOOKS = 4;

/** Waits, though not for long, until nobody else keeps the processors busy. */
const quiet = async (): Promise<void> => {
  const end = performance.now() + LONGEST_WAIT_MS;
  for (let looks = 0; looks < QUIET_LOOKS && performance.now() < end; ) {
    await setTimeout(5);
    looks = running() <= 1 ? looks + 1 : 0;
  }
};

/** How many threads run or are ready to, this one among them. */
const running = (): number => Number(readFileSync('/proc/loadavg', 'utf8').split(/[ /]/)[3]);
