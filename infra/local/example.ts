import { InviteError } from '../../functions/errors/invite-error.ts';
import { enforcePolicy, type Policy } from '../../functions/invites/policy.ts';
import { parseRequest } from '../../functions/invites/request.ts';
import { GOOD_REQUEST } from './slack/triggers.ts';

/** A request for which the local Slack sends an invitation. */
export type ExampleRequest = { channel: string; emails: [email: string] };

export type Example =
  /** The configuration's policy allows it. */
  | { request: ExampleRequest }
  /**
   * The policy allows nothing that the local Slack has: the options of `npm start` that change
   * that.
   */
  | { options: string[] };

const { channel, emails: GOOD_EMAILS } = GOOD_REQUEST;
const [name, DOMAIN] = GOOD_EMAILS[0].split('@') as [string, string];

/** What has to be wider in a policy that refuses a request with this code. */
const WIDER: Record<string, Partial<Policy>> = {
  channel_not_allowed: { allowedChannels: ['*'] },
  email_domain_denied: { deniedEmailDomains: [] },
  email_domain_not_allowed: { allowedEmailDomains: ['*'] },
};

/**
 * @returns what can be tried under a policy on this machine: an address in a domain that it allows,
 *   and the local Slack's own channel, since the local Slack has no other.
 */
export const exampleOf = (policy: Policy): Example => {
  const options: string[] = [];
  for (let wider = policy; ; ) {
    const domains = [DOMAIN, ...wider.allowedEmailDomains.map(domainWithin)];
    const requests = domains.map(
      (domain): ExampleRequest => ({ channel, emails: [`${name}@${domain}`] }),
    );
    const request = requests.find((one) => refusalOf(wider, one) === undefined);
    if (request) return options.length === 0 ? { request } : { options };
    const change = WIDER[refusalOf(wider, requests[0] as ExampleRequest) as string] ?? {};
    for (const [key, list] of Object.entries(change)) {
      options.push(`-c 'slackConnectInvites.${key}=${JSON.stringify(list)}'`);
    }
    wider = { ...wider, ...change };
  }
};

/** One domain of those that a pattern stands for. */
const domainWithin = (pattern: string): string =>
  pattern === '*' ? DOMAIN : pattern.replace(/^\*\./, 'team.');

/** @returns the code of the refusal, undefined if there is none. */
const refusalOf = (policy: Policy, request: ExampleRequest): string | undefined => {
  try {
    enforcePolicy(policy, parseRequest(request));
    return undefined;
  } catch (error) {
    if (error instanceof InviteError) return error.facts.code;
    throw error;
  }
};
