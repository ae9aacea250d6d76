import { randomUUID } from 'node:crypto';
import { LOCAL_ACCOUNT, LOCAL_REGION } from '../lib/account.ts';
import { MAX_DATA_BYTES } from './errors.ts';

/** An entry as it is put. */
export type Entry = {
  Source?: unknown;
  DetailType?: unknown;
  /** JSON. */
  Detail?: unknown;
  Resources?: unknown;
  Time?: unknown;
};

/** An event as rules and targets get it: https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html */
export type BusEvent = {
  version: '0';
  id: string;
  'detail-type': string;
  source: string;
  account: string;
  time: string;
  region: string;
  resources: string[];
  detail: object;
};

/** Where a task puts events. */
export type EventBus = {
  /** @returns as EventBridge: for each entry, in order, its id or why it was refused */
  put: (entries: readonly Entry[]) => {
    Entries: ({ EventId: string } | { ErrorCode: string; ErrorMessage: string })[];
    FailedEntryCount: number;
  };
};

/** How many events the bus remembers. */
const REMEMBERED = 1000;

/**
 * A bus without rules, which keeps the latest events that were put on it.
 * @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
export function createEventBus(now: () => number): EventBus & { events: readonly BusEvent[] } {
  const events: BusEvent[] = [];
  return {
    events,
    put: (entries) => {
      const Entries = entries.map((entry) => {
        const event = read(entry);
        if ('ErrorCode' in event) return event;
        events.push(event);
        if (events.length > REMEMBERED) events.shift();
        return { EventId: event.id };
      });
      return { Entries, FailedEntryCount: Entries.filter((one) => 'ErrorCode' in one).length };
    },
  };

  function read(entry: Entry): BusEvent | { ErrorCode: string; ErrorMessage: string } {
    const { Source, DetailType, Detail, Resources = [], Time } = entry;
    const missing = Object.entries({ Source, DetailType, Detail }).find(
      ([, value]) => typeof value !== 'string' || value === '',
    )?.[0];
    if (missing) {
      const why = `Parameter ${missing} is not valid. Reason: ${missing} is a required argument.`;
      return { ErrorCode: 'InvalidArgument', ErrorMessage: why };
    }
    const detail = parse(Detail as string);
    if (!detail) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
    return {
      version: '0',
      id: randomUUID(),
      'detail-type': DetailType as string,
      source: Source as string,
      account: LOCAL_ACCOUNT,
      time: typeof Time === 'string' ? Time : new Date(now()).toISOString(),
      region: LOCAL_REGION,
      resources: Resources as string[],
      detail,
    };
  }
}

/** Undefined for what is not a JSON object. */
function parse(detail: string): object | undefined {
  if (Buffer.byteLength(detail) > MAX_DATA_BYTES) return undefined;
  try {
    const value: unknown = JSON.parse(detail);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
