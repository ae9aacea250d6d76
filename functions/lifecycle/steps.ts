import type { Invite, Status, StoredInvite } from '../invites/invite.ts';
import { INVITE_LIFETIME_MS, SLACK_CLOCK_SKEW_MS } from '../lib/times.ts';

/** What becomes of an invitation once it is out. */
export type Step = 'accepted' | 'connected' | 'declined' | 'revoked' | 'expired';

/** What Slack, or the clock, says about one invitation. */
export type News = {
  step: Step;
  /** When it happened: ISO 8601. */
  at: string;
  /** By what it is proved: the type of Slack's event, or `clock`. */
  proof: string;
  /** The workspace that accepted. */
  team?: string;
  /** The invitation at Slack, and when it was made, in epoch milliseconds. */
  invitation?: { id: string; createdAt: number };
};

const STEPS: readonly Step[] = ['accepted', 'connected', 'declined', 'revoked', 'expired'];

/**
 * Where a status may go: only forward, and three of them end. A step may be left out, since events
 * get lost. A status that is not listed has no invitation out.
 *
 *     sending, unknown ─▶ sent ─▶ accepted ─▶ connected
 *                           │         │
 *                           └────┬────┘
 *                                ▼
 *                     declined, revoked, expired
 */
const NEXT: Partial<Record<Status, readonly Step[]>> = {
  sending: STEPS,
  unknown: STEPS,
  sent: STEPS,
  accepted: ['connected', 'declined', 'revoked', 'expired'],
  connected: [],
  declined: [],
  revoked: [],
  expired: [],
};

/** A call whose outcome the ledger does not know (yet): what Slack says about its invitation settles it. */
const UNSETTLED: readonly Status[] = ['sending', 'unknown'];

/**
 * Carries an invite on by the table. What was told already changes nothing, and what is behind the
 * status only adds its time.
 *
 * @param at when it is written: ISO 8601.
 * @returns the invite afterwards; undefined if the news changes nothing.
 */
export const advance = (invite: Invite, news: News, at: string): Invite | undefined => {
  const { step, proof } = news;
  const next = NEXT[invite.status];
  if (!next || !isAbout(invite, news)) return undefined;
  const known = withTimes(invite, news);
  if (!next.includes(step)) return known && { ...known, updated_at: at };
  const isSettled = !UNSETTLED.includes(invite.status);
  const { expires_at, error, ...moved } = known ?? invite;
  const end = step === 'accepted' ? endOfAcceptance(news.at) : expires_at;
  return {
    ...moved,
    status: step,
    ...(!isSettled && news.invitation && { slack: slackOf(news.invitation.id) }),
    proved_by: proof,
    updated_at: at,
    // Who is in stays in.
    ...(step !== 'connected' && end !== undefined && { expires_at: end }),
  };
};

/**
 * The item after the news. An invocation at work on it has lost its claim, and finds what happened.
 * @returns undefined if nothing changes.
 */
export const followed = (
  { claim: _, queue, ...item }: StoredInvite,
  news: News,
  at: string,
): Omit<StoredInvite, 'revision' | 'ttl'> | undefined => {
  const { invite } = item;
  if (!invite) return undefined;
  if (!queue) {
    const after = advance(invite, news, at);
    return after && { ...item, invite: after };
  }
  // A resend waits. What it was meant to replace has come to something after all, or to its end.
  const after = queue.previous && advance(queue.previous, news, at);
  if (!after) return undefined;
  if (!isIn(after)) return { ...item, queue: { ...queue, previous: after } };
  return { ...item, generation: queue.generation, invite: after };
};

/** Whether the person has taken the invitation: another one is of no use. */
const isIn = ({ status }: Invite): boolean => status === 'accepted' || status === 'connected';

/**
 * Whether the news is about the invitation that the invite stands for. Who accepts an earlier one is
 * in as well; its end is not the end of the later one.
 */
const isAbout = ({ status, slack, updated_at }: Invite, { step, invitation }: News): boolean => {
  const isGood = step === 'accepted' || step === 'connected';
  if (!invitation || isGood) return true;
  if (slack?.invite_id === invitation.id) return !UNSETTLED.includes(status);
  // The call's own invitation, of which the ledger does not know the id.
  return (
    UNSETTLED.includes(status) &&
    invitation.createdAt >= Date.parse(updated_at) - SLACK_CLOCK_SKEW_MS
  );
};

/** @returns the invite with the times of the news; undefined where it has them already. */
const withTimes = (invite: Invite, { step, at, team }: News): Invite | undefined => {
  if (step !== 'accepted' && step !== 'connected') return undefined;
  const isEarlier = (known: string | undefined) => known === undefined || at < known;
  const accepted = isEarlier(invite.accepted_at);
  const connected = step === 'connected' && isEarlier(invite.connected_at);
  const joins = team !== undefined && invite.accepting_team === undefined;
  if (!accepted && !connected && !joins) return undefined;
  return {
    ...invite,
    ...(accepted && { accepted_at: at }),
    ...(accepted && invite.status === 'accepted' && { expires_at: endOfAcceptance(at) }),
    ...(connected && { connected_at: at }),
    ...(joins && { accepting_team: team }),
  };
};

/** An acceptance has 14 days of its own, until both sides have approved. */
const endOfAcceptance = (acceptedAt: string): string =>
  new Date(Date.parse(acceptedAt) + INVITE_LIFETIME_MS).toISOString();

/** Slack's events do not say whether a channel is a legacy shared one: new ones are not. */
const slackOf = (invite_id: string) => ({ invite_id, is_legacy_shared_channel: false });
