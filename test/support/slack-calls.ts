import { expect } from 'vitest';
import type { SlackResult } from '../../functions/slack/answer.ts';
import { ACCEPTED, refusedWith } from '../invites/sending.ts';

export const LIFETIME_MS = 14 * 86_400_000;

/** A call to Slack: what was asked for, and what came of it as far as anybody can know. */
export type SlackCall = {
  at: number;
  resend: number | undefined;
  answer: 'none' | 'sent' | 'unknown' | 'nothing' | 'already_in_channel';
};

/** The same as Slack's client tells it; nobody hears of `none`. */
export const RESULTS: Record<Exclude<SlackCall['answer'], 'none'>, SlackResult> = {
  sent: ACCEPTED,
  already_in_channel: refusedWith('already_in_channel'),
  unknown: { kind: 'unknown', reason: 'timeout' },
  nothing: refusedWith('restricted_action'),
};

export const mayHaveSent = ({ answer }: SlackCall) =>
  answer === 'sent' || answer === 'unknown' || answer === 'none';

/**
 * The promise that matters most. Slack is called a second time only after calls that certainly did
 * nothing, when an invitation has ended or the person is in the channel, or on a resend, and then
 * once for each.
 */
export const expectNoDouble = (calls: SlackCall[]): void => {
  for (const [index, { at, resend }] of calls.entries()) {
    const before = calls.slice(0, index);
    const inChannel = before.findLastIndex(({ answer }) => answer === 'already_in_channel');
    const doubled =
      resend === undefined
        ? before.slice(inChannel + 1).filter((call) => at < call.at + LIFETIME_MS)
        : before.filter((call) => call.resend === resend);
    expect(doubled.filter(mayHaveSent)).toEqual([]);
  }
};
