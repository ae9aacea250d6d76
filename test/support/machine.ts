import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** A machine that starts a Node.js process within this many milliseconds has time to spare. */
const SPARE_MS = 150;

const startOfProcess = async (): Promise<number> => {
  const start = performance.now();
  await once(spawn(process.execPath, ['-e', ''], { stdio: 'ignore' }), 'close');
  return performance.now() - start;
};

const asFactor = (ms: number) => Math.max(ms / SPARE_MS, 1);

/**
 * How much longer than it should everything takes on this machine at the moment, because others use
 * it too: the factor by which a limit of time has to be stretched, 1 on a quiet machine.
 */
export const slowness = async (): Promise<number> => {
  const times = [await startOfProcess(), await startOfProcess(), await startOfProcess()];
  return asFactor(Math.max(...times));
};

/**
 * Watches the same for as long as something is measured that leaves the machine time to spare.
 * @returns what ends the watch: the factor on average, and the worst one.
 */
export const watchSlowness = (): (() => Promise<{ mean: number; worst: number }>) => {
  const times: number[] = [];
  let over = false;
  const watching = (async () => {
    while (!over) {
      times.push(await startOfProcess());
      await sleep(1000);
    }
  })();
  return async () => {
    over = true;
    await watching;
    const sum = times.reduce((one, other) => one + other, 0);
    return { mean: asFactor(sum / times.length), worst: asFactor(Math.max(...times)) };
  };
};
