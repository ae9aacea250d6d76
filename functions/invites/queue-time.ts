/** How long an ask may wait in the queue before anybody may claim it anew, in milliseconds. */
export const QUEUE_LIFETIME_MS = 7 * 24 * 3_600_000;

/**
 * The workflow's own limit, in seconds: over before the queue's, so that no execution of it is at work
 * on an ask that counts as given up. (The workflow of events goes on for longer, since it begins before
 * the ask does: what it still finds then has lapsed, and nothing is sent.)
 */
export const WORKFLOW_TIMEOUT_S = QUEUE_LIFETIME_MS / 1000 - 3_600;

/** What must be left of an ask's time when its workflow is started: more than that may take. */
export const LEAST_LIFETIME_MS = WORKFLOW_TIMEOUT_S * 1000 + 600_000;
