/**
 * Time that passes only when everybody who runs on it is asleep: then it jumps to the next who
 * wakes. Waits of minutes take no time, and what happens at one moment is told from what happens
 * in another.
 */
export const createVirtualClock = (start = 1_000_000) => {
  let time = start;
  let awake = 0;
  let sleepers: { at: number; wake: () => void }[] = [];

  const passTime = () => {
    if (awake > 0 || sleepers.length === 0) return;
    time = Math.max(time, Math.min(...sleepers.map(({ at }) => at)));
    const due = sleepers.filter(({ at }) => at <= time);
    sleepers = sleepers.filter(({ at }) => at > time);
    awake += due.length;
    for (const { wake } of due) wake();
  };

  const fallAsleep = () => {
    awake -= 1;
    passTime();
  };

  return {
    now: () => time,
    /** Lets time pass without anybody running. */
    advance: (ms: number) => {
      time += ms;
    },
    sleep: (ms: number): Promise<void> =>
      new Promise((wake) => {
        sleepers.push({ at: time + ms, wake });
        fallAsleep();
      }),
    /** Runs all at once until all are done. */
    run: async <T>(everybody: (() => Promise<T>)[]): Promise<T[]> => {
      awake += everybody.length;
      return Promise.all(everybody.map((one) => one().finally(fallAsleep)));
    },
  };
};

export type VirtualClock = ReturnType<typeof createVirtualClock>;
