import { accept, type Reply } from './reply.ts';
import type { Caller } from './rules.ts';

/**
 * `auth.test`: who the token is. It asks for no scope.
 * Source: https://docs.slack.dev/reference/methods/auth.test
 */
export function authTest({ token, user, workspace }: Caller): Reply {
  return accept({
    url: `https://${workspace.domain}.slack.example/`,
    team: workspace.name,
    user: user.name,
    team_id: token.workspace,
    user_id: token.user,
    ...(token.kind === 'user' ? {} : { bot_id: `B${token.user.slice(1)}` }),
    ...(workspace.enterprise === null ? {} : { enterprise_id: workspace.enterprise }),
    is_enterprise_install: token.org_wide,
  });
}
