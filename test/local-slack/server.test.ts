import { execFile } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { promisify } from 'node:util';
import { afterEach, expect, test, vi } from 'vitest';
import { METHOD } from '../../functions/slack/method.ts';
import { readBody } from '../../infra/local/slack/body.ts';
import { startLocalSlack } from '../../infra/local/slack/server.ts';
import { keep } from '../../infra/local/slack/state.ts';
import { type Client, startSlack } from '../support/local-slack.ts';

let slack: Client;
afterEach(async () => {
  vi.useRealTimers();
  await slack?.close();
});

test('it listens on 127.0.0.1 only and says where', async () => {
  slack = await startSlack();
  expect(slack.url).toBe(`http://127.0.0.1:${slack.port}`);
  expect(slack.apiUrl).toBe(`${slack.url}/api/`);
  await expect(fetch(`http://[::1]:${slack.port}/`)).rejects.toThrow();
});

test('a port in use is an error of the start', async () => {
  slack = await startSlack();
  const second = startLocalSlack({ port: slack.port, ratePerMinute: 20 });
  await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test('close ends at once: silent, idle, hanging and delayed connections', async () => {
  slack = await startSlack();
  const silent = connect(slack.port, '127.0.0.1');
  await once(silent, 'connect');
  await slack.sandbox('world');
  const pending = [];
  for (const fault of [{ hang: true }, { delay_ms: 60_000 }]) {
    await slack.sandbox('faults', { ...fault, times: 1 });
    pending.push(expect(slack.invite()).rejects.toThrow());
    await expect.poll(() => slack.sandbox('faults')).toEqual({ fault: null });
  }

  const start = performance.now();
  await slack.close();
  // Each of them would be open for 5 s and more.
  expect(performance.now() - start).toBeLessThan(4000);
  await Promise.all(pending);
  silent.destroy();
});

/** A request whose body is written by the test. */
const incoming = () =>
  Object.assign(new PassThrough(), { socket: new PassThrough() }) as unknown as IncomingMessage &
    PassThrough;

test('a body that does not end is given up after ten seconds', async () => {
  vi.useFakeTimers();
  const request = incoming();
  request.write('channel=');
  const body = readBody(request);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await body).toMatchObject({ complete: false });
});

test('of a body that is too long only its head is kept', async () => {
  const request = incoming();
  const body = readBody(request);
  for (let n = 0; n < 10; n++) request.write(Buffer.alloc(20_000));
  request.end();
  const { bytes, complete } = await body;
  expect([bytes.length, complete]).toEqual([60_000, false]);
});

test('a client that leaves in the middle of a body leaves no timer behind', async () => {
  vi.useFakeTimers();
  const request = incoming();
  const body = expect(readBody(request)).rejects.toThrow(/broke/);
  request.destroy();
  await body;
  expect(vi.getTimerCount()).toBe(0);
});

test('a process ends once its local Slack is closed, whatever was pending', async () => {
  const script = `
    import { startLocalSlack } from './infra/local/slack/server.ts';
    const slack = await startLocalSlack({ port: 0, ratePerMinute: 20 });
    const method = 'POST';
    await fetch(slack.url + '/sandbox/faults', { method, body: '{"delay_ms":60000}' });
    fetch(slack.apiUrl + '${METHOD}').catch(() => {});
    setTimeout(() => slack.close(), 50);`;
  const run = promisify(execFile);
  await run(process.execPath, ['--input-type=module', '-e', script], { timeout: 5000 });
});

test('lists that are kept lose their oldest entries', () => {
  const list: number[] = [];
  for (let n = 0; n < 10_005; n++) keep(list, n);
  expect([list.length, list[0], list.at(-1)]).toEqual([10_000, 5, 10_004]);
});
