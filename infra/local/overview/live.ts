import type { ServerResponse } from 'node:http';
import { logUnexpected } from '../../../functions/telemetry/observation.ts';

/** How many pages may watch at once. */
const MAX_STREAMS = 20;

/** Changes within this time are sent together, and nothing is worked out more often. */
const TOGETHER_MS = 500;

/** Plots and alarms move on with the time, without anything happening. */
const TICK_MS = 10_000;

export type Live = {
  /** Answers with a stream of events, one for each section, and again for each that changes. */
  watch(response: ServerResponse): void;
  /** Something may have changed. */
  changed(): void;
};

/**
 * Server-Sent Events, named after the sections. Nothing is worked out while nobody watches. A page
 * that reads slowly gets fewer events, so nothing piles up for it.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function createLive(sections: Record<string, () => unknown>): Live {
  /** What each page was told last, by section. */
  const streams = new Map<ServerResponse, Map<string, string>>();
  let timer: NodeJS.Timeout | undefined;
  let ticker: NodeJS.Timeout | undefined;

  const changed = () => {
    if (streams.size === 0 || timer !== undefined) return;
    timer = setTimeout(() => {
      tell()
        .catch(logUnexpected)
        .finally(() => {
          timer = undefined;
        });
    }, TOGETHER_MS).unref();
  };

  async function tell(): Promise<void> {
    for (const [name, read] of Object.entries(sections)) {
      const data = JSON.stringify(await read());
      for (const [response, told] of streams) {
        if (response.writableNeedDrain || told.get(name) === data) continue;
        told.set(name, data);
        response.write(`event: ${name}\ndata: ${data}\n\n`);
      }
    }
  }

  return {
    changed,
    watch(response) {
      if (streams.size >= MAX_STREAMS) {
        response.writeHead(503, { 'content-type': 'text/plain; charset=utf-8' });
        response.end(`At most ${MAX_STREAMS} pages watch at once.\n`);
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.flushHeaders();
      streams.set(response, new Map());
      ticker ??= setInterval(changed, TICK_MS).unref();
      response.on('drain', changed);
      response.on('close', () => {
        streams.delete(response);
        if (streams.size > 0) return;
        clearInterval(ticker);
        ticker = undefined;
      });
      changed();
    },
  };
}
