import { randomUUID } from 'node:crypto';

/** An entry as it is put: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html */
export type Entry = {
  Source?: unknown;
  DetailType?: unknown;
  /** JSON. */
  Detail?: unknown;
  Resources?: unknown;
};

/** Where a task puts events. */
export type EventBus = {
  /** @returns as EventBridge: for each entry, in order, its id or why it was refused */
  put: (entries: readonly Entry[]) => {
    Entries: ({ EventId: string } | { ErrorCode: string; ErrorMessage: string })[];
    FailedEntryCount: number;
  };
};

/** How many entries the bus remembers. */
const REMEMBERED = 1000;

/** A bus without rules, which keeps the latest entries that were put on it. */
export function createEventBus(): EventBus & { entries: readonly (Entry & { id: string })[] } {
  const kept: (Entry & { id: string })[] = [];
  return {
    entries: kept,
    put: (entries) => {
      const Entries = entries.map((entry) => {
        const refusal = refusalOf(entry);
        if (refusal) return refusal;
        const id = randomUUID();
        kept.push({ ...entry, id });
        if (kept.length > REMEMBERED) kept.shift();
        return { EventId: id };
      });
      return { Entries, FailedEntryCount: Entries.filter((one) => 'ErrorCode' in one).length };
    },
  };
}

function refusalOf({ Source, DetailType, Detail }: Entry) {
  const required = Object.entries({ Source, DetailType, Detail });
  const [missing] = required.find(([, value]) => typeof value !== 'string' || value === '') ?? [];
  if (missing) {
    const why = `Parameter ${missing} is not valid. Reason: ${missing} is a required argument.`;
    return { ErrorCode: 'InvalidArgument', ErrorMessage: why };
  }
  try {
    if (String(Detail).trimStart().startsWith('{') && JSON.parse(String(Detail))) return undefined;
  } catch {
    // Falls through: not JSON and not an object are one error.
  }
  return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
}
