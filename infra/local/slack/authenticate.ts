import type { SlackCode } from '../../../functions/slack/codes.ts';
import { type Caller, firstRefusal } from './rules.ts';
import { tokenRules } from './rules-caller.ts';
import { find, type World } from './world-types.ts';

/**
 * @param secret the token as it was sent; empty when none was.
 * @returns who calls, or why the token is good for nothing.
 */
export function authenticate(world: World, secret: string): Caller | SlackCode {
  if (secret === '') return 'not_authed';
  const token = find(world.tokens, secret);
  const user = token && find(world.users, token.user);
  const workspace = token && find(world.workspaces, token.workspace);
  if (!token || !user || !workspace) return 'invalid_auth';
  const caller = { token, user, workspace };
  return firstRefusal(tokenRules, caller) ?? caller;
}
