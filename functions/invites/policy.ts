import { InviteError } from '../errors/invite-error.ts';
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
  /** Whether a caller may ask for `external_limited=false`. */
  allowFullAccess: boolean;
};

/**
 * Holds an ask against the policy of the deployment.
 * @throws InviteError `NotAllowed`, naming the configuration key to edit.
 */
export const enforcePolicy = (
  policy: Policy,
  { channel, recipient, external_limited }: InviteRequest,
): void => {
  if (!policy.allowedChannels.some((allowed) => allowed === '*' || allowed === channel)) {
    throw notAllowed(
      'channel_not_allowed',
      `the channel ${channel} is not listed`,
      'allowedChannels',
    );
  }
  if (!external_limited && !policy.allowFullAccess) {
    throw notAllowed(
      'full_access_not_allowed',
      'external_limited=false is not allowed',
      'allowFullAccess',
    );
  }
  if (recipient.kind === 'user_id') {
    if (policy.allowUserIds) return;
    throw notAllowed('user_ids_not_allowed', 'inviting by user id is not allowed', 'allowUserIds');
  }
  const domain = domainOf(recipient.value);
  if (policy.deniedEmailDomains.some((pattern) => matches(pattern, domain))) {
    throw notAllowed('email_domain_denied', "the address's domain is denied", 'deniedEmailDomains');
  }
  if (!policy.allowedEmailDomains.some((pattern) => matches(pattern, domain))) {
    throw notAllowed(
      'email_domain_not_allowed',
      "the address's domain is not listed",
      'allowedEmailDomains',
    );
  }
};

const matches = (pattern: string, domain: string): boolean => {
  const wanted = pattern.toLowerCase();
  if (wanted === '*') return true;
  return wanted.startsWith('*.') ? domain.endsWith(wanted.slice(1)) : domain === wanted;
};

const notAllowed = (code: string, reason: string, key: keyof Policy) =>
  new InviteError('NotAllowed', {
    code,
    detail: `${reason} in this deployment; the configuration key is slackConnectInvites.${key}`,
  });
