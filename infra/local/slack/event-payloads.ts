import { find } from './fields.ts';
import type { Invite } from './invites.ts';
import type { User, World } from './world-schema.ts';

// What an event says about people and places, with the fields that Slack's real events have:
// https://docs.slack.dev/reference/events/shared_channel_invite_accepted. All addresses of pictures
// lead nowhere.

/** When the workspaces and people of the world were made, as Unix seconds: a fixed day. */
const LONG_AGO = 1_700_000_000;

const picture = (id: string, size: number | string) =>
  `https://avatars.slack.example/${id}_${size}.png`;

const pictures = (id: string, sizes: (number | string)[]) =>
  Object.fromEntries(sizes.map((size) => [`image_${size}`, picture(id, size)]));

export const teamCard = (world: World, id: string) => {
  const { name = id, domain = id.toLowerCase() } = find(world.workspaces, id) ?? {};
  return {
    id,
    name,
    icon: { image_default: false, ...pictures(id, [34, 44, 68, 88, 102, 230, 132]) },
    avatar_base_url: 'https://avatars.slack.example/',
    is_verified: false,
    domain,
    date_created: LONG_AGO,
  };
};

/** @param user one who is not in the world. */
export const userCard = (
  world: World,
  id: string,
  user?: Pick<User, 'workspace' | 'name' | 'email'>,
) => {
  const known = find(world.users, id);
  const {
    workspace: team,
    name,
    email,
  } = user ?? known ?? { workspace: '', name: id, email: null };
  const bot = known?.role === 'bot';
  return {
    id,
    team_id: team,
    name,
    updated: LONG_AGO,
    who_can_share_contact_card: 'EVERYONE',
    profile: {
      real_name: name,
      display_name: '',
      real_name_normalized: name,
      display_name_normalized: '',
      team,
      avatar_hash: 'a0a0a0a0a0a0',
      email: email ?? `botuser-${team}-B${id.slice(1)}@slack-bots.example`,
      ...pictures(id, [24, 32, 48, 72, 192, 512, ...(bot ? [1024, 'original'] : [])]),
      ...(bot && { is_custom_image: true }),
    },
  };
};

export const inviteCard = (world: World, invite: Invite) => {
  const { id, date_created, date_invalid, recipient_email, recipient_user_id } = invite;
  return {
    id,
    date_created,
    date_invalid,
    inviting_team: teamCard(world, invite.inviting_team),
    inviting_user: userCard(world, invite.inviting_user),
    ...(recipient_email === undefined ? {} : { recipient_email }),
    ...(recipient_user_id === undefined ? {} : { recipient_user_id }),
  };
};

export const channelCard = (world: World, id: string) => {
  const { kind = 'public', name = '' } = find(world.channels, id) ?? {};
  return { id, is_im: kind === 'im', is_private: kind !== 'public', name };
};

/** The workspaces that are in a channel, its host first. */
export const teamsIn = (world: World, id: string) => {
  const { workspace, connected = [] } = find(world.channels, id) ?? {};
  return [...(workspace ? [workspace] : []), ...connected].map((team) => teamCard(world, team));
};

/** To whom an event goes: an app in a workspace, by its bot. */
export type Addressee = { app: string; team: string; user: string };

/** The `event` of a delivery, without its time. */
export type SlackEvent = { type: string; [field: string]: unknown };

/**
 * The body of a delivery: https://docs.slack.dev/apis/events-api, "Callback field overview".
 * @param number how many events there are, this one included.
 * @param now the time in ms.
 */
export const envelope = (
  { app, team, user }: Addressee,
  event: SlackEvent,
  number: number,
  now: number,
) => {
  const seconds = Math.floor(now / 1000);
  return {
    token: 'local-verification-token',
    team_id: team,
    api_app_id: app,
    event: { ...event, event_ts: `${seconds}.000000` },
    type: 'event_callback',
    event_id: `Ev0${number.toString(36).toUpperCase().padStart(9, '0')}`,
    event_time: seconds,
    authorizations: [{ team_id: team, user_id: user, is_bot: true, is_enterprise_install: false }],
    is_ext_shared_channel: false,
  };
};
