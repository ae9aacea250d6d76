// Longer than other files, because it is one table that is read as a whole.
import type { ErrorClass } from '../errors/classes.ts';

/**
 * One error code of the method.
 * `class` is what our caller gets; `AlreadyThere` is not an error.
 * `description` and `remedy` are for the reader of an HTTP answer or of an alert.
 */
type CodeEntry = {
  class: ErrorClass | 'AlreadyThere';
  description: string;
  remedy: string;
};

/**
 * The error codes of `conversations.inviteShared`, from the table on the method's page
 * (https://docs.slack.dev/reference/methods/conversations.inviteShared), and the three that every
 * Web API method can give (`unknown_method`, `invalid_json`, `json_not_object`). The client, the
 * metrics, the local Slack and the documents read this table.
 */
export const CODES = {
  already_in_channel: {
    class: 'AlreadyThere',
    description: 'The person is already a member of the channel.',
    remedy: 'Nothing to do: the person is already in the channel.',
  },

  // The caller's input
  invalid_email: {
    class: 'InvalidRequest',
    description: 'Slack does not accept the e-mail address.',
    remedy: 'Correct the address and send the request again.',
  },
  invalid_channel_type: {
    class: 'InvalidRequest',
    description: 'The channel is a direct or group message, which cannot be shared.',
    remedy: 'Name a public or private channel.',
  },
  cannot_share_cross_workspace_channel: {
    class: 'InvalidRequest',
    description: 'The channel already spans several workspaces of the organization.',
    remedy: 'Use a channel that belongs to one workspace only.',
  },
  cannot_share_mandatory_channel: {
    class: 'InvalidRequest',
    description: 'The channel is #general or one that everybody has to be in.',
    remedy: 'Use a channel made for the outside party.',
  },
  not_supported: {
    class: 'InvalidRequest',
    description: 'Slack cannot share this kind of channel.',
    remedy: 'Use an ordinary channel.',
  },

  // What the request names does not exist
  channel_not_found: {
    class: 'NotFound',
    description: 'Slack knows no such channel, or the app cannot see it.',
    remedy:
      'Check the channel id (a private channel gets a new id, C instead of G, when it is shared) and add the app to it.',
  },
  user_not_found: {
    class: 'NotFound',
    description:
      'Slack knows no such user, or the app has no channel in common with that organization.',
    remedy: 'Check the user id, or invite by e-mail address.',
  },

  // Slack's policy or plan
  restricted_action: {
    class: 'SlackRefused',
    description: 'A preference of the workspace forbids the app this kind of invitation.',
    remedy:
      'Let an admin open "Manage permissions for inviting people to channels" for the app; do not widen external_limited to get past it.',
  },
  no_external_invite_permission: {
    class: 'SlackRefused',
    description: "The token's user may not invite people from outside.",
    remedy:
      'Let an admin permit outside invitations for the app, in the workspace and in the channel.',
  },
  not_in_channel: {
    class: 'SlackRefused',
    description: 'The app has not joined the channel.',
    remedy: 'Add the app to the channel (/invite @app) and send the request again.',
  },
  not_owner: {
    class: 'SlackRefused',
    description: 'Another organization hosts the channel.',
    remedy: 'Ask the host organization to invite, or use a channel of your own.',
  },
  user_is_restricted: {
    class: 'SlackRefused',
    description: 'The token belongs to a guest, who may not invite.',
    remedy: 'Use the token of an app that a full member installed.',
  },
  access_denied: {
    class: 'SlackRefused',
    description: 'Slack denies access to something that the request names.',
    remedy: "Let an admin check the app's access to the channel and to Slack Connect.",
  },
  no_permission: {
    class: 'SlackRefused',
    description: 'The token lacks a permission that the channel requires.',
    remedy: "Add the app to the channel and check the channel's posting permissions.",
  },
  ekm_access_denied: {
    class: 'SlackRefused',
    description: 'Administrators have suspended access through Enterprise Key Management.',
    remedy: 'Ask the administrators of the keys.',
  },
  accesslimited: {
    class: 'SlackRefused',
    description: 'Slack limits access from the network of this function.',
    remedy: "Let an admin allow the function's addresses in the workspace's IP allow list.",
  },
  enterprise_is_restricted: {
    class: 'SlackRefused',
    description: 'The method may not be called for an Enterprise organization as a whole.',
    remedy: 'Install the app in the workspace and use that token.',
  },
  team_access_not_granted: {
    class: 'SlackRefused',
    description: 'The organization has not granted the app this workspace.',
    remedy: 'Let an org admin add the workspace to the app.',
  },
  not_paid: {
    class: 'SlackRefused',
    description: "The workspace's plan has no Slack Connect.",
    remedy: 'Move the workspace to a paid plan.',
  },
  not_allowed_for_grid_workspace: {
    class: 'SlackRefused',
    description: 'Slack Connect is switched off for this workspace of the organization.',
    remedy: 'Let an org admin switch Slack Connect on for the workspace.',
  },

  // The present state
  channel_archived: {
    class: 'Conflict',
    description: 'The channel is archived.',
    remedy: 'Unarchive the channel or name another one.',
  },
  connection_limit_exceeded: {
    class: 'Conflict',
    description: 'The channel is connected to as many organizations as Slack permits.',
    remedy: 'Disconnect an organization or use another channel.',
  },
  connection_limit_exceeded_pending: {
    class: 'Conflict',
    description: 'An invitation to the channel is pending and takes its last place.',
    remedy: 'Wait until it is accepted or expires, or revoke it in Slack.',
  },
  legacy_connection_limit_exceeded: {
    class: 'Conflict',
    description: 'The channel is an old shared channel, which holds two organizations at most.',
    remedy: 'Use a new channel.',
  },
  member_limit_exceeded: {
    class: 'Conflict',
    description: 'The channel has as many members as Slack permits.',
    remedy: 'Remove members or use another channel.',
  },

  // Slack's limits
  ratelimited: {
    class: 'RateLimited',
    description: "Slack's rate limit for the method is reached.",
    remedy: 'Try again after retry_after seconds.',
  },
  ratelimit: {
    class: 'RateLimited',
    description: "Slack's own limit on invitations by e-mail is reached.",
    remedy: 'Try again after retry_after seconds, or invite by user id.',
  },

  // Certainly nothing happened
  service_unavailable: {
    class: 'SlackUnavailable',
    description: 'Slack is temporarily unavailable.',
    remedy: "Try again after retry_after seconds; look at Slack's status page if it lasts.",
  },
  request_timeout: {
    class: 'SlackUnavailable',
    description: 'The request reached Slack incomplete.',
    remedy: 'Try again after retry_after seconds.',
  },
  invite_lookup_error: {
    class: 'SlackUnavailable',
    description: 'Slack could not look up the existing invitations.',
    remedy: 'Try again after retry_after seconds.',
  },
  team_added_to_org: {
    class: 'SlackUnavailable',
    description: 'The workspace is moving to an Enterprise organization.',
    remedy: 'Try again later; it works when the migration is done.',
  },
  org_login_required: {
    class: 'SlackUnavailable',
    description: 'The workspace is in the middle of an Enterprise migration.',
    remedy: "Try again later; if it lasts, check that the workspace's plan has Slack Connect.",
  },

  // It may have happened
  fatal_error: {
    class: 'OutcomeUnknown',
    description: 'Slack failed badly, possibly after it had sent the invitation.',
    remedy:
      'Look in Slack whether the invitation is there; if not, send the request again with resend.',
  },
  internal_error: {
    class: 'OutcomeUnknown',
    description: 'Slack failed, possibly after it had sent the invitation.',
    remedy:
      'Look in Slack whether the invitation is there; if not, send the request again with resend.',
  },
  invite_not_found: {
    class: 'OutcomeUnknown',
    description: 'Slack failed while it was inviting, and may have got far enough.',
    remedy:
      'Look in Slack whether the invitation is there; if not, send the request again with resend.',
  },

  // The operator's token
  invalid_auth: {
    class: 'SlackCredentials',
    description: 'Slack does not accept the token, or not from this network.',
    remedy: "Put a valid bot token into the secret and check the workspace's IP allow list.",
  },
  not_authed: {
    class: 'SlackCredentials',
    description: 'The request carried no token.',
    remedy: "Put the app's bot token into the secret.",
  },
  account_inactive: {
    class: 'SlackCredentials',
    description: "The token's user or workspace was deleted.",
    remedy: 'Install the app again and put the new token into the secret.',
  },
  token_expired: {
    class: 'SlackCredentials',
    description: 'The token is past its lifetime.',
    remedy: 'Check what rotates the token, and put the new one into the secret.',
  },
  token_revoked: {
    class: 'SlackCredentials',
    description: 'The token was revoked or the app removed.',
    remedy: 'Install the app again and put the new token into the secret.',
  },
  missing_scope: {
    class: 'SlackCredentials',
    description: 'The token lacks the scope conversations.connect:write.',
    remedy: 'Add the scope to the app, install it again and put the new token into the secret.',
  },
  not_allowed_token_type: {
    class: 'SlackCredentials',
    description: 'This kind of token may not call the method, or not on this plan.',
    remedy: 'Use the bot token of an app with conversations.connect:write.',
  },
  is_bot: {
    class: 'SlackCredentials',
    description: 'The token belongs to a legacy bot, which may not invite.',
    remedy: 'Use the bot token of a Slack app.',
  },
  two_factor_setup_required: {
    class: 'SlackCredentials',
    description: "The token's owner has to set up two-factor authentication first.",
    remedy: "Set it up for that account, or use an app's bot token.",
  },

  // Our own call was malformed or outdated
  invalid_arguments: {
    class: 'Defect',
    description: 'Slack found the arguments malformed.',
    remedy: 'Report it: the request should have been stopped before the call.',
  },
  invalid_arg_name: {
    class: 'Defect',
    description: 'Slack does not accept the name of an argument.',
    remedy: 'Report it: the client sends fixed names only.',
  },
  invalid_array_arg: {
    class: 'Defect',
    description: 'An argument reached Slack as an array of form fields.',
    remedy: 'Report it: the client sends strings only.',
  },
  recipients_not_specified: {
    class: 'Defect',
    description: 'The call named nobody to invite.',
    remedy: 'Report it: the request should have been stopped before the call.',
  },
  too_many_emails: {
    class: 'Defect',
    description: 'The call named more than one address.',
    remedy: 'Report it: the request should have been stopped before the call.',
  },
  message_too_long: {
    class: 'Defect',
    description: 'The call carried a message of more than 560 characters.',
    remedy: 'Report it: the client sends no message.',
  },
  url_in_message: {
    class: 'Defect',
    description: 'The call carried a message with a URL.',
    remedy: 'Report it: the client sends no message.',
  },
  invalid_form_data: {
    class: 'Defect',
    description: 'Slack could not read the form.',
    remedy: 'Report it: the client encodes every form itself.',
  },
  invalid_post_type: {
    class: 'Defect',
    description: 'Slack does not accept the content type.',
    remedy: 'Report it: the client sends a form.',
  },
  missing_post_type: {
    class: 'Defect',
    description: 'The call carried no content type.',
    remedy: 'Report it: the client sends a form.',
  },
  invalid_charset: {
    class: 'Defect',
    description: 'Slack does not accept the charset of the content type.',
    remedy: 'Report it: the client sends UTF-8.',
  },
  invalid_json: {
    class: 'Defect',
    description: 'Slack could not read the JSON body.',
    remedy: 'Report it: the client sends a form.',
  },
  json_not_object: {
    class: 'Defect',
    description: 'The JSON body was not an object.',
    remedy: 'Report it: the client sends a form.',
  },
  deprecated_endpoint: {
    class: 'Defect',
    description: 'Slack has withdrawn the address of the method.',
    remedy: 'Update this service.',
  },
  method_deprecated: {
    class: 'Defect',
    description: 'Slack has withdrawn the method.',
    remedy: 'Update this service.',
  },
  unknown_method: {
    class: 'Defect',
    description: 'Slack knows no such method.',
    remedy: 'Update this service.',
  },
} as const satisfies Record<string, CodeEntry>;

export type SlackCode = keyof typeof CODES;

/** @returns whether the code stands in the table, that is, on the method's page. */
export const isListed = (code: string): code is SlackCode => Object.hasOwn(CODES, code);
