import { SCOPE } from '../../../functions/slack/method.ts';
import { type InviteRequest, readInviteRequest } from './invite-request.ts';
import { confirmationCode, createInvite, type Invite } from './invites.ts';
import { writeMessage } from './mailbox.ts';
import { accept, type Reply, refuse } from './reply.ts';
import {
  type Caller,
  channelRules,
  firstRefusal,
  recipientCountRules,
  recipientRules,
  scopeRules,
  senderRules,
} from './rules.ts';
import { keep, type State } from './state.ts';
import { find } from './world.ts';

const IN_THIS_ORDER = [...channelRules, ...senderRules, ...recipientRules];

/**
 * `conversations.inviteShared`: checks the caller, the arguments, the channel, the sender's rights
 * and the recipient, in this order, and sends the invitation when nothing stands against it.
 * Source: https://docs.slack.dev/reference/methods/conversations.inviteShared
 */
export function inviteShared(caller: Caller, args: Map<string, unknown>, state: State): Reply {
  const scopeProblem = firstRefusal(scopeRules, caller);
  if (scopeProblem === 'missing_scope') {
    return refuse(scopeProblem, { needed: SCOPE, provided: caller.token.scopes.join(',') });
  }
  if (scopeProblem) return refuse(scopeProblem);

  const request = readInviteRequest(args);
  if ('code' in request) {
    return refuse(request.code, { response_metadata: { messages: [request.message] } });
  }
  const problem = firstRefusal(recipientCountRules, request);
  if (problem) return refuse(problem);

  return inviteTo(caller, request, state);
}

function inviteTo(caller: Caller, request: InviteRequest, state: State): Reply {
  const { world } = state;
  const channel = find(world.channels, request.channel);
  if (!channel) return refuse('channel_not_found');
  const ask = { ...caller, world, channel, request };
  const problem = firstRefusal(IN_THIS_ORDER, ask);
  if (problem) return refuse(problem);

  state.invited += 1;
  const invite = createInvite(state.invited, ask, state.now());
  keep(state.invites, invite);
  keep(state.mailbox, writeMessage(invite, ask));
  return accept({
    invite_id: invite.id,
    is_legacy_shared_channel: channel.legacy_shared,
    ...secretsOf(invite),
  });
}

/** The answer carries the link only when the recipient gets full rights. */
const secretsOf = ({ id, link, external_limited }: Invite) =>
  external_limited ? {} : { conf_code: confirmationCode(id), url: link };
