import { spawn } from 'node:child_process';
import { once } from 'node:events';

export type Watchdog = {
  /** @param pid leader of a process group that must not outlive this process */
  watch(pid: number): void;
  forget(pid: number): void;
  /** Ends the watchdog. Every process that it still watches dies with it. */
  close(): Promise<void>;
};

/**
 * POSIX shell, one process of a megabyte. `read` fails at the end of its input, and the operating
 * system closes that input however this process ends.
 */
const SCRIPT = `
trap '' HUP INT TERM
pids=
while read -r verb pid; do
  case $verb in
    watch) pids="$pids $pid" ;;
    forget)
      rest=
      for other in $pids; do [ "$other" = "$pid" ] || rest="$rest $other"; done
      pids=$rest ;;
  esac
done
for pid in $pids; do kill -9 "-$pid"; done
`;

/**
 * Starts a process that survives this one, even a SIGKILL, just long enough to kill the process
 * groups that it watches. A frozen environment cannot notice by itself that nobody is left to thaw
 * it.
 */
export function startWatchdog(): Watchdog {
  // A session of its own: Ctrl-C in a terminal reaches the whole foreground group otherwise.
  const child = spawn('/bin/sh', ['-c', SCRIPT], {
    cwd: '/',
    detached: true,
    env: {},
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const exit = once(child, 'exit');
  child.unref();
  // Somebody killed the watchdog. The environments still end with an orderly stop.
  child.stdin.on('error', () => {});

  return {
    watch: (pid) => void child.stdin.write(`watch ${pid}\n`),
    forget: (pid) => void child.stdin.write(`forget ${pid}\n`),
    close: async () => {
      child.ref();
      child.stdin.end();
      await exit;
    },
  };
}
