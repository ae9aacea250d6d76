import { readDelivery, type SlackEvent } from '../../functions/lifecycle/door.ts';

/** Our workspace and bot, and the workspace of whoever accepts. */
export const OURS = 'T0ACMECORP1';
export const BOT = 'U0BOT000001';
export const THEIRS = 'T0PARTNER01';

/** An invitation at Slack; times in epoch seconds. */
export type Invitation = {
  id: string;
  channel: string;
  email: string;
  createdAt: number;
  /** By whom it was sent, where not by us. */
  by?: string;
};

type Body = Record<string, unknown>;

/** The body of a delivery, as Slack sends it. */
export const envelope = (event: Body, at: number): Body => ({
  token: 'verification-token',
  team_id: OURS,
  api_app_id: 'A0INVITES01',
  type: 'event_callback',
  event_id: `Ev${at}`,
  event_time: at,
  authorizations: [{ team_id: OURS, user_id: BOT, is_bot: true, is_enterprise_install: false }],
  is_ext_shared_channel: false,
  event: { ...event, event_ts: `${at}.000200` },
});

const about = ({ id, channel, email, createdAt, by = BOT }: Invitation, teams: string[]): Body => ({
  invite: {
    id,
    date_created: createdAt,
    date_invalid: createdAt + 1_209_600,
    inviting_team: { id: OURS, name: 'Acme', domain: 'acme' },
    inviting_user: { id: by, team_id: OURS, profile: { real_name: 'Bot', email: 'bot@acme.test' } },
    recipient_email: email,
  },
  channel: { id: channel, is_private: false, is_im: false, name: 'partners' },
  teams_in_channel: teams.map((team) => ({ id: team, name: team })),
});

const PERSON = {
  id: 'U0PERSON001',
  team_id: THEIRS,
  name: 'someone-else',
  profile: { real_name: 'Someone Else', email: 'someone-else@partner.example' },
};

export const accepted = (one: Invitation, at: number, { approval = false, isIn = false } = {}) =>
  envelope(
    {
      type: 'shared_channel_invite_accepted',
      approval_required: approval,
      accepting_user: PERSON,
      ...about(one, isIn ? [OURS, THEIRS] : [OURS]),
    },
    at,
  );

export const approved = (one: Invitation, at: number, by = OURS) =>
  envelope(
    {
      type: 'shared_channel_invite_approved',
      approving_team_id: by,
      approving_user: { ...PERSON, team_id: by },
      ...about(one, [OURS]),
    },
    at,
  );

export const declined = (one: Invitation, at: number) =>
  envelope(
    {
      type: 'shared_channel_invite_declined',
      declining_team_id: OURS,
      declining_user: PERSON,
      ...about(one, [OURS]),
    },
    at,
  );

export const shared = (channel: string, at: number, team = THEIRS) =>
  envelope({ type: 'channel_shared', connected_team_id: team, channel }, at);

export const unshared = (channel: string, at: number, team = THEIRS) =>
  envelope(
    { type: 'channel_unshared', previously_connected_team_id: team, channel, is_ext_shared: false },
    at,
  );

export const renamed = (before: string, after: string, at: number) =>
  envelope({ type: 'channel_id_changed', old_channel_id: before, new_channel_id: after }, at);

/** @returns the event that a delivery tells. */
export const eventOf = (body: Body): SlackEvent => {
  const told = readDelivery(body);
  if (!('event' in told)) throw new Error(`no event: ${JSON.stringify(told)}`);
  return told.event;
};
