import type { Body } from './body.ts';
import { CONNECT_TRIGGERS } from './connect-triggers.ts';
import { readFault } from './faults.ts';
import { type BadField, find, findBadField, isObject, whole } from './fields.ts';
import { withState } from './invites.ts';
import { bringForward } from './lifecycle.ts';
import { act, describeInvite, sendEvent } from './sandbox-invites.ts';
import { changeSettings } from './settings.ts';
import { applySettings, type State } from './state.ts';
import { TRIGGERS } from './triggers.ts';
import { patchWorld } from './world-patch.ts';

type SandboxAnswer = { status: number; headers: Record<string, string>; body: string };

/** What a path does with the state and the JSON of the request (none for GET and DELETE). */
type Action = (state: State, json: unknown, reset: () => void, id: string) => SandboxAnswer;

const answer = (status: number, json: unknown, headers = {}): SandboxAnswer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  body: `${JSON.stringify(json, undefined, 2)}\n`,
});

const ok = (json: unknown) => answer(200, json);

const refuse = ({ field, allowed }: BadField) => answer(400, { error: 'invalid', field, allowed });

/** How to get every answer. */
const ANSWERS = { triggers: TRIGGERS, methods: CONNECT_TRIGGERS };

const ONE_INVITE = '/sandbox/invites/{invite_id}';

const PATHS: Record<string, Record<string, Action>> = {
  '/sandbox/world': {
    GET: ({ world }) => ok({ ...world, ...ANSWERS }),
    POST: ({ world }, json) => {
      const problem = patchWorld(world, json);
      return problem ? refuse(problem) : ok({ ...world, ...ANSWERS });
    },
  },
  '/sandbox/settings': {
    GET: ({ settings }) => ok(settings),
    POST: (state, json) => {
      const settings = changeSettings(state.settings, json);
      if ('field' in settings) return refuse(settings);
      const { events_url: before } = state.settings;
      applySettings(state, settings);
      if (settings.events_url !== null && settings.events_url !== before) state.events.verify();
      return ok(settings);
    },
  },
  '/sandbox/faults': {
    GET: ({ faults }) => ok({ fault: faults.current() ?? null }),
    POST: ({ faults }, json) => {
      const fault = readFault(json);
      if ('field' in fault) return refuse(fault);
      faults.set(fault);
      return ok({ fault });
    },
    DELETE: ({ faults }) => {
      faults.clear();
      return ok({ fault: null });
    },
  },
  '/sandbox/invites': {
    GET: ({ invites, now }) => ok(invites.map((invite) => withState(invite, now()))),
  },
  [ONE_INVITE]: {
    GET: (state, _json, _reset, id) => {
      const invite = state.invites.find((one) => one.id === id);
      return invite ? ok(describeInvite(state, invite)) : NO_INVITE;
    },
    POST: (state, json, _reset, id) => {
      const invite = state.invites.find((one) => one.id === id);
      if (!invite) return NO_INVITE;
      const problem = act(state, invite, json);
      if (!problem) return ok(describeInvite(state, invite));
      return problem.field === 'action' && 'state' in problem
        ? answer(409, { error: 'not_possible', ...problem })
        : refuse(problem);
    },
  },
  '/sandbox/clock': {
    POST: (state, json) => {
      const bad = isObject(json)
        ? findBadField(CLOCK, { advance_s: undefined, ...json })
        : { field: '(body)', allowed: 'an object with advance_s' };
      if (bad) return refuse(bad);
      const { advance_s } = json as { advance_s: number };
      for (const invite of state.invites) bringForward(invite, advance_s);
      return ok({ advance_s });
    },
  },
  '/sandbox/events': {
    GET: ({ events }) => ok(events.list),
    POST: (state, json) => {
      const problem = sendEvent(state, json);
      return problem ? refuse(problem) : ok(state.events.list.at(-1));
    },
  },
  '/sandbox/mailbox': { GET: ({ mailbox }) => ok(mailbox) },
  '/sandbox/calls': { GET: ({ counters }) => ok(counters) },
  '/sandbox/reset': {
    POST: (_state, _json, reset) => {
      reset();
      return ok({ reset: true });
    },
  },
};

const CLOCK = { advance_s: whole(0, 10 * 366 * 86_400) };

const NO_INVITE = answer(404, { error: 'not_found', allowed: 'an id of /sandbox/invites' });

const THERE_IS = Object.entries(PATHS).flatMap(([path, actions]) =>
  Object.keys(actions).map((method) => `${method} ${path}`),
);

/** The paths whose POST takes JSON: all but the reset. */
const takesJson = (path: string) => path !== '/sandbox/reset';

/**
 * Serves every path that is not a method: inspect the world, set it up, put it back. The answer for
 * an unknown path lists those that exist.
 */
export function serveSandbox(
  method: string,
  path: string,
  body: Body,
  state: State,
  reset: () => void,
): SandboxAnswer {
  const id = /^\/sandbox\/invites\/(\w+)$/.exec(path)?.[1] ?? '';
  const actions = find(PATHS, id ? ONE_INVITE : path);
  if (!actions) return answer(404, { error: 'not_found', there_is: [...THERE_IS, '/api/METHOD'] });
  const action = Object.hasOwn(actions, method) ? actions[method] : undefined;
  if (!action) {
    const allow = Object.keys(actions).join(', ');
    return answer(405, { error: 'method_not_allowed', allowed: allow }, { allow });
  }

  let json: unknown;
  if (method === 'POST' && takesJson(path)) {
    if (!body.complete) return refuse({ field: '(body)', allowed: 'at most 64 KiB of JSON' });
    try {
      json = JSON.parse(body.bytes.toString('utf8'));
    } catch {
      return refuse({ field: '(body)', allowed: 'JSON' });
    }
  }
  return action(state, json, reset, id);
}
