import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startWatchdog } from '../../infra/local/lambda/watchdog.ts';
import { ask, functionOf, isRunning, serve, until } from '../support/local-functions.ts';

const WORK = `
  export const handler = async ({ ms = 0 }) => {
    await new Promise((resolve) => setTimeout(resolve, ms));
  };`;

describe('close', () => {
  test('leaves no process, neither frozen nor busy nor starting', async () => {
    const lambda = await serve(functionOf(WORK));
    await ask(lambda);
    const busy = ask(lambda, { ms: 60_000 });
    await until(() => lambda.environments('demo').some(({ state }) => state === 'busy'));
    const frozen = Promise.all([ask(lambda), ask(lambda)]);
    await frozen;
    const starting = Promise.allSettled([ask(lambda), ask(lambda), ask(lambda)]);
    await until(() => lambda.environments('demo').some(({ state }) => state === 'starting'));
    const pids = lambda.environments('demo').map(({ pid }) => pid);
    expect(pids.length).toBeGreaterThan(3);

    await Promise.all([
      expect(busy).rejects.toMatchObject({ code: 'ServiceException' }),
      lambda.close(),
    ]);

    expect(pids.filter(isRunning)).toEqual([]);
    expect(lambda.environments('demo')).toEqual([]);
    await starting;
  });

  test('is at once, and may be called twice', async () => {
    const lambda = await serve(functionOf(WORK));
    await Promise.all([ask(lambda), ask(lambda)]);
    const begin = performance.now();

    await Promise.all([lambda.close(), lambda.close()]);

    expect(performance.now() - begin).toBeLessThan(4000); // a process that is frozen never ends by itself
  });

  test('ends the service', async () => {
    const lambda = await serve(functionOf(WORK));
    await lambda.close();

    await expect(ask(lambda)).rejects.toMatchObject({ code: 'ServiceException', status: 500 });
  });
});

describe('the process that runs the service', () => {
  test.each(['SIGKILL', 'SIGTERM'] as const)(
    'leaves no other process when its group ends by %s',
    async (signal) => {
      const { parent, pids } = await parentProcess();
      expect(pids.length).toBe(3);
      expect(pids.every(isRunning)).toBe(true);
      // The watchdog, which a terminal or a supervisor may address as well.
      for (const ignored of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.kill(pids[0] ?? 0, ignored);

      process.kill(-(parent.pid ?? 0), signal);
      await once(parent, 'exit');

      await until(() => !pids.some(isRunning));
    },
  );

  test('ends by itself once the service is closed, and nothing else is left', async () => {
    const { parent, pids } = await parentProcess();

    parent.kill('SIGUSR2');
    const [code] = await once(parent, 'exit');

    expect(code).toBe(0);
    expect(pids.filter(isRunning)).toEqual([]);
  });

  test("keeps its functions from a terminal's Ctrl-C", async () => {
    const { parent, pids } = await parentProcess();

    process.kill(-(parent.pid ?? 0), 'SIGINT');
    const [line] = await once(parent.lines, 'line');

    expect(line).toBe('interrupted');
    expect(pids.every(isRunning)).toBe(true);
  });
});

test('a watchdog kills what it watches at its end, and forgets what it is told', async () => {
  const watched = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  const forgotten = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  onTestFinished(() => void forgotten.kill());
  const watchdog = startWatchdog();

  watchdog.watch(watched.pid ?? 0);
  watchdog.watch(forgotten.pid ?? 0);
  watchdog.forget(forgotten.pid ?? 0);
  await Promise.all([once(watched, 'exit'), watchdog.close()]);

  expect(watched.signalCode).toBe('SIGKILL');
  expect(forgotten.signalCode).toBeNull();
});

/**
 * A process in a group of its own that runs the service: one environment frozen, one busy. `pids`
 * are all processes that it has started, the watchdog first.
 */
async function parentProcess() {
  const spec = functionOf(WORK);
  const script = join(spec.codeDir, 'parent.mjs');
  writeFileSync(
    script,
    `
    import childProcess from 'node:child_process';
    import { syncBuiltinESMExports } from 'node:module';
    const pids = [];
    const { spawn } = childProcess;
    childProcess.spawn = (...args) => {
      const child = spawn(...args);
      pids.push(child.pid);
      return child;
    };
    syncBuiltinESMExports();
    process.on('SIGINT', () => console.log('interrupted'));
    const { startLambda } = await import(${JSON.stringify(serviceUrl())});
    const lambda = await startLambda({ functions: [${JSON.stringify(spec)}], log() {} });
    const busy = lambda.invoke('demo', '{"ms":60000}');
    await lambda.invoke('demo', '{}');
    process.on('SIGUSR2', () => lambda.close());
    console.log(JSON.stringify(pids));
    await busy.catch(() => {});`,
  );
  const child = spawn(process.execPath, [script], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface(child.stdout);
  const [line] = await once(lines, 'line');
  return { parent: Object.assign(child, { lines }), pids: JSON.parse(line) as number[] };
}

function serviceUrl(): string {
  return new URL('../../infra/local/lambda/lambda.ts', import.meta.url).href;
}
