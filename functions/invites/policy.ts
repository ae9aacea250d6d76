import { type InviteError, ownError } from '../errors/invite-error.ts';
import type { ChannelIds } from './channel-ids.ts';
import { formsOf } from './invite.ts';
import type { Abortable } from './invocation.ts';
import { domainOf, matchesDomain } from './recipient.ts';
import type { InviteRequest } from './request.ts';

/** Who may be invited where, and by whom. Nothing is allowed that is not listed. */
export type Policy = {
  /**
   * By channel id, or a function that finds the row. The row `*` is for every channel that has none
   * of its own.
   */
  channels: Readonly<Record<string, ChannelPolicy>> | ((key: string) => ChannelPolicy | undefined);
  /** Win over what is allowed, with their subdomains. The company's own domains first of all. */
  deniedEmailDomains: readonly string[];
  /** The callers who may read every invite, in the forms of `callers`. */
  readers: readonly string[];
};

export type ChannelPolicy = {
  /** `*.x` stands for the subdomains of x, `*` for all domains. */
  emailDomains: readonly string[];
  /** Who may invite into the channel and read its invites; left out: everybody who gets in. */
  callers?: readonly string[];
  /** Whether people may be invited by user id, which has no domain to check. */
  userIds?: boolean;
  /** Whether a caller may set `external_limited=false`. */
  fullAccess?: boolean;
};

/** Why a request is refused. */
export type Refusal = {
  error: InviteError;
  /** Whether a grant could allow it all the same. */
  isGrantable: boolean;
};

/**
 * Checks a request against the policy of the deployment.
 * @param names those that the policy knows the caller by.
 * @returns the refusal, `NotAllowed` with the configuration key to edit; undefined if it is allowed.
 */
export const refusalOf = (
  policy: Policy,
  { channel, recipient, external_limited }: InviteRequest,
  names: readonly string[],
  also: readonly string[] = [],
): Refusal | undefined => {
  const domain = recipient.kind === 'email' ? domainOf(recipient.value) : undefined;
  if (domain !== undefined && isDenied(policy, domain)) {
    return { error: ownError('email_domain_denied', { domain }), isGrantable: false };
  }
  const isGrantable = domain !== undefined && external_limited;
  const [key, row] = rowOf(policy, channel, also) ?? [];
  if (key === undefined || !row) {
    return { error: ownError('channel_not_allowed', { channel }), isGrantable };
  }
  if (!isAmong(row.callers, names)) {
    return { error: callerNotAllowed(channel, key, names), isGrantable };
  }
  if (!external_limited && !row.fullAccess) {
    return { error: ownError('full_access_not_allowed', { channel, key }), isGrantable };
  }
  if (domain === undefined) {
    if (row.userIds) return undefined;
    return { error: ownError('user_ids_not_allowed', { channel, key }), isGrantable };
  }
  if (row.emailDomains.some((pattern) => matchesDomain(pattern, domain))) return undefined;
  return { error: ownError('email_domain_not_allowed', { channel, key, domain }), isGrantable };
};

/** Whether the configuration lets a caller read the invites of a channel, whomever they are for. */
export const mayRead = (
  policy: Policy,
  channel: string,
  names: readonly string[],
  also: readonly string[] = [],
): boolean => {
  const [, row] = rowOf(policy, channel, also) ?? [];
  return (row !== undefined && isAmong(row.callers, names)) || isAmong(policy.readers, names);
};

const callerNotAllowed = (channel: string, key: string, names: readonly string[]): InviteError =>
  ownError('caller_not_allowed', { channel, key, forms: formsOf(names) });

/**
 * The row of a channel, and its key.
 * @param also other ids of the channel, which come first: a row under its present id is a later word.
 */
export const rowOf = (
  { channels }: Policy,
  channel: string,
  also: readonly string[] = [],
): [key: string, row: ChannelPolicy] | undefined => {
  for (const key of [...also, channel, '*']) {
    const row = typeof channels === 'function' ? channels(key) : ownOf(channels, key);
    if (row) return [key, row];
  }
  return undefined;
};

