import { METHOD, SCOPE } from '../../../functions/slack/method.ts';
import { authTest } from './auth-test.ts';
import { authenticate } from './authenticate.ts';
import type { Call } from './call.ts';
import type { Counted } from './counters.ts';
import { inviteShared } from './invite-shared.ts';
import { type Reply, rateLimited, refuse } from './reply.ts';
import type { Caller } from './rules.ts';
import type { State } from './state.ts';

type Known = Exclude<Counted, 'unknown_method'>;

/** @returns the method of that name, as the counters call it. */
export const methodOf = (name: string): Counted =>
  name === METHOD || name === 'auth.test' ? name : 'unknown_method';

/**
 * Runs one call of a method: who calls, how often, then the method itself. The limit counts every
 * call with a good token, whatever comes of it; per method, workspace and app:
 * https://docs.slack.dev/apis/web-api/rate-limits
 */
export function runMethod(method: Known, { token, args }: Call, state: State): Reply {
  const caller = authenticate(state.world, token);
  if (typeof caller === 'string') return refuse(caller);

  const limiter = method === METHOD ? state.inviteLimiter : state.authTestLimiter;
  const wait = limiter.take(`${caller.token.workspace}/${caller.token.app}`);
  if (wait > 0) return rateLimited(wait);

  const reply = method === METHOD ? inviteShared(caller, args, state) : authTest(caller);
  return { ...reply, headers: { ...reply.headers, ...scopeHeaders(method, caller) } };
}

/** What the token may do, and what would be enough here. */
const scopeHeaders = (method: Known, { token }: Caller) => ({
  'x-oauth-scopes': token.scopes.join(','),
  ...(method === METHOD ? { 'x-accepted-oauth-scopes': SCOPE } : {}),
});
