import { type InviteError, ownError } from '../errors/invite-error.ts';
import { formsOf } from './caller.ts';
import { type GrantStore, stateOf } from './grant.ts';
import type { Abortable } from './invocation.ts';
import { domainOf } from './recipient.ts';
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
): Refusal | undefined => {
  const domain = recipient.kind === 'email' ? domainOf(recipient.value) : undefined;
  if (domain !== undefined && isDenied(policy, domain)) {
    return { error: ownError('email_domain_denied', { domain }), isGrantable: false };
  }
  const isGrantable = domain !== undefined && external_limited;
  const [key, row] = rowOf(policy, channel) ?? [];
  if (key === undefined || !row) {
    return { error: ownError('channel_not_allowed', { channel }), isGrantable };
  }
  if (!isAmong(row.callers, names)) {
    const forms = formsOf(names);
    return { error: ownError('caller_not_allowed', { channel, key, forms }), isGrantable };
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
export const mayRead = (policy: Policy, channel: string, names: readonly string[]): boolean => {
  const [, row] = rowOf(policy, channel) ?? [];
  return (row !== undefined && isAmong(row.callers, names)) || isAmong(policy.readers, names);
};

/** The row of a channel, and its key. */
export const rowOf = (
  { channels }: Policy,
  channel: string,
): [key: string, row: ChannelPolicy] | undefined => {
  for (const key of [channel, '*']) {
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

/** @param domain in lower case. */
export const matchesDomain = (pattern: string, domain: string): boolean => {
  const wanted = pattern.toLowerCase();
  if (wanted === '*') return true;
  return wanted.startsWith('*.') ? domain.endsWith(wanted.slice(1)) : domain === wanted;
};

/** Who gets in, by the names that the policy knows a caller by. */
export type Admission = {
  /** @throws InviteError `NotAllowed`, naming the configuration key to edit; what the table throws. */
  admit(request: InviteRequest, names: readonly string[], invocation: Abortable): Promise<void>;
  /** Whether a caller may read the invites of a channel, whomever they are for. */
  mayRead(channel: string, names: readonly string[], invocation: Abortable): Promise<boolean>;
};

/**
 * The policy of the deployment decides, and where it refuses, the channel's grants: one read, and
 * none of what it allows.
 * @param now epoch milliseconds.
 */
export const createAdmission = (
  policy: Policy,
  grants: GrantStore,
  now: () => number = Date.now,
): Admission => {
  /** @param domain of an address; left out: whether anything is granted to the caller. */
  const isGranted = async (
    { channel, domain }: { channel: string; domain?: string },
    names: readonly string[],
    invocation: Abortable,
  ): Promise<boolean> => {
    const [, row] = rowOf(policy, channel) ?? [];
    const all = await grants.read(channel, invocation);
    return all.some(
      (grant) =>
        stateOf(grant, now()) === 'in force' &&
        isAmong(grant.caller === undefined ? row?.callers : [grant.caller], names) &&
        (domain === undefined || matchesDomain(grant.domain, domain)),
    );
  };

  return {
    async admit(request, names, invocation) {
      const refusal = refusalOf(policy, request, names);
      if (!refusal) return;
      const asked = { channel: request.channel, domain: domainOf(request.recipient.value) };
      if (refusal.isGrantable && (await isGranted(asked, names, invocation))) return;
      throw refusal.error;
    },
    mayRead: async (channel, names, invocation) =>
      mayRead(policy, channel, names) || isGranted({ channel }, names, invocation),
  };
};
