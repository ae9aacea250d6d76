import type { Ask, Rule } from './rules.ts';

/** Whether the caller's workspace, and its place in the channel, permit the invitation. */
export const senderRules: readonly Rule<Ask>[] = [
  // "only available to paid teams"
  { code: 'not_paid', refuses: ({ workspace }) => !workspace.paid },
  // "does not have Slack Connect enabled"
  {
    code: 'not_allowed_for_grid_workspace',
    refuses: ({ workspace }) => !workspace.slack_connect,
  },
  // "Administrators have suspended the ability to post"
  { code: 'ekm_access_denied', refuses: ({ workspace }) => workspace.ekm_suspended },
  // "does not have the permissions": those that the channel asks of who posts in it
  {
    code: 'no_permission',
    refuses: ({ channel, token }) =>
      channel.posting === 'managers' && !channel.managers.includes(token.user),
  },
  // "does not have permission to invite an external user": anywhere, or in this channel
  {
    code: 'no_external_invite_permission',
    refuses: ({ user, channel, token }) =>
      !user.may_invite_external ||
      (channel.external_invites === 'managers' && !channel.managers.includes(token.user)),
  },
  // "A team preference does not allow": for this kind of invitation, as in the page's section on
  // external_limited
  {
    code: 'restricted_action',
    refuses: ({ workspace, request }) =>
      !(request.external_limited ? workspace.invitations.limited : workspace.invitations.full),
  },
];
