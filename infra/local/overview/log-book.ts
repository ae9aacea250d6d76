import type { Lambda } from '../lambda/lambda.ts';

/** A line of a function's log, its JSON taken apart. */
export type LogLine = {
  /** ISO 8601. */
  at: string;
  /** Of the log, or `METRICS` for a metrics record and `PLATFORM` for what Lambda itself writes. */
  level: string;
  /** What it says, if it is not a list of fields. */
  text: string;
  fields: [name: string, value: string][];
};

/** What one invocation of a function logged, and how it ended. */
export type LoggedInvocation = {
  requestId: string;
  functionName: string;
  /** When it was first heard of, ISO 8601. */
  at: string;
  /** Whether a line is an error, or the function failed. */
  failed: boolean;
  /** Milliseconds; undefined until it ends. */
  ms?: number;
  /** What its metrics record says that came of it. */
  outcome?: string;
  lines: LogLine[];
};

export type LogBook = {
  add(functionName: string, line: string): void;
  /** Notes how invocations end. */
  follow(lambda: Lambda): Lambda;
  /** The newest first. */
  invocations(atMost: number): LoggedInvocation[];
};

/** How many invocations are remembered, and how many lines of each. */
const MOST_INVOCATIONS = 500;
const MOST_LINES = 50;

/** Keeps the functions' logs by invocation, the latest of them. What a process writes before its first stands by itself. */
export function createLogBook(): LogBook {
  const kept = new Map<string, LoggedInvocation>();

  const invocation = (requestId: string, functionName: string): LoggedInvocation => {
    const known = kept.get(requestId);
    if (known) return known;
    const at = new Date().toISOString();
    const added: LoggedInvocation = { requestId, functionName, at, failed: false, lines: [] };
    kept.set(requestId, added);
    const [oldest] = kept.keys();
    if (oldest !== undefined && kept.size > MOST_INVOCATIONS) kept.delete(oldest);
    return added;
  };

  return {
    add(functionName, line) {
      const { requestId, outcome, ...read } = readLine(line);
      const to = invocation(requestId ?? `start of ${functionName}`, functionName);
      to.failed ||= read.level === 'ERROR' || read.level === 'FATAL';
      if (outcome !== undefined) to.outcome = outcome;
      if (to.lines.length < MOST_LINES) to.lines.push(read);
    },
    follow: (lambda) => ({
      ...lambda,
      async invoke(name, payload, options) {
        const startedAt = performance.now();
        const result = await lambda.invoke(name, payload, options);
        const ended = invocation(result.requestId, name);
        ended.ms = Math.round(performance.now() - startedAt);
        ended.failed ||= result.functionError !== undefined;
        return result;
      },
    }),
    invocations: (atMost) => [...kept.values()].slice(-atMost).toReversed(),
  };
}

type ReadLine = LogLine & { requestId?: string; outcome?: string };

function readLine(line: string): ReadLine {
  const read = parsed(line);
  if (!read) return { at: new Date().toISOString(), level: '', text: line, fields: [] };
  const { timestamp, time, level, type, requestId, message, record, _aws, ...others } = read;
  const id = requestId ?? fieldsOf(record).requestId;
  const body = _aws ? others : (message ?? record);
  return {
    at: String(timestamp ?? time ?? new Date().toISOString()),
    level: String(_aws ? 'METRICS' : (level ?? 'PLATFORM')),
    text: typeof body === 'string' ? body : String(type ?? ''),
    fields: Object.entries(fieldsOf(body)).map(([name, value]) => [name, shown(value)]),
    ...(typeof id === 'string' && id !== '-' && { requestId: id }),
    ...(_aws !== undefined && typeof others.outcome === 'string' && { outcome: others.outcome }),
  };
}

const parsed = (line: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? fieldsOf(value) : undefined;
  } catch {
    return undefined;
  }
};

const fieldsOf = (value: unknown) =>
  (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;

const shown = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
