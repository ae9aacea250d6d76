/**
 * The longest time in milliseconds that a timer of Node.js can run, 24 days; it takes a longer one for
 * none at all. Nothing of a local run gets that old, so that a longer wait may as well be this long.
 */
export const MAX_TIMER_MS = 2 ** 31 - 1;
