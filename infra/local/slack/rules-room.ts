import type { Ask, Rule } from './rules.ts';

/** Whether there is room for one more in the channel. */
export const roomRules: readonly Rule<Ask>[] = [
  // "a legacy ESC channel with a third team"
  {
    code: 'legacy_connection_limit_exceeded',
    refuses: ({ channel }) => channel.legacy_shared && channel.connected.length > 0,
  },
  // "the limit of external connections"
  {
    code: 'connection_limit_exceeded',
    refuses: ({ channel }) => channel.connected.length >= channel.connection_limit,
  },
  // "already has a pending invite": as the setting says, any at all, or one that holds the last
  // place
  {
    code: 'connection_limit_exceeded_pending',
    refuses: (ask) =>
      ask.settings.pending_invitations === 'block'
        ? ask.channel.pending_invites + ask.open() > 0
        : placesTaken(ask) >= ask.channel.connection_limit,
  },
  // "the limit of members"
  {
    code: 'member_limit_exceeded',
    refuses: ({ channel }) => channel.members.length >= channel.member_limit,
  },
];

const placesTaken = ({ channel, settings, open }: Ask): number =>
  channel.connected.length +
  channel.pending_invites +
  (settings.pending_invitations === 'count' ? open() : 0);
