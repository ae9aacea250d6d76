import { inspect } from 'node:util';
import { vi } from 'vitest';

/** What a function has printed: its metrics, and what it has logged, one text a line. */
export type Printed = {
  lines: string[];
  /** @returns the metrics' records. */
  metrics(): Record<string, unknown>[];
  /** @returns what was logged, with its level. */
  logged(): [level: string, entry: unknown][];
};

const LEVELS = ['debug', 'log', 'info', 'warn', 'error'] as const;

/** As Node prints it, errors with their messages and causes. */
const WHOLE = { depth: null, maxArrayLength: null, maxStringLength: null, breakLength: Infinity };

/** Catches all that is printed until `vi.restoreAllMocks()`. */
export const catchPrinted = (): Printed => {
  const lines: string[] = [];
  const metrics: Record<string, unknown>[] = [];
  const logged: [string, unknown][] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    lines.push(String(text));
    metrics.push(JSON.parse(String(text)));
    return true;
  });
  for (const level of LEVELS) {
    vi.spyOn(console, level).mockImplementation((...entries: unknown[]) => {
      lines.push(inspect(entries, WHOLE));
      for (const entry of entries) logged.push([level, entry]);
    });
  }
  return { lines, metrics: () => metrics, logged: () => logged };
};
