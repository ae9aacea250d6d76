import { InviteError } from '../../functions/invites/errors.ts';
import { enforcePolicy, type Policy } from '../../functions/invites/policy.ts';
import { parseRequest } from '../../functions/invites/request.ts';

/**
 * @param ask as in the body of POST /invites
 * @returns why the policy refuses it, with the configuration key to edit; undefined if it does not
 */
export const policyRefusal = (policy: Policy, ask: object): string | undefined => {
  try {
    enforcePolicy(policy, parseRequest(ask));
    return undefined;
  } catch (error) {
    if (error instanceof InviteError) return error.message;
    throw error;
  }
};
