import type { APIGatewayEventRequestContextV2 } from 'aws-lambda';
import { invalidFields } from '../errors/invite-error.ts';
import type { Caller } from '../invites/invite.ts';
import { nearest } from '../lib/text.ts';

/** What an authorizer of the HTTP API leaves in the event: IAM's or a JWT's. */
type Authorizer = {
  iam?: { userArn?: string | null };
  jwt?: { claims?: Record<string, unknown> };
};

/**
 * @param groupsClaim the claim of a JWT that has its groups, if the configuration names one.
 * @returns who came through the door: an invite shows the IAM ARN or the JWT's `sub`.
 */
export const callerOf = (
  context: APIGatewayEventRequestContextV2,
  groupsClaim?: string,
): Caller => {
  const { iam, jwt } = (context as { authorizer?: Authorizer }).authorizer ?? {};
  const arn = iam?.userArn ?? undefined;
  const { sub } = jwt?.claims ?? {};
  const caller = arn ?? (typeof sub === 'string' ? sub : undefined);
  return {
    source: { door: 'invite-api', ...(caller !== undefined && { caller }) },
    names: arn === undefined ? jwtNames(jwt?.claims ?? {}, groupsClaim) : iamNames(arn),
  };
};

const ROLE = /^arn:[\w-]+:sts::\d{12}:assumed-role\/([^/]+)\//;
const USER = /^arn:[\w-]+:iam::\d{12}:user\/(?:.*\/)?([^/]+)$/;
/** IAM Identity Center makes a role of a permission set anew, with another suffix, when it likes. */
const PERMISSION_SET = /^(AWSReservedSSO_.+)_[0-9a-f]{16}$/;

/**
 * @param arn of the signer of a request.
 * @returns the role's name, whatever the session, or the user's, without a path; nothing for others,
 *   such as the account's root.
 */
export const iamNames = (arn: string): string[] => {
  const [, role] = ROLE.exec(arn) ?? [];
  if (role !== undefined) return [`role/${PERMISSION_SET.exec(role)?.[1] ?? role}`];
  const [, user] = USER.exec(arn) ?? [];
  return user === undefined ? [] : [`user/${user}`];
};

/**
 * @param claims of a verified token, as the gateway hands them on: all of them texts.
 * @param groupsClaim the claim that has the groups, if the configuration names one.
 */
export const jwtNames = (
  claims: Readonly<Record<string, unknown>>,
  groupsClaim?: string,
): string[] => {
  const text = (claim: string) => {
    const value = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
    return typeof value === 'string' && value !== '' ? [value] : [];
  };
  const [client] = [...text('client_id'), ...text('azp')];
  return [
    ...text('sub').map((sub) => `jwt/${sub}`),
    ...(client === undefined ? [] : [`client/${client}`]),
    ...(groupsClaim === undefined ? [] : text(groupsClaim).flatMap(itemsOf)).map(
      (group) => `group/${group}`,
    ),
  ];
};

/** The gateway writes a list as `[one two]`. What it got as one text is one group, spaces included. */
const itemsOf = (claim: string): string[] => {
  const [, list] = /^\[(.*)\]$/s.exec(claim) ?? [];
  return list === undefined ? [claim] : list.split(/\s+/).filter((item) => item !== '');
};

const DRY_RUN = 'dry_run';

type Query = Readonly<Record<string, string | undefined>>;

/** A parameter that is the dry run's, or is meant to be: its caller expects no invitation. */
const dryRunIn = (query: Query = {}): string | undefined =>
  Object.keys(query).find((name) => nearest(name, [DRY_RUN]));

/** Whether to say what would happen, and do nothing; also where that is not written as it should be. */
export const isDryRun = (query?: Query): boolean => {
  const name = dryRunIn(query);
  return name !== undefined && !(name === DRY_RUN && isOneOf(query, ['false', '0']));
};

/** @throws InviteError `InvalidRequest` for a dry run that is not written as it should be. */
export const assertDryRun = (query?: Query): void => {
  if (dryRunIn(query) !== DRY_RUN) {
    const detail = 'must be written so, as in POST /invites?dry_run=true';
    throw invalidFields([{ field: DRY_RUN, detail }]);
  }
  if (!isOneOf(query, ['true', '1'])) {
    throw invalidFields([{ field: DRY_RUN, detail: 'must be true or false' }]);
  }
};

const isOneOf = (query: Query | undefined, words: string[]): boolean =>
  words.includes(query?.[DRY_RUN]?.toLowerCase() ?? '');

const RESPOND_ASYNC = 'respond-async';
/**
 * A preference, its value and its parameters: quoted text may hold a comma, and between two commas
 * there may be nothing. The name is taken whole, and a malformed header fails fast.
 */
const PREFERENCE = /[\s,]*([^\s,;="]+)(?![^\s,;="])(?:"(?:[^"\\]|\\.)*"|[^,"])*(?:,|$)/gy;

/**
 * Whether the caller would rather not wait for the outcome.
 * @param header `Prefer`, several of them joined by commas.
 * @see https://www.rfc-editor.org/rfc/rfc7240#section-4.1
 */
export const prefersAsync = (header = ''): boolean => {
  const names = [...header.matchAll(PREFERENCE)].map(([, name = '']) => name);
  return names.some((name) => name.toLowerCase() === RESPOND_ASYNC);
};

/** Says that the preference was honoured (RFC 7240, section 3). */
export const ASYNC_APPLIED = { 'preference-applied': RESPOND_ASYNC };
