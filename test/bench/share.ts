import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Holds processes to a share of one processor. */
export type Share = {
  /** By what means, for whoever reads the figures. */
  means: string;
  /** From now on, with all its threads. */
  hold(pid: number): void;
  /** The processes have ended. */
  close(): void;
};

/** In milliseconds: what a function does not get of one period comes in the next. */
const PERIOD_MS = 20;

/**
 * By a control group where this process may make one, otherwise by stopping the process and letting
 * it go on in turn, which is coarser and does not count what several threads use at once.
 * @param share of one processor, from 0 to 1.
 */
export const createShare = (share: number): Share => {
  const means = `in periods of ${PERIOD_MS} ms`;
  const group = createGroup('share', share);
  if (!group) return { means: `SIGSTOP and SIGCONT ${means}`, ...dutyCycle(share) };
  const { version, hold, close } = group;
  return { means: `a control group of version ${version} ${means}`, hold, close };
};

/**
 * Puts this process, and what it starts, before everything else on this machine, if it may.
 * @returns whether it did.
 */
export const goFirst = (): boolean => {
  const group = createGroup('first');
  group?.hold(process.pid);
  return group !== undefined;
};

const VERSIONS = [
  { version: 2, root: '/sys/fs/cgroup', sign: 'cgroup.controllers' },
  { version: 1, root: '/sys/fs/cgroup/cpu', sign: 'cpu.cfs_quota_us' },
] as const;

/**
 * A control group of the greatest weight there is, so that its quota alone decides.
 * @param share its quota, of one processor; left out: none.
 * @returns undefined where there is no such controller, or no right to make a group.
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files
 */
const createGroup = (name: string, share?: number) => {
  const found = VERSIONS.find(({ root, sign }) => existsSync(join(root, sign)));
  if (!found) return undefined;
  const { version, root } = found;
  const group = join(root, `benchmark-${name}-${process.pid}`);
  const period = PERIOD_MS * 1000;
  const quota = share === undefined ? undefined : Math.round(period * share);
  const settings: Record<string, string> =
    version === 2
      ? { 'cpu.weight': '10000', 'cpu.max': `${quota ?? 'max'} ${period}` }
      : {
          'cpu.shares': '262144',
          'cpu.cfs_period_us': `${period}`,
          'cpu.cfs_quota_us': `${quota ?? -1}`,
        };
  try {
    mkdirSync(group);
    for (const [file, value] of Object.entries(settings)) writeFileSync(join(group, file), value);
  } catch {
    return undefined;
  }
  return {
    version,
    hold: (pid: number) => writeFileSync(join(group, 'cgroup.procs'), `${pid}`),
    close: () => rmdirSync(group),
  };
};

const dutyCycle = (share: number) => ({
  hold(pid: number) {
    const signal = (name: NodeJS.Signals): void => {
      try {
        process.kill(pid, name);
      } catch {
        clearInterval(periods); // it has ended
      }
    };
    const runFor = () => {
      signal('SIGCONT');
      setTimeout(() => signal('SIGSTOP'), PERIOD_MS * share);
    };
    const periods = setInterval(runFor, PERIOD_MS);
    runFor();
  },
  close: () => undefined,
});
