import type { InviteRequest } from './invite-request.ts';
import type { Rule } from './rules.ts';

/** Slack's limit for a message, in characters. */
const MAX_MESSAGE = 560;

/** Whether the call names exactly one recipient, by address or by user id, and its message. */
export const requestRules: readonly Rule<InviteRequest>[] = [
  // "required to specify which users to invite"
  {
    code: 'recipients_not_specified',
    refuses: ({ emails, user_ids }) => emails.length + user_ids.length === 0,
  },
  // "Too many email recipients"
  { code: 'too_many_emails', refuses: ({ emails }) => emails.length > 1 },
  // "called with invalid arguments": the table has no code of its own for two user ids, or for an
  // address beside a user id, although "only one email or one user ID may be invited at a time".
  {
    code: 'invalid_arguments',
    refuses: ({ emails, user_ids }) => emails.length + user_ids.length > 1,
  },
  // "longer than 560 characters"
  { code: 'message_too_long', refuses: ({ message }) => [...message].length > MAX_MESSAGE },
  // "contained a URL"
  { code: 'url_in_message', refuses: ({ message }) => /\b(https?:\/\/|www\.)\S/i.test(message) },
];
