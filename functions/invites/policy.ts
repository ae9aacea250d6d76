import { ownError } from '../errors/invite-error.ts';
import { domainOf } from './recipient.ts';
import type { InviteRequest } from './request.ts';

/** Who may be invited where. Nothing is allowed that is not listed; `*` says everything. */
export type Policy = {
  /** Channel ids, or `*`. */
  allowedChannels: string[];
  /** Domains; `*.x` stands for the subdomains of x, `*` for all. */
  allowedEmailDomains: string[];
  /** As above; wins over what is allowed. The company's own domains first of all. */
  deniedEmailDomains: string[];
  /** Whether people may be invited by user id, which has no domain to check. */
  allowUserIds: boolean;
  /** Whether a caller may set `external_limited=false`. */
  allowFullAccess: boolean;
};

/**
 * Checks a request against the policy of the deployment.
 * @throws InviteError `NotAllowed`, naming the configuration key to edit.
 */
export const enforcePolicy = (
  policy: Policy,
  { channel, recipient, external_limited }: InviteRequest,
): void => {
  if (!policy.allowedChannels.some((allowed) => allowed === '*' || allowed === channel)) {
    throw ownError('channel_not_allowed', { channel });
  }
  if (!external_limited && !policy.allowFullAccess) {
    throw ownError('full_access_not_allowed');
  }
  if (recipient.kind === 'user_id') {
    if (policy.allowUserIds) return;
    throw ownError('user_ids_not_allowed');
  }
  const domain = domainOf(recipient.value);
  if (policy.deniedEmailDomains.some((pattern) => matches(pattern, domain))) {
    throw ownError('email_domain_denied');
  }
  if (!policy.allowedEmailDomains.some((pattern) => matches(pattern, domain))) {
    throw ownError('email_domain_not_allowed');
  }
};

const matches = (pattern: string, domain: string): boolean => {
  const wanted = pattern.toLowerCase();
  if (wanted === '*') return true;
  return wanted.startsWith('*.') ? domain.endsWith(wanted.slice(1)) : domain === wanted;
};
