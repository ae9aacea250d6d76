import type { ServerResponse } from 'node:http';
import { find } from './fields.ts';
import { withState } from './invites.ts';
import type { State } from './state.ts';
import { GOOD_REQUEST } from './triggers.ts';

/** How many pages may watch at once. */
const MAX_STREAMS = 20;

/** Changes within this time are sent together. */
const TOGETHER_MS = 100;

export type Live = {
  /** Answers with a stream of events: the present state, then again after each change. */
  watch(response: ServerResponse): void;
  /** Something may have changed. */
  changed(): void;
};

/**
 * Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html). A page that
 * reads slowly gets fewer events, so nothing piles up for it.
 *
 * @param snapshot what the pages see.
 */
export function createLive(snapshot: () => unknown): Live {
  const streams = new Map<ServerResponse, { told: string }>();
  let timer: NodeJS.Timeout | undefined;

  const tell = () => {
    timer = undefined;
    const event = `data: ${JSON.stringify(snapshot())}\n\n`;
    for (const [response, stream] of streams) {
      if (response.writableNeedDrain || stream.told === event) continue;
      stream.told = event;
      response.write(event);
    }
  };
  const changed = () => {
    if (streams.size === 0 || timer !== undefined) return;
    timer = setTimeout(tell, TOGETHER_MS).unref();
  };

  return {
    changed,
    watch(response) {
      if (streams.size >= MAX_STREAMS) {
        response.writeHead(503, { 'content-type': 'text/plain; charset=utf-8' });
        response.end(`At most ${MAX_STREAMS} pages watch at once.\n`);
        return;
      }
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
      });
      streams.set(response, { told: '' });
      response.on('drain', changed);
      response.on('close', () => streams.delete(response));
      tell();
    },
  };
}

/** How many invitations and messages the page shows: the newest. */
const SHOWN = 50;

/** A stack on this machine that calls the local Slack. */
export type Beside = {
  /** The command that sends an invitation through it, without its options. */
  invite: string;
  /** The address of a page that shows it. */
  page: string;
  /** Is told of a reset. */
  forget: () => Promise<void>;
};

/** @returns everything that the page shows, as JSON. */
export const snapshot = ({ world, settings, now, invites, ...state }: State, beside?: Beside) => ({
  beside: beside ? { invite: beside.invite, page: beside.page } : null,
  caller: callerOf(world),
  workspaces: world.workspaces,
  users: world.users,
  channels: world.channels,
  settings,
  kept: { invites: invites.length, messages: state.mailbox.length },
  invites: invites.slice(-SHOWN).map((invite) => {
    const { link: _, acceptance: __, app: ___, ...shown } = withState(invite, now());
    return shown;
  }),
  mailbox: state.mailbox.slice(-SHOWN),
  calls: state.counters.toJSON(),
  fault: state.faults.current() ?? null,
});

/** Who calls with the token of the example. */
function callerOf({ tokens }: State['world']) {
  const { workspace = '', user = '' } = find(tokens, GOOD_REQUEST.token) ?? {};
  return { workspace, user };
}
