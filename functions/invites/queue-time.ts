/** How long an ask may wait in the queue before anybody may claim it anew, in milliseconds. */
export const QUEUE_LIFETIME_MS = 7 * 24 * 3_600_000;

/**
 * The workflow's own limit, in seconds: over before the queue's, so that no execution is at work on
 * an ask that counts as given up.
 */
export const WORKFLOW_TIMEOUT_S = QUEUE_LIFETIME_MS / 1000 - 3_600;
