import type { Body } from './body.ts';
import { readFault } from './faults.ts';
import type { BadField } from './fields.ts';
import { changeSettings } from './settings.ts';
import { applySettings, type State } from './state.ts';
import { TRIGGERS } from './triggers.ts';
import { patchWorld } from './world-patch.ts';

type SandboxAnswer = { status: number; headers: Record<string, string>; body: string };

/** What a path does with the state and the JSON of the request (none for GET and DELETE). */
type Action = (state: State, json: unknown, reset: () => void) => SandboxAnswer;

const answer = (status: number, json: unknown, headers = {}): SandboxAnswer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  body: `${JSON.stringify(json, undefined, 2)}\n`,
});

const ok = (json: unknown) => answer(200, json);

const refuse = ({ field, allowed }: BadField) => answer(400, { error: 'invalid', field, allowed });

const PATHS: Record<string, Record<string, Action>> = {
  '/sandbox/world': {
    GET: ({ world }) => ok({ ...world, triggers: TRIGGERS }),
    POST: ({ world }, json) => {
      const problem = patchWorld(world, json);
      return problem ? refuse(problem) : ok({ ...world, triggers: TRIGGERS });
    },
  },
  '/sandbox/settings': {
    GET: ({ settings }) => ok(settings),
    POST: (state, json) => {
      const settings = changeSettings(state.settings, json);
      if ('field' in settings) return refuse(settings);
      applySettings(state, settings);
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
  '/sandbox/invites': { GET: ({ invites }) => ok(invites) },
  '/sandbox/mailbox': { GET: ({ mailbox }) => ok(mailbox) },
  '/sandbox/calls': { GET: ({ counters }) => ok(counters) },
  '/sandbox/reset': {
    POST: (_state, _json, reset) => {
      reset();
      return ok({ reset: true });
    },
  },
};

const THERE_IS = Object.entries(PATHS).flatMap(([path, actions]) =>
  Object.keys(actions).map((method) => `${method} ${path}`),
);

const TAKES_JSON = ['/sandbox/world', '/sandbox/settings', '/sandbox/faults'];

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
  const actions = Object.hasOwn(PATHS, path) ? PATHS[path] : undefined;
  if (!actions) return answer(404, { error: 'not_found', there_is: [...THERE_IS, '/api/METHOD'] });
  const action = Object.hasOwn(actions, method) ? actions[method] : undefined;
  if (!action) {
    const allow = Object.keys(actions).join(', ');
    return answer(405, { error: 'method_not_allowed', allowed: allow }, { allow });
  }

  let json: unknown;
  if (method === 'POST' && TAKES_JSON.includes(path)) {
    if (!body.complete) return refuse({ field: '(body)', allowed: 'at most 64 KiB of JSON' });
    try {
      json = JSON.parse(body.bytes.toString('utf8'));
    } catch {
      return refuse({ field: '(body)', allowed: 'JSON' });
    }
  }
  return action(state, json, reset);
}
