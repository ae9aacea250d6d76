import { element } from './dom.js';

/**
 * @typedef {ReturnType<typeof import('../live.ts').snapshot>} Snapshot
 * @typedef {Snapshot['mailbox'][number]} Message
 * @typedef {Snapshot['invites'][number]} Invite
 * @typedef {Snapshot['channels'][string]} Channel
 */

/** @param {number} seconds Unix time. */
const time = (seconds) => {
  const date = new Date(seconds * 1000);
  return element(
    'time',
    { datetime: date.toISOString(), title: date.toLocaleString() },
    date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
  );
};

/** @param {string} text @param {string} [kind] */
const tag = (text, kind = '') => element('span', { class: `tag ${kind}` }, text);

/** @param {{ recipient_email?: string, recipient_user_id?: string }} to */
const recipientOf = ({ recipient_email, recipient_user_id }) =>
  recipient_email ?? recipient_user_id ?? '';

/**
 * An address that goes on in the next line after a dot or its "@", where it is too long for one.
 * @param {string} address
 */
const breakable = (address) => address.split(/(?<=[.@])/).flatMap((part) => [part, element('wbr')]);

/**
 * A message in the list of all.
 * @param {Message} message
 */
export const messageEntry = (message) =>
  element(
    'li',
    {},
    element(
      'button',
      { type: 'button', 'data-invite': message.invite_id },
      element('span', { class: 'to' }, ...breakable(recipientOf(message))),
      element('span', { class: 'subject' }, message.subject),
      time(message.date),
    ),
  );

/**
 * A message as its recipient reads it.
 * @param {Message} message
 */
export const messageView = (message) => [
  element('h3', {}, message.subject),
  element(
    'dl',
    {},
    element('dt', {}, 'From'),
    element('dd', {}, message.from),
    element('dt', {}, 'To'),
    element(
      'dd',
      {},
      ...breakable(recipientOf(message)),
      message.via === 'slack' ? tag('in Slack') : '',
    ),
  ),
  ...message.text.split('\n\n').map((paragraph) => paragraphOf(paragraph, message.link)),
];

/**
 * The paragraph that ends in the link is what an HTML mail shows as a button.
 * @param {string} paragraph
 * @param {string} link
 */
const paragraphOf = (paragraph, link) => {
  if (!link.startsWith('https://') || !paragraph.endsWith(link)) return element('p', {}, paragraph);
  const label = paragraph.slice(0, -link.length).replace(/:\s*$/, '');
  const join = `/join/${link.slice(link.lastIndexOf('/') + 1)}`;
  return element(
    'p',
    {},
    element('a', { class: 'join', href: join, target: '_blank' }, label),
    element('span', { class: 'link' }, link),
  );
};

/**
 * @param {Invite} invite
 * @param {Snapshot} snapshot
 */
export const inviteEntry = (invite, { channels, users }) => {
  const channel = channels[invite.channel]?.name ?? invite.channel;
  const by = users[invite.inviting_user]?.name ?? invite.inviting_user;
  return element(
    'li',
    {},
    element('strong', {}, ...breakable(recipientOf(invite))),
    element('span', {}, ` to #${channel} `),
    invite.external_limited ? tag('limited') : tag('full access', 'strong'),
    tag(STATES[invite.state] ?? invite.state, KINDS_OF_STATE[invite.state]),
    element('span', { class: 'quiet' }, `${invite.id} · by ${by} · `, time(invite.date_created)),
    element(
      'span',
      { class: 'acts' },
      ...(ACTIONS[invite.state] ?? []).map((action) =>
        element(
          'button',
          { type: 'button', 'data-invite': invite.id, 'data-action': action },
          ACTION_NAMES[action] ?? action,
        ),
      ),
    ),
  );
};

/** @type {Record<string, string>} */
const STATES = { held: 'held for approval', accepted: 'waits for approval' };

/** @type {Record<string, string>} */
const KINDS_OF_STATE = { held: 'strong', accepted: 'strong', connected: 'shared' };

/** What can be done in each state. @type {Record<string, string[]>} */
const ACTIONS = {
  held: ['approve', 'decline', 'revoke', 'expire'],
  sent: ['accept', 'decline', 'revoke', 'expire'],
  accepted: ['approve', 'decline', 'revoke', 'expire'],
};

/** @type {Record<string, string>} */
const ACTION_NAMES = {
  accept: 'Accept',
  approve: 'Approve',
  decline: 'Decline',
  revoke: 'Revoke',
  expire: 'Let expire',
};

/**
 * @param {{ id: string, channel: Channel }} entry
 * @param {Snapshot} snapshot
 */
export const channelEntry = ({ id, channel }, { workspaces }) => {
  const { workspace, kind, members, connected } = channel;
  const teamOf = (/** @type {string} */ team) => workspaces[team]?.name ?? team;
  return element(
    'li',
    {},
    element('strong', {}, nameOf(channel)),
    element('code', {}, id),
    element(
      'span',
      { class: 'tags' },
      tag(KINDS[kind] ?? kind),
      ...connected.map((team) => tag(`with ${teamOf(team)}`, 'shared')),
      ...hindrances(channel).map((text) => tag(text, 'strong')),
    ),
    element(
      'span',
      { class: 'quiet' },
      `${teamOf(workspace)} · ${count(members.length, 'member')}`,
    ),
  );
};

/** What a channel is called where it is shown. @param {Channel} channel */
export const nameOf = ({ kind, name }) => (kind === 'im' || kind === 'mpim' ? name : `#${name}`);

/** @type {Record<string, string>} */
const KINDS = { im: 'direct message', mpim: 'group message' };

/**
 * What stands, or may stand, in the way of an invitation.
 * @param {Channel} channel
 */
const hindrances = (channel) =>
  Object.entries({
    archived: channel.archived,
    mandatory: channel.mandatory,
    'cannot be shared': !channel.shareable,
    [channel.reach.replace('_', '-')]: channel.reach !== 'workspace',
    'legacy shared': channel.legacy_shared,
    'only managers post': channel.posting === 'managers',
    'only managers invite': channel.external_invites === 'managers',
    [`${channel.pending_invites} pending`]: channel.pending_invites > 0,
    [`limit of ${count(channel.connection_limit, 'organization')}`]:
      channel.connected.length + channel.pending_invites >= channel.connection_limit,
    [`limit of ${count(channel.member_limit, 'member')}`]:
      channel.members.length >= channel.member_limit,
  }).flatMap(([text, holds]) => (holds ? [text] : []));

/** @param {number} number @param {string} noun */
export const count = (number, noun) => `${number} ${noun}${number === 1 ? '' : 's'}`;
