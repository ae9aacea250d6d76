import { once } from 'node:events';
import { connect } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { METHOD } from '../../functions/slack/method.ts';
import { snapshot } from '../../infra/local/slack/live.ts';
import { LIMITS } from '../../infra/local/slack/server.ts';
import { createState } from '../../infra/local/slack/state.ts';
import { callMethod } from '../../infra/local/slack/web-api.ts';
import { BEARER, startSlack } from '../support/local-slack.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const heapMegabytes = () => {
  collectGarbage();
  return process.memoryUsage().heapUsed / 2 ** 20;
};

test('an hour of traffic leaves no more behind than its first half', async () => {
  let now = 1_800_000_000_000;
  const state = createState({ ratePerMinute: 1000, capacity: 100, now: () => now });
  const { signal } = new AbortController();
  const call = (number: number) => {
    const channel = number % 10 === 0 ? `C0NOWHERE${number}` : 'C0PARTNER01';
    const form = `channel=${channel}&emails=guest${number}@partner.example&note_${number}=1`;
    const body = { bytes: Buffer.from(form), complete: true };
    const contentType = 'application/x-www-form-urlencoded';
    const wire = { method: 'POST', query: '', contentType, body, ...BEARER };
    return callMethod(METHOD, wire, state, signal);
  };
  const heap: number[] = [];
  for (let number = 0; number < 24_000; number++) {
    now += 150;
    await call(number);
    if (number % 12_000 === 11_999) heap.push(heapMegabytes());
  }

  expect([state.invites.length, state.mailbox.length]).toEqual([10_000, 10_000]);
  expect(state.invites.at(-1)).toMatchObject({ recipient_email: 'guest23999@partner.example' });
  expect(Object.keys(state.counters.toJSON()[METHOD].answers)).toEqual(['channel_not_found', 'ok']);
  expect(JSON.stringify(snapshot(state)).length).toBeLessThan(200_000);
  const [early = 0, late = 0] = heap;
  expect(late - early).toBeLessThan(5);
}, 30_000);

test('a connection more than may be is closed; the others go on', async () => {
  const slack = await startSlack();
  const sockets = Array.from({ length: LIMITS.maxConnections }, () =>
    connect(slack.port, '127.0.0.1'),
  );
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  const more = connect(slack.port, '127.0.0.1');
  more.on('error', () => {});
  await once(more, 'close');

  const [first] = sockets;
  first?.write('GET /sandbox/faults HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n');
  const [answer] = await once(first as NonNullable<typeof first>, 'data');
  expect(String(answer)).toContain('200 OK');
  for (const socket of sockets) socket.destroy();
  await slack.close();
});

test('what a client sends beyond the size of a head is refused, not kept', async () => {
  const slack = await startSlack();
  const socket = connect(slack.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${'x'.repeat(LIMITS.maxHeaderSize)}`);
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toContain('431');
  socket.destroy();
  await slack.close();
});
