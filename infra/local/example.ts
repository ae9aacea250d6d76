import {
  type ChannelPolicy,
  isDenied,
  type Policy,
  refusalOf,
  rowOf,
} from '../../functions/invites/policy.ts';
import { parseRequest } from '../../functions/invites/request.ts';
import { ROOT } from '../config/root.ts';
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

/** As the policy names whoever signs with the key `local`. */
const SIGNER = 'user/local';

/** Whose token the example is made with, if no subject may invite into the channel by name. */
const SUBJECT = 'jwt/crm';

/** @returns who makes the example's requests, as the policy names them. */
export const exampleCaller = (policy: Policy, isJwt: boolean): string => {
  if (!isJwt) return SIGNER;
  const [, { callers = [] } = {}] = rowOf(policy, channel) ?? [];
  return callers.find((caller) => /^jwt\/[^']+$/.test(caller)) ?? SUBJECT;
};

const ROW: ChannelPolicy = { emailDomains: [DOMAIN] };

/**
 * @returns what can be tried under a policy on this machine: an address in a domain that it allows,
 *   and the local Slack's own channel, since the local Slack has no other.
 */
export const exampleOf = (policy: Policy, caller = SIGNER): Example => {
  const [, row] = rowOf(policy, channel) ?? [];
  const domains = [DOMAIN, ...(row?.emailDomains ?? []).map(domainWithin)];
  const requests = domains.map(
    (domain): ExampleRequest => ({ channel, emails: [`${name}@${domain}`] }),
  );
  const request = requests.find((one) => isAllowed(policy, one, caller));
  if (request) return { request };
  const options: string[] = [];
  let wider = policy;
  if (isDenied(policy, DOMAIN)) {
    options.push(optionOf('deniedEmailDomains', []));
    wider = { ...policy, deniedEmailDomains: [] };
  }
  if (!requests.some((one) => isAllowed(wider, one, caller))) {
    options.push(optionOf(`channels.${channel}`, ROW));
  }
  return { options };
};

const optionOf = (key: string, value: unknown) => `-c '${ROOT}.${key}=${JSON.stringify(value)}'`;

/** One domain of those that a pattern stands for. */
const domainWithin = (pattern: string): string =>
  pattern === '*' ? DOMAIN : pattern.replace(/^\*\./, 'team.');

const isAllowed = (policy: Policy, request: ExampleRequest, caller: string): boolean =>
  refusalOf(policy, parseRequest(request), [caller]) === undefined;