const ownOf = <T>(rows: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(rows, key) ? rows[key] : undefined;

const isAmong = (callers: readonly string[] | undefined, names: readonly string[]): boolean =>
  callers === undefined || names.some((name) => callers.includes(name));

/** A denied domain denies its subdomains, too: a list that is to keep people out fails closed. */
export const isDenied = ({ deniedEmailDomains }: Policy, domain: string): boolean =>
  deniedEmailDomains.some(
    (pattern) => matchesDomain(pattern, domain) || matchesDomain(`*.${pattern}`, domain),
  );

/** Who gets in, by the names that the policy knows a caller by. */
export type Admission = {
  /** @throws InviteError `NotAllowed`, naming the configuration key to edit; what the table throws. */
  admit(request: InviteRequest, names: readonly string[], invocation: Abortable): Promise<void>;
  /** Whether a caller may read the invites of a channel, whomever they are for. */
  mayRead(channel: string, names: readonly string[], invocation: Abortable): Promise<boolean>;
  /**
   * Whether a caller may invite into a channel at all, whomever.
   * @throws InviteError `NotAllowed`, naming the configuration key to edit.
   */
  admitTo(channel: string, names: readonly string[], invocation: Abortable): Promise<void>;
};

/**
 * The policy of the deployment decides, and where it refuses, the channel's grants: one read, and
 * none of what it allows.
 * @param now epoch milliseconds.
 * @param ids other ids of a channel, where the deployment follows their changes: a row under any of
 *   them is the channel's.
 */
export const createAdmission = (
  policy: Policy,
  grants: GrantStore,
  now: () => number = Date.now,
  ids?: Pick<ChannelIds, 'othersOf' | 'renew'>,
): Admission => {
  /** @param domain of an address; left out: whether anything is granted to the caller. */
  const isGranted = async (
    { channel, also = [], domain }: { channel: string; also?: readonly string[]; domain?: string },
    names: readonly string[],
    invocation: Abortable,
  ): Promise<boolean> => {
    const [, row] = rowOf(policy, channel, also) ?? [];
    const ids = [...new Set([channel, ...also])];
    const all = await Promise.all(ids.map((id) => grants.read(id, invocation)));
    return all
      .flat()
      .some(
        (grant) =>
          stateOf(grant, now()) === 'in force' &&
          isAmong(grant.caller === undefined ? row?.callers : [grant.caller], names) &&
          (domain === undefined || matchesDomain(grant.domain, domain)),
      );
  };

  const othersOf = (channel: string) => ids?.othersOf(channel) ?? [];
  /** Whether the channel has ids that were not known a moment ago. */
  const isNews = async (channel: string, invocation: Abortable) =>
    (await ids?.renew(channel, invocation)) === true;

  const refused = async (
    request: InviteRequest,
    names: readonly string[],
    invocation: Abortable,
  ): Promise<InviteError | undefined> => {
    const { channel, recipient } = request;
    const also = othersOf(channel);
    const refusal = refusalOf(policy, request, names, also);
    if (!refusal) return undefined;
    const asked = { channel, also, domain: domainOf(recipient.value) };
    return refusal.isGrantable && (await isGranted(asked, names, invocation))
      ? undefined
      : refusal.error;
  };
  const reads = async (channel: string, names: readonly string[], invocation: Abortable) => {
    const also = othersOf(channel);
    return mayRead(policy, channel, names, also) || isGranted({ channel, also }, names, invocation);
  };

  return {
    async admit(request, names, invocation) {
      let refusal = await refused(request, names, invocation);
      if (refusal && (await isNews(request.channel, invocation))) {
        refusal = await refused(request, names, invocation);
      }
      if (refusal) throw refusal;
    },
    mayRead: async (channel, names, invocation) =>
      (await reads(channel, names, invocation)) ||
      ((await isNews(channel, invocation)) && reads(channel, names, invocation)),
    async admitTo(channel, names, invocation) {
      await isNews(channel, invocation); // rarely called, and never on the way to Slack
      const also = othersOf(channel);
      const [key, row] = rowOf(policy, channel, also) ?? [];
      if (row && isAmong(row.callers, names)) return;
      if (await isGranted({ channel, also }, names, invocation)) return;
      throw key === undefined
        ? ownError('channel_not_allowed', { channel })
        : callerNotAllowed(channel, key, names);
    },
  };
};

/**
 * What an operator allows beside the configuration, without a deployment: addresses of a domain in
 * one channel, with `external_limited=true`. It never overrides a denied domain.
 */
export type Grant = {
  /** A domain, or `*.x` for the subdomains of x. */
  domain: string;
  /** The one caller whom it is for, in the forms of `callers`; left out: for
   * everybody whom the configuration lets invite into the channel, or every caller where it does not
   * know the channel. */
  caller?: string;
  /** When it ends by itself, in ISO 8601; left out: never. */
  until?: string;
  granted: Act;
  /** It stays in the history. */
  revoked?: Act;
};

/** Who did something, when (ISO 8601) and why. */
export type Act = { by: string; at: string; reason: string };

/** The grants of the table, one item a channel. */
export type GrantStore = {
  /** @returns all that a channel ever had, in the order in which they were made. */
  read(channel: string, invocation: Abortable): Promise<readonly Grant[]>;
};

type GrantState = 'in force' | 'lapsed' | 'revoked';

/** @param now epoch milliseconds. */
export const stateOf = ({ until, revoked }: Grant, now: number): GrantState => {
  if (revoked) return 'revoked';
  return until === undefined || now < Date.parse(until) ? 'in force' : 'lapsed';
};

/** As the item of a channel is keyed. */
export const grantKey = (channel: string): string => `grant#${channel}`;
