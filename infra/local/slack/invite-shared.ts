import { MANAGE } from './connect-methods.ts';
import { find } from './fields.ts';
import { type InviteRequest, readInviteRequest } from './invite-request.ts';
import { confirmationCode, createInvite, type Invite, isOpen } from './invites.ts';
import { writeMessage } from './mailbox.ts';
import { accept, type Reply, refuse } from './reply.ts';
import { type Caller, firstRefusal, type InviteCall, worksIn } from './rules.ts';
import { channelRules, roomRules, senderRules } from './rules-channel.ts';
import { recipientRules, requestRules } from './rules-recipient.ts';
import { keep, type State } from './state.ts';

const IN_THIS_ORDER = { ...channelRules, ...senderRules, ...recipientRules, ...roomRules };

/**
 * `conversations.inviteShared`: checks the arguments, the channel, the sender's rights, the recipient
 * and the room that is left, in this order. If nothing is against it, it sends the invitation.
 * @see https://docs.slack.dev/reference/methods/conversations.inviteShared
 */
export function inviteShared(caller: Caller, args: Map<string, unknown>, state: State): Reply {
  const request = readInviteRequest(args);
  if ('code' in request) {
    return refuse(request.code, { response_metadata: { messages: [request.message] } });
  }
  const badRequest = firstRefusal(requestRules, request);
  return badRequest ? refuse(badRequest) : inviteTo(caller, request, state);
}

function inviteTo(caller: Caller, request: InviteRequest, state: State): Reply {
  const { world, settings } = state;
  const channel = find(world.channels, request.channel);
  if (!channel) return refuse('channel_not_found');
  const now = state.now();
  const open = () => state.invites.filter((invite) => isOpen(invite, request.channel, now)).length;
  const workspace = actingFor(caller, channel.workspace, state);
  const call: InviteCall = { ...caller, workspace, world, settings, channel, request, open };
  const problem = firstRefusal(IN_THIS_ORDER, call);
  if (problem) return refuse(problem);
  if (request.emails.length > 0 && !mayMail(call, state)) return refuse('ratelimit');

  state.invited += 1;
  // Those who approve are exempt from governance.
  const held = settings.governance && !caller.token.scopes.includes(MANAGE);
  const invite = createInvite(state.invited, call, held ? 'held' : 'sent', now);
  keep(state.invites, invite);
  if (!held) keep(state.mailbox, writeMessage(invite, call));
  return accept({
    invite_id: invite.id,
    is_legacy_shared_channel: channel.legacy_shared,
    ...secretsOf(invite),
  });
}

/** An org-wide app acts for the workspace whose channel it names, if it may. */
const actingFor = ({ token, workspace }: Caller, host: string, { world }: State) =>
  (worksIn(token).includes(host) && find(world.workspaces, host)) || workspace;

/** Counts an invitation by e-mail against its sender's own limit. */
const mayMail = ({ token }: InviteCall, { emailLimiter }: State) =>
  emailLimiter === undefined || emailLimiter.take(token.user) === 0;

/** The answer has the link only if the recipient gets full rights. */
const secretsOf = ({ id, link, external_limited }: Invite) =>
  external_limited ? {} : { conf_code: confirmationCode(id), url: link };
