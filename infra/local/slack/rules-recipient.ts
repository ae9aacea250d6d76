import { find } from './fields.ts';
import type { InviteRequest } from './invite-request.ts';
import { type InviteCall, type Rules, worksIn } from './rules.ts';
import type { Channel } from './world-schema.ts';

/** Slack's limit for a message, in characters. */
const MAX_MESSAGE = 560;

/** Whether the call names exactly one recipient, by address or by user id, and its message. */
export const requestRules: Rules<InviteRequest> = {
  // "required to specify which users to invite"
  recipients_not_specified: ({ emails, user_ids }) => emails.length + user_ids.length === 0,
  // "Too many email recipients"
  too_many_emails: ({ emails }) => emails.length > 1,
  // "called with invalid arguments": the table has no code of its own for two user ids, or for an
  // address with a user id, although "only one email or one user ID may be invited at a time".
  invalid_arguments: ({ emails, user_ids }) => emails.length + user_ids.length > 1,
  // "longer than 560 characters"
  message_too_long: ({ message }) => [...message].length > MAX_MESSAGE,
  // "contained a URL"
  url_in_message: ({ message }) => /\b(https?:\/\/|www\.)\S/i.test(message),
};

/** Whether the recipient can be invited. */
export const recipientRules: Rules<InviteCall> = {
  // "email address provided is invalid"
  invalid_email: ({ request }) => !request.emails.every(isAddress),
  // "already in the channel"
  already_in_channel: (call) => recipientIds(call).some((id) => call.channel.members.includes(id)),
  // "a resource specified in the request": a person from a company that admins have excluded
  access_denied: (call) => recipientIds(call).some((id) => isOfDeniedOrganization(id, call)),
  // "User lookup failed": the page's "Usage info" wants the user to be known to the app, by some
  // channel that the two organizations share.
  user_not_found: (call) => call.request.user_ids.some((id) => !isKnown(id, call)),
};

/** One ASCII address with a dotted domain, within the lengths of RFC 5321, section 4.5.3.1. */
const isAddress = (text: string) =>
  text.length <= 254 &&
  /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@([a-z\d]([a-z\d-]*[a-z\d])?\.)+[a-z][a-z\d-]*[a-z\d]$/i.test(
    text,
  );

/** The people that the call names, as far as they exist in the world. */
const recipientIds = ({ world, request }: InviteCall): string[] => {
  const addresses = request.emails.map((email) => email.toLowerCase());
  const named = Object.entries(world.users).filter(
    ([, { email }]) => email !== null && addresses.includes(email.toLowerCase()),
  );
  return [...request.user_ids, ...named.map(([id]) => id)];
};

const isOfDeniedOrganization = (id: string, { world, workspace }: InviteCall): boolean => {
  const user = find(world.users, id);
  return user !== undefined && workspace.denied_organizations.includes(user.workspace);
};

const isKnown = (id: string, { world, token }: InviteCall): boolean => {
  const user = find(world.users, id);
  const ours = worksIn(token);
  return (
    user !== undefined &&
    !user.deleted &&
    !ours.includes(user.workspace) &&
    Object.values(world.channels).some(
      (channel) => isThere(channel, [user.workspace]) && isThere(channel, ours),
    )
  );
};

/** Whether one of these workspaces is in the channel, as the host or as a guest. */
const isThere = (channel: Channel, ids: string[]) =>
  ids.some((id) => id === channel.workspace || channel.connected.includes(id));
