import type { SlackCode } from '../../../functions/slack/codes.ts';
import { SCOPE } from '../../../functions/slack/method.ts';
import type { InviteRequest } from './invite-request.ts';
import { type Channel, find, type Token, type User, type Workspace, type World } from './world.ts';

/**
 * A check: the code that Slack answers when `refuses` holds. Rules look at properties of the world
 * and of the call, never at a particular id, so that a changed world changes the answers. The
 * first that refuses decides. Each stands on its row of the error table of
 * https://docs.slack.dev/reference/methods/conversations.inviteShared; what another page adds is
 * cited at the rule. The page gives no order: it goes from the caller to the recipient here.
 */
export type Rule<Subject> = { code: SlackCode; refuses: (subject: Subject) => boolean };

/** Who calls. */
export type Caller = { token: Token; user: User; workspace: Workspace };

/** A call about a channel that exists. */
export type Ask = Caller & { world: World; channel: Channel; request: InviteRequest };

/** @returns the code of the first rule that refuses, if one does. */
export const firstRefusal = <Subject>(
  rules: readonly Rule<Subject>[],
  subject: Subject,
): SlackCode | undefined => rules.find((rule) => rule.refuses(subject))?.code;

/** Whether the token is good for anything: every method asks. */
export const tokenRules: readonly Rule<Caller>[] = [
  { code: 'account_inactive', refuses: ({ user }) => user.deleted },
  { code: 'token_revoked', refuses: ({ token }) => token.state === 'revoked' },
  // An access token under rotation lives for 12 hours:
  // https://docs.slack.dev/authentication/using-token-rotation
  { code: 'token_expired', refuses: ({ token }) => token.state === 'expired' },
];

/** Whether the token is good for this method. */
export const scopeRules: readonly Rule<Caller>[] = [
  { code: 'is_bot', refuses: ({ token }) => token.kind === 'legacy_bot' },
  // The scope exists for bots only:
  // https://docs.slack.dev/reference/scopes/conversations.connect.write
  { code: 'not_allowed_token_type', refuses: ({ token }) => token.kind !== 'bot' },
  { code: 'missing_scope', refuses: ({ token }) => !token.scopes.includes(SCOPE) },
];

/** Whether the call names exactly one recipient, by address or by user id. */
export const recipientCountRules: readonly Rule<InviteRequest>[] = [
  {
    code: 'recipients_not_specified',
    refuses: ({ emails, user_ids }) => emails.length + user_ids.length === 0,
  },
  { code: 'too_many_emails', refuses: ({ emails }) => emails.length > 1 },
  // The table has no code of its own for two user ids, or for an address beside a user id.
  {
    code: 'invalid_arguments',
    refuses: ({ emails, user_ids }) => emails.length + user_ids.length > 1,
  },
];

/** Whether the channel is there for the caller, can be shared, and has the app in it. */
export const channelRules: readonly Rule<Ask>[] = [
  {
    code: 'channel_not_found',
    refuses: (ask) => ask.channel.workspace !== ask.token.workspace || isHidden(ask),
  },
  { code: 'invalid_channel_type', refuses: ({ channel }) => isDirect(channel) },
  { code: 'channel_archived', refuses: ({ channel }) => channel.archived },
  { code: 'cannot_share_mandatory_channel', refuses: ({ channel }) => channel.mandatory },
  { code: 'not_in_channel', refuses: (ask) => !callerIsMember(ask) },
];

/**
 * Whether the workspace permits this kind of invitation: the page's section on `external_limited`.
 */
export const senderRules: readonly Rule<Ask>[] = [
  {
    code: 'restricted_action',
    refuses: ({ workspace, request }) =>
      !(request.external_limited ? workspace.invitations.limited : workspace.invitations.full),
  },
];

/** Whether the recipient can be invited. */
export const recipientRules: readonly Rule<Ask>[] = [
  { code: 'invalid_email', refuses: ({ request }) => !request.emails.every(isAddress) },
  {
    code: 'already_in_channel',
    refuses: (ask) => recipientIds(ask).some((id) => ask.channel.members.includes(id)),
  },
  // A user id is good once some channel of the caller's workspace is shared with the user's.
  {
    code: 'user_not_found',
    refuses: (ask) => ask.request.user_ids.some((id) => !isKnown(id, ask)),
  },
];

const isDirect = ({ kind }: Channel) => kind === 'im' || kind === 'mpim';

const callerIsMember = ({ channel, token }: Ask) => channel.members.includes(token.user);

/** To an app that is not in it, a channel that is not public does not exist. */
const isHidden = (ask: Ask) => ask.channel.kind !== 'public' && !callerIsMember(ask);

/** One ASCII address with a dotted domain, within the lengths of RFC 5321, section 4.5.3.1. */
const isAddress = (text: string) =>
  text.length <= 254 &&
  /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@([a-z\d]([a-z\d-]*[a-z\d])?\.)+[a-z][a-z\d-]*[a-z\d]$/i.test(
    text,
  );

/** The people that the call means, as far as the world has them. */
const recipientIds = ({ world, request }: Ask): string[] => [
  ...request.user_ids,
  ...Object.entries(world.users)
    .filter(
      ([, { email }]) => email !== null && request.emails.some((each) => sameAddress(each, email)),
    )
    .map(([id]) => id),
];

const sameAddress = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

function isKnown(id: string, { world, token }: Ask): boolean {
  const user = find(world.users, id);
  return (
    user !== undefined &&
    !user.deleted &&
    Object.values(world.channels).some(
      ({ workspace, connected }) =>
        workspace === token.workspace && connected.includes(user.workspace),
    )
  );
}
