import { randomUUID } from 'node:crypto';
import { LOCAL_ACCOUNT, LOCAL_REGION } from '../lib/account.ts';

/** An entry as it is put: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html */
export type Entry = {
  Source?: unknown;
  DetailType?: unknown;
  /** JSON. */
  Detail?: unknown;
  Resources?: unknown;
  /** Unix seconds; left out: now. */
  Time?: unknown;
};

/** An event as targets get it: https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html */
export type BusEvent = {
  version: '0';
  id: string;
  'detail-type': string;
  source: string;
  account: string;
  time: string;
  region: string;
  resources: unknown[];
  detail: Record<string, unknown>;
};

/** Where events are put. */
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
 * A bus that keeps the latest events that were put on it.
 * @param heard is told of each
 */
export function createEventBus(
  heard: (event: BusEvent) => void = () => {},
): EventBus & { events: readonly BusEvent[] } {
  const events: BusEvent[] = [];
  return {
    events,
    put: (entries) => {
      const Entries = entries.map((entry) => {
        const refusal = refusalOf(entry);
        if (refusal) return refusal;
        const event = eventOf(entry);
        events.push(event);
        if (events.length > REMEMBERED) events.shift();
        heard(event);
        return { EventId: event.id };
      });
      return { Entries, FailedEntryCount: Entries.filter((one) => 'ErrorCode' in one).length };
    },
  };
}

function eventOf({ Source, DetailType, Detail, Resources = [], Time }: Entry): BusEvent {
  const seconds = typeof Time === 'number' ? Time : Date.now() / 1000;
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': String(DetailType),
    source: String(Source),
    account: LOCAL_ACCOUNT,
    // EventBridge keeps no fractions.
    time: new Date(Math.floor(seconds) * 1000).toISOString().replace('.000Z', 'Z'),
    region: LOCAL_REGION,
    resources: [Resources].flat(),
    detail: JSON.parse(String(Detail)),
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
