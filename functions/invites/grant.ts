import type { Abortable } from './invocation.ts';

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

export type GrantState = 'in force' | 'lapsed' | 'revoked';

/** @param now epoch milliseconds. */
export const stateOf = ({ until, revoked }: Grant, now: number): GrantState => {
  if (revoked) return 'revoked';
  return until === undefined || now < Date.parse(until) ? 'in force' : 'lapsed';
};

/** As the item of a channel is keyed. */
export const grantKey = (channel: string): string => `grant#${channel}`;
