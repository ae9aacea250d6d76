import {
  type Field,
  isObject,
  listOf,
  matching,
  oneOf,
  orNull,
  text,
  whole,
  yesOrNo,
} from './fields.ts';
import {
  CHANNEL_KINDS,
  CIRCLES,
  MIGRATIONS,
  REACHES,
  ROLES,
  TOKEN_KINDS,
  TOKEN_STATES,
  type World,
} from './world-types.ts';

export type Section = keyof World;

/** What the entries of a section are called, and what their fields may be. */
export type SectionFields<Entry> = { id: Field; fields: Record<keyof Entry, Field> };

/** Far more than a world for tests needs, and little enough to be kept in memory. */
export const MAX_ENTRIES = 500;
const MAX_LIST = 500;

const id = (letters: string, what: string) =>
  matching(
    new RegExp(`^[${letters}][A-Z\\d]{7,14}$`),
    `the id of ${what}: ${[...letters].join(' or ')}, then 7 to 14 capitals and digits`,
  );

/** Scopes go out in a header, so they must not break it. */
const scope = matching(/^[\w.:-]{1,100}$/, 'a scope such as chat:write');

const word = matching(/^[\w.-]{1,80}$/, 'a name of 1 to 80 letters, digits, "_", "." and "-"');

const preference: Field = {
  holds: (value) =>
    isObject(value) &&
    Object.keys(value).sort().join() === 'full,limited' &&
    Object.values(value).every(yesOrNo.holds),
  allowed: 'an object of limited and full, each true or false',
};

/**
 * The fields of every kind of entry, for a world as it would be: what names an entry of another
 * section has to exist there.
 */
export function worldFields(world: World): { [S in Section]: SectionFields<World[S][string]> } {
  const known = (section: Section, what: string): Field => ({
    holds: (value) => typeof value === 'string' && Object.hasOwn(world[section], value),
    allowed: `the id of ${what} in the world`,
  });
  const workspace = known('workspaces', 'a workspace');
  const user = known('users', 'a user');

  return {
    workspaces: {
      id: id('T', 'a workspace'),
      fields: {
        name: text(80),
        domain: matching(/^[a-z\d-]{1,60}$/, 'a name of 1 to 60 small letters, digits and "-"'),
        deleted: yesOrNo,
        paid: yesOrNo,
        enterprise: orNull(id('E', 'an Enterprise organization')),
        slack_connect: yesOrNo,
        invitations: preference,
        denied_organizations: listOf(workspace, MAX_LIST),
        two_factor_required: yesOrNo,
        ekm_suspended: yesOrNo,
        allowed_addresses: orNull(listOf(text(50), MAX_LIST)),
        migration: oneOf(MIGRATIONS),
      },
    },
    users: {
      id: id('UW', 'a user'),
      fields: {
        workspace,
        name: word,
        email: orNull(matching(/^[^\s@]{1,64}@[^\s@]{1,190}$/, 'an address')),
        deleted: yesOrNo,
        role: oneOf(ROLES),
        two_factor: yesOrNo,
        may_invite_external: yesOrNo,
      },
    },
    channels: {
      id: id('CDG', 'a channel'),
      fields: {
        workspace,
        name: word,
        kind: oneOf(CHANNEL_KINDS),
        archived: yesOrNo,
        mandatory: yesOrNo,
        reach: oneOf(REACHES),
        shareable: yesOrNo,
        legacy_shared: yesOrNo,
        connected: listOf(workspace, MAX_LIST),
        connection_limit: whole(0, MAX_LIST),
        pending_invites: whole(0, MAX_LIST),
        members: listOf(user, MAX_LIST),
        member_limit: whole(0, 1_000_000),
        managers: listOf(user, MAX_LIST),
        posting: oneOf(CIRCLES),
        external_invites: oneOf(CIRCLES),
      },
    },
    tokens: {
      id: matching(/^(xox[\w.]{1,20}|xapp)-[\w.-]{1,200}$/, 'a token such as xoxb-local-new'),
      fields: {
        kind: oneOf(TOKEN_KINDS),
        state: oneOf(TOKEN_STATES),
        app: id('A', 'an app'),
        workspace,
        user,
        scopes: listOf(scope, 100),
        org_wide: yesOrNo,
        granted: listOf(workspace, MAX_LIST),
      },
    },
  };
}
