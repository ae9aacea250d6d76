import { type Ask, type Rule, worksIn } from './rules.ts';
import { type Channel, find } from './world-types.ts';

/** Whether the recipient can be invited. */
export const recipientRules: readonly Rule<Ask>[] = [
  // "email address provided is invalid"
  { code: 'invalid_email', refuses: ({ request }) => !request.emails.every(isAddress) },
  // "already in the channel"
  {
    code: 'already_in_channel',
    refuses: (ask) => recipientIds(ask).some((id) => ask.channel.members.includes(id)),
  },
  // "a resource specified in the request": a person of a company that admins have shut out
  {
    code: 'access_denied',
    refuses: (ask) => recipientIds(ask).some((id) => isOfDeniedOrganization(id, ask)),
  },
  // "User lookup failed": the page's "Usage info" has the user known to the app, by some channel
  // that the two organizations share.
  {
    code: 'user_not_found',
    refuses: (ask) => ask.request.user_ids.some((id) => !isKnown(id, ask)),
  },
];

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

function isOfDeniedOrganization(id: string, { world, workspace }: Ask): boolean {
  const user = find(world.users, id);
  return user !== undefined && workspace.denied_organizations.includes(user.workspace);
}

function isKnown(id: string, { world, token }: Ask): boolean {
  const user = find(world.users, id);
  const ours = worksIn(token);
  return (
    user !== undefined &&
    !user.deleted &&
    !ours.includes(user.workspace) &&
    Object.values(world.channels).some(
      (channel) => isThere(channel, [user.workspace]) && isThere(channel, ours),
    )
  );
}

/** Whether one of these workspaces is in the channel, as the host or as a guest. */
const isThere = (channel: Channel, ids: string[]) =>
  ids.some((id) => id === channel.workspace || channel.connected.includes(id));
