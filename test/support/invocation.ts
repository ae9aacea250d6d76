import type { Invocation, Observer } from '../../functions/invites/invocation.ts';

/** An observer that nobody listens to. */
const SILENT: Observer = {
  gateWait() {},
  queueWait() {},
  slackLatency() {},
  blockedBy() {},
  tokenRefresh() {},
  warnings() {},
  unrecorded() {},
  holdOffFailed() {},
};

/**
 * One invocation of a function, which nothing ends. A test names what it is about; a lease it has to
 * name in any case, since the table keeps no infinite one.
 */
export const invocation = (fields: Partial<Invocation> = {}): Invocation => ({
  deadline: Number.POSITIVE_INFINITY,
  leaseUntil: Number.POSITIVE_INFINITY,
  signal: new AbortController().signal,
  observe: SILENT,
  ...fields,
});

/** An invocation of which a test needs nothing in particular. */
export const INVOCATION = invocation();

/** One that may hold a claim. @param leaseUntil epoch milliseconds. */
export const leasedUntil = (leaseUntil: number): Invocation => invocation({ leaseUntil });

type InOneInvocation<Ports> = {
  [Name in keyof Ports]: Ports[Name] extends (...args: [...infer Args, Invocation]) => infer Result
    ? (...args: Args) => Result
    : never;
};

/** Functions that take the invocation last, all called in {@link INVOCATION}. */
export const inOneInvocation = <Ports extends object>(ports: Ports): InOneInvocation<Ports> =>
  Object.fromEntries(
    Object.entries(ports).map(([name, port]) => [
      name,
      (...args: unknown[]) => port(...args, INVOCATION),
    ]),
  ) as InOneInvocation<Ports>;
