import type { SlackCode } from '../../../functions/slack/codes.ts';
import type { InviteRequest } from './invite-request.ts';
import type { Settings } from './settings.ts';
import type { Channel, Token, User, Workspace, World } from './world-schema.ts';

/**
 * Checks in the order in which they are made: the code that Slack answers, and when. Rules look at
 * properties of the world and of the call, never at a particular id or token, so a changed world
 * changes the answers. The first that refuses decides. Each follows the row of its code in the
 * error table of https://docs.slack.dev/reference/methods/conversations.inviteShared#errors, and
 * quotes it. If another page adds something, it is cited too. The page gives no order. Here it goes
 * from the caller (rules-caller.ts) to the request's recipients, the channel with the sender's
 * rights in it, the recipient and the room that is left.
 */
export type Rules<Subject, Code extends string = SlackCode> = {
  [Name in Code]?: (subject: Subject) => boolean;
};

/** Who calls. */
export type Caller = { token: Token; user: User; workspace: Workspace };

/** A call about a channel that exists. `workspace` is the one that the caller acts for. */
export type InviteCall = Caller & {
  world: World;
  settings: Settings;
  channel: Channel;
  request: InviteRequest;
  /** Open invitations to the channel that were sent here. */
  open: () => number;
};

/** @returns the code of the first rule that refuses, if one does. */
export const firstRefusal = <Subject, Code extends string>(
  rules: Rules<Subject, Code>,
  subject: Subject,
): Code | undefined => (Object.keys(rules) as Code[]).find((code) => rules[code]?.(subject));

/** The workspaces that a token works for: its own, or those that an organization has granted. */
export const worksIn = ({ org_wide, granted, workspace }: Token): string[] =>
  org_wide ? granted : [workspace];
