import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { IDLE_MS } from '../../infra/local/lambda/lambda.ts';
import { ask, functionOf, isRunning, serve, serveAt, until } from '../support/local-functions.ts';

const SLOW = `
  export const handler = async ({ ms = 0 }) => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return process.pid;
  };`;

describe('execution environments', () => {
  test('handle one invocation at a time: concurrent ones get a process each', async () => {
    const lambda = await serve(functionOf(SLOW));

    const pids = (await Promise.all([1, 2, 3].map(() => ask(lambda, { ms: 300 })))).map(
      ({ answer }) => answer,
    );

    expect(new Set(pids).size).toBe(3);
  });

  test('are used again, the most recently used one first', async () => {
    const lambda = await serve(functionOf(SLOW));
    const [slow, fast] = await Promise.all([ask(lambda, { ms: 400 }), ask(lambda, { ms: 100 })]);

    const next = await ask(lambda);

    expect(next.answer).toBe(slow.answer);
    expect(next.answer).not.toBe(fast.answer);
    expect(lambda.environments('demo')).toHaveLength(2);
  });

  test('belong to one function', async () => {
    const lambda = await serve(
      functionOf(SLOW, { name: 'one' }),
      functionOf(SLOW, { name: 'two' }),
    );

    expect((await ask(lambda, {}, 'one')).answer).not.toBe((await ask(lambda, {}, 'two')).answer);
  });

  test('say what they do', async () => {
    const lambda = await serve(functionOf(SLOW));
    const states = () => lambda.environments('demo').map(({ state }) => state);

    const invocation = ask(lambda, { ms: 200 });
    await until(() => states().length > 0);
    expect(states()).toEqual(['starting']);
    await until(() => states()[0] !== 'starting');
    expect(states()).toEqual(['busy']);
    const { answer } = await invocation;

    expect(lambda.environments('demo')).toEqual([{ pid: answer, state: 'frozen' }]);
  });

  test('are replaced when their process was killed while it was frozen', async () => {
    const lambda = await serve(functionOf(SLOW));
    const { answer: pid } = await ask(lambda);

    process.kill(pid, 'SIGKILL');
    await until(() => lambda.environments('demo').length === 0);

    expect((await ask(lambda)).answer).not.toBe(pid);
  });

  test('end when nobody has called them for a minute', async () => {
    let now = 0;
    const lambda = await serveAt(() => now, functionOf(SLOW));
    const pids = (await Promise.all([ask(lambda, { ms: 300 }), ask(lambda, { ms: 300 })])).map(
      ({ answer }) => answer,
    );
    now = 1;
    const { answer: used } = await ask(lambda);
    const [unused] = pids.filter((pid) => pid !== used);

    now = IDLE_MS;
    lambda.endIdle();

    expect(lambda.environments('demo')).toEqual([{ pid: used, state: 'frozen' }]);
    await until(() => !isRunning(unused));
    expect((await ask(lambda)).answer).toBe(used);
  });

  test('do not end while they are at work, however long that takes', async () => {
    let now = 0;
    const lambda = await serveAt(() => now, functionOf(SLOW, { timeoutMs: 90_000 }));
    const working = ask(lambda, { ms: 80_000 });
    await until(() => lambda.environments('demo').some(({ state }) => state === 'busy'));

    now = 10 * IDLE_MS;
    lambda.endIdle();

    expect(lambda.environments('demo')).toMatchObject([{ state: 'busy' }]);
    await Promise.all([
      expect(working).rejects.toMatchObject({ code: 'ServiceException' }),
      lambda.close(),
    ]);
  });

  test('are not called any more once they end', async () => {
    let now = 0;
    const lambda = await serveAt(() => now, functionOf(SLOW));
    const { answer: idle } = await ask(lambda);

    now = IDLE_MS;
    lambda.endIdle();

    expect((await ask(lambda)).answer).not.toBe(idle);
  });

  test('take what the function has started with them', async () => {
    const lambda = await serve(
      functionOf(`
        import { spawn } from 'node:child_process';
        export const handler = async (event) => {
          if (event.exit) process.exit(1);
          return spawn('sleep', ['60']).pid;
        };`),
    );
    const { answer: pid } = await ask(lambda);
    expect(isRunning(pid)).toBe(true);

    await ask(lambda, { exit: true });

    await until(() => !isRunning(pid));
  });
});

describe('a frozen environment', () => {
  test('runs no timer between two invocations', async () => {
    const lambda = await serve(
      functionOf(`
        let ticks = 0;
        setInterval(() => { ticks += 1; }, 5);
        export const handler = async ({ ms = 0 }) => {
          await new Promise((resolve) => setTimeout(resolve, ms));
          return ticks;
        };`),
    );
    const { answer: before } = await ask(lambda, { ms: 300 });
    expect(before).toBeGreaterThan(2);

    await sleep(2000);

    // Not frozen, it would have had 400 ticks.
    const { answer: after } = await ask(lambda);
    expect(after - before).toBeLessThan(200);
  });

  test('keeps its sockets, and what arrives meanwhile', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const lambda = await serve(
      functionOf(`
        import { once } from 'node:events';
        import { connect } from 'node:net';
        let socket;
        export const handler = async () => {
          if (socket) return String((await once(socket, 'data'))[0]);
          socket = connect(${port}, '127.0.0.1');
          await once(socket, 'connect');
          return 'connected';
        };`),
    );
    const connected = once(server, 'connection') as Promise<[Socket]>;
    expect((await ask(lambda)).answer).toBe('connected');
    const [socket] = await connected;

    socket.write('sent while frozen');
    await sleep(100);

    expect((await ask(lambda)).answer).toBe('sent while frozen');
    socket.destroy();
  });

  test('goes on where it stopped: what was left undone runs in the next invocation', async () => {
    const lambda = await serve(
      functionOf(`
        let done = false;
        export const handler = async ({ ms = 0 }) => {
          if (!ms) { setTimeout(() => { done = true; }, 50); return done; }
          await new Promise((resolve) => setTimeout(resolve, ms));
          return done;
        };`),
    );
    expect((await ask(lambda)).answer).toBe(false);
    await sleep(150);

    expect((await ask(lambda, { ms: 100 })).answer).toBe(true);
  });
});
