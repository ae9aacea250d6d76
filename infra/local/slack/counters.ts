import { NAMES } from './connect-methods.ts';

/** Methods that the local Slack has; all others are counted as `unknown_method`. */
export type Counted = (typeof NAMES)[number] | 'unknown_method';

export type Counters = {
  /** A call has reached the server. */
  arrived(method: Counted): void;
  /** @param outcome `ok`, a code, or the name of the fault. */
  answered(method: Counted, outcome: string): void;
  toJSON(): Record<Counted, { calls: number; answers: Record<string, number> }>;
};

/** Counts the calls of each method, and how they were answered. */
export function createCounters(): Counters {
  const fresh = () => ({ calls: 0, answers: {} as Record<string, number> });
  const counts = Object.fromEntries(
    [...NAMES, 'unknown_method'].map((name) => [name, fresh()]),
  ) as ReturnType<Counters['toJSON']>;
  return {
    arrived(method) {
      counts[method].calls += 1;
    },
    answered(method, outcome) {
      const { answers } = counts[method];
      answers[outcome] = (answers[outcome] ?? 0) + 1;
    },
    toJSON: () => counts,
  };
}
