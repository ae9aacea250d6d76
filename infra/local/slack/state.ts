import { METHODS, type Other } from './connect-methods.ts';
import { createCounters } from './counters.ts';
import { createEvents } from './event-deliveries.ts';
import { createFaults } from './faults.ts';
import type { Invite } from './invites.ts';
import { BUCKET_CAPACITY, createLimiter, type Limiter } from './limiter.ts';
import type { Message } from './mailbox.ts';
import type { Settings } from './settings.ts';
import { freshWorld } from './world.ts';

/** How many invitations and messages are kept. The oldest go first. */
const MAX_KEPT = 10_000;

/** What a local Slack starts with. */
export type StartOptions = {
  /** Calls of `conversations.inviteShared` a minute, for each workspace and app (Tier 2: 20). */
  ratePerMinute: number;
  capacity?: number;
  /** The time in ms since 1970. */
  now?: () => number;
  /** Where Slack's events go; nowhere without. */
  eventsUrl?: string;
  signingSecret?: string;
  /** When a delivery is tried again, in ms after the failure before. */
  retriesMs?: number[];
};

/** Of the app in the world at the start; it signs here only. */
export const SIGNING_SECRET = '10ca1510ca1510ca1510ca1510ca1510';

export type State = ReturnType<typeof createState>;

/**
 * Everything that the local Slack remembers. A reset makes a new one. A call that was in progress
 * ends in the old one, where nobody sees it.
 */
export function createState({
  ratePerMinute,
  capacity = BUCKET_CAPACITY,
  now = Date.now,
  eventsUrl,
  signingSecret = SIGNING_SECRET,
  retriesMs,
}: StartOptions) {
  const settings: Settings = {
    rate_per_minute: ratePerMinute,
    capacity,
    email_invites_per_minute: null,
    enterprise_only: false,
    pending_invitations: 'ignored',
    governance: false,
    approval_required: false,
    decline_before_acceptance: 'told',
    list_shape: 'nested',
    events_url: eventsUrl ?? null,
    signing_secret: signingSecret,
    events_mode: 'normal',
    events_delay_ms: 5000,
  };
  const state = {
    now,
    world: freshWorld(),
    settings,
    ...createLimiters(settings, now),
    otherLimiters: Object.fromEntries(
      Object.entries(METHODS).map(([name, { perMinute }]) => [
        name,
        createLimiter(perMinute, perMinute, now),
      ]),
    ) as Record<Other, Limiter>,
    invites: [] as Invite[],
    mailbox: [] as Message[],
    /** All invitations so far, including those that are no longer kept. */
    invited: 0,
    counters: createCounters(),
    faults: createFaults(),
  };
  const events = createEvents(() => state.settings, now, retriesMs);
  return Object.assign(state, { events });
}

/** Takes other settings on. The limiters start over, as if nobody had called yet. */
export function applySettings(state: State, settings: Settings): void {
  Object.assign(state, { settings }, createLimiters(settings, state.now));
}

const createLimiters = (settings: Settings, now: () => number) => {
  const { capacity, rate_per_minute, email_invites_per_minute: emails } = settings;
  return {
    inviteLimiter: createLimiter(capacity, rate_per_minute, now),
    emailLimiter: emails === null ? undefined : createLimiter(emails, emails, now),
  };
};

/** Seconds until one call is due: what `ratelimited` says as a fault. */
export const dueIn = ({ rate_per_minute }: Settings): number => Math.ceil(60 / rate_per_minute);

/** Adds to a list that must not grow without end. */
export function keep<Item>(list: Item[], item: Item): void {
  list.push(item);
  if (list.length > MAX_KEPT) list.shift();
}
