import type { Invite } from './invites.ts';
import type { Ask } from './rules.ts';

/** What a recipient finds: an e-mail, or a notification in the Slack client. */
export type Message = {
  via: 'email' | 'slack';
  recipient_email?: string;
  recipient_user_id?: string;
  invite_id: string;
  subject: string;
  text: string;
};

/**
 * The message of an invitation: an e-mail to an address, a notification in Slack to a user id.
 * Source: https://docs.slack.dev/reference/methods/conversations.inviteShared, "Usage info".
 */
export function writeMessage(invite: Invite, { workspace, user, channel }: Ask): Message {
  const may = invite.external_limited
    ? 'In this channel you can send messages.'
    : 'In this channel you can send messages and invite others from your organization.';
  const until = new Date(invite.date_invalid * 1000).toISOString().slice(0, 10);
  const { recipient_email, recipient_user_id } = invite;
  return {
    ...(recipient_email === undefined
      ? { via: 'slack', recipient_user_id: recipient_user_id ?? '' }
      : { via: 'email', recipient_email }),
    invite_id: invite.id,
    subject: `${workspace.name} invites you to #${channel.name} on Slack`,
    text: [
      'Hello,',
      `${user.name} of ${workspace.name} invites you to the Slack channel #${channel.name}.`,
      `${may} To accept, open ${invite.link} by ${until}.`,
    ].join('\n\n'),
  };
}
