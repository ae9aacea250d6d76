import type { Invite } from './invites.ts';
import type { Channel, User, Workspace } from './world-schema.ts';

/** What a recipient finds: an e-mail, or a notification in the Slack client. */
export type Message = {
  via: 'email' | 'slack';
  from: string;
  recipient_email?: string;
  recipient_user_id?: string;
  invite_id: string;
  /** Unix seconds. */
  date: number;
  subject: string;
  /** Paragraphs, with an empty line in between. The one with the link ends in it. */
  text: string;
  /** Where the invitation is accepted: a bearer secret. */
  link: string;
};

/** Who invites, and where to. */
type Sender = { workspace: Workspace; user: User; channel: Channel };

/**
 * The message of an invitation: an e-mail to an address, a notification in Slack to a user id.
 * Source: https://docs.slack.dev/reference/methods/conversations.inviteShared, "Usage info".
 * @param date when it goes out, in Unix seconds.
 */
export function writeMessage(
  invite: Invite,
  { workspace, user, channel }: Sender,
  date = invite.date_created,
): Message {
  const may = invite.external_limited
    ? 'In this channel you can send messages.'
    : 'In this channel you can send messages and invite others from your organization.';
  const until = new Date(invite.date_invalid * 1000).toISOString().slice(0, 10);
  const { recipient_email, recipient_user_id, link } = invite;
  return {
    ...(recipient_email === undefined
      ? { via: 'slack', recipient_user_id: recipient_user_id ?? '' }
      : { via: 'email', recipient_email }),
    from: 'Slack <no-reply@slack.example>',
    invite_id: invite.id,
    date,
    subject: `${workspace.name} invites you to #${channel.name} on Slack`,
    text: [
      'Hello,',
      `${user.name} of ${workspace.name} invites you to the Slack channel #${channel.name}. ${may}`,
      `Join #${channel.name}: ${link}`,
      `The invitation is open until ${until}.`,
    ].join('\n\n'),
    link,
  };
}
