import type { SlackCode } from '../../../functions/slack/codes.ts';
import { METHOD, SCOPE } from '../../../functions/slack/method.ts';
import type { Call } from './call.ts';
import { CONNECT } from './connect.ts';
import { isOther, METHODS } from './connect-methods.ts';
import type { Counted } from './counters.ts';
import { find } from './fields.ts';
import { inviteShared } from './invite-shared.ts';
import { accept, type Reply, rateLimited, refuse } from './reply.ts';
import { type Caller, firstRefusal } from './rules.ts';
import { methodRules, tokenRules } from './rules-caller.ts';
import type { State } from './state.ts';
import type { World } from './world-schema.ts';

type Known = Exclude<Counted, 'unknown_method'>;

/** @returns the method of that name, as the counters call it. */
export const methodOf = (name: string): Counted =>
  name === METHOD || isOther(name) ? name : 'unknown_method';

/**
 * Runs one call of a method: who calls, how often, then the method itself. The limit counts every
 * call with a working token, whatever comes of it, per method, workspace and app:
 * https://docs.slack.dev/apis/web-api/rate-limits
 */
export function runMethod(method: Known, { token, args }: Call, state: State): Reply {
  const caller = authenticate(state.world, token);
  if (typeof caller === 'string') return refuse(caller);

  const limiter = method === METHOD ? state.inviteLimiter : state.otherLimiters[method];
  const wait = limiter.take(`${caller.token.workspace}/${caller.token.app}`);
  if (wait > 0) return rateLimited(wait);

  const accepted = method === METHOD ? [SCOPE] : METHODS[method].scopes;
  const reply = answer(method, accepted, caller, args, state);
  // What the token may do, and what would be enough here.
  const scopes = {
    'x-oauth-scopes': caller.token.scopes.join(','),
    ...(accepted.length > 0 && { 'x-accepted-oauth-scopes': accepted.join(',') }),
  };
  return { ...reply, headers: { ...reply.headers, ...scopes } };
}

function answer(
  method: Known,
  accepted: string[],
  caller: Caller,
  args: Call['args'],
  state: State,
): Reply {
  if (method === 'auth.test') return authTest(caller);
  const subject = { ...caller, method, accepted, settings: state.settings };
  const problem = firstRefusal(methodRules, subject);
  if (problem === 'missing_scope') {
    return refuse(problem, {
      needed: accepted.join(','),
      provided: caller.token.scopes.join(','),
    });
  }
  if (problem) return refuse(problem);
  return method === METHOD
    ? inviteShared(caller, args, state)
    : CONNECT[method](caller, args, state);
}

/**
 * @param secret the token as it was sent; empty without one.
 * @returns who calls, or why the token does not work.
 */
function authenticate(world: World, secret: string): Caller | SlackCode {
  if (secret === '') return 'not_authed';
  const token = find(world.tokens, secret);
  const user = token && find(world.users, token.user);
  const workspace = token && find(world.workspaces, token.workspace);
  if (!token || !user || !workspace) return 'invalid_auth';
  const caller = { token, user, workspace };
  return firstRefusal(tokenRules, caller) ?? caller;
}

/**
 * `auth.test`: whose token it is. It needs no scope.
 * @see https://docs.slack.dev/reference/methods/auth.test
 */
const authTest = ({ token, user, workspace }: Caller): Reply =>
  accept({
    url: `https://${workspace.domain}.slack.example/`,
    team: workspace.name,
    user: user.name,
    team_id: token.workspace,
    user_id: token.user,
    ...(token.kind !== 'user' && { bot_id: `B${token.user.slice(1)}` }),
    ...(workspace.enterprise !== null && { enterprise_id: workspace.enterprise }),
    is_enterprise_install: token.org_wide,
  });
