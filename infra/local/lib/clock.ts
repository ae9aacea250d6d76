/** Where executions take the time from. */
export type Clock = {
  /** In milliseconds since 1970. */
  now: () => number;
  /** Calls `ring` once, at a time or as soon as possible after it. @returns what takes it back */
  at: (time: number, ring: () => void) => () => void;
};

/** The longest time in milliseconds that a timer of Node.js can run: 24 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** This machine's clock. */
export const CLOCK: Clock = {
  now: Date.now,
  at: (time, ring) => {
    if (time === Infinity) return () => {};
    let timer: NodeJS.Timeout;
    const arm = () => {
      const left = Math.max(time - Date.now(), 0);
      timer = setTimeout(left > LONGEST_TIMER_MS ? arm : ring, Math.min(left, LONGEST_TIMER_MS));
    };
    arm();
    return () => clearTimeout(timer);
  },
};
