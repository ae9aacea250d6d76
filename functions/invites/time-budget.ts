import { InviteError } from './errors.ts';

/** What is left of an invocation for calling Slack. */
export type TimeBudget = {
  /** When a call must have begun at the latest, in epoch milliseconds. */
  latestStart: number;
  /** @returns milliseconds for one call. @throws InviteError `SlackUnavailable`: too little is left. */
  forCall(): number;
  /** Makes sure that there is time for one call. @throws InviteError `SlackUnavailable` */
  assertForCall(): void;
};

/** What the last write and the answer may take. */
const SETTLE_MS = 2000;
/** No call is begun with less than this: it would too often end with an unknown outcome. */
const MIN_CALL_MS = 3000;
const MAX_CALL_MS = 10_000;

/** @param deadline when the domain has to be done, its last write included, in epoch milliseconds. */
export const createTimeBudget = (deadline: number, now: () => number): TimeBudget => {
  const callEnd = deadline - SETTLE_MS;
  const forCall = () => {
    const left = callEnd - now();
    if (left < MIN_CALL_MS) throw outOfTime();
    return Math.min(left, MAX_CALL_MS);
  };
  return { latestStart: callEnd - MIN_CALL_MS, forCall, assertForCall: () => void forCall() };
};

const outOfTime = () =>
  new InviteError('SlackUnavailable', {
    code: 'out_of_time',
    detail:
      'the time of the function was used up before anything was sent; ask again after retry_after seconds',
    retryAfter: 1,
  });
