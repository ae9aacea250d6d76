import type { State } from './state.ts';

/** How many invitations and messages the page shows: the newest. */
const SHOWN = 50;

/** @returns all that the page shows, as JSON takes it. */
export const snapshot = ({ world, settings, invites, mailbox, counters, faults }: State) => ({
  workspaces: world.workspaces,
  users: world.users,
  channels: world.channels,
  settings,
  kept: { invites: invites.length, messages: mailbox.length },
  invites: invites.slice(-SHOWN),
  mailbox: mailbox.slice(-SHOWN),
  calls: counters.toJSON(),
  fault: faults.current() ?? null,
});
