import { EventEmitter } from 'node:events';
import { request, type ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createLive } from '../../infra/local/overview/live.ts';
import { createLogBook } from '../../infra/local/overview/log-book.ts';
import { plotOf, spanOf } from '../../infra/local/overview/plots.ts';
import type { Shown } from '../../infra/local/overview/sections.ts';
import { deliveryOf, withHeaders } from '../support/deliveries.ts';
import { newcomer } from '../support/hr-events.ts';
import { CHANNEL, type LocalRun, startLocalRun, TOKEN } from '../support/local-run.ts';

let run: LocalRun;
let page: Shown;
const get = (path: string, headers = {}) => fetch(run.stack.awsUrl + path, { headers });
const overview = async () => (await get('/_local/overview')).json() as Promise<Shown>;

beforeAll(async () => {
  run = await startLocalRun({ lifecycle: true });
  await run.post({ channel: CHANNEL, emails: ['first.person@partner.example'] });
  await run.post(
    { channel: CHANNEL, emails: ['second.person@partner.example'] },
    { prefer: 'respond-async' },
  );
  await run.sandbox('POST', 'faults', { drop: 'after', times: 1 });
  await run.post({ channel: CHANNEL, emails: ['third.person@partner.example'] });
  await run.deliver(withHeaders(deliveryOf('greenhouse', newcomer()), { signature: undefined }));
  await vi.waitFor(async () => {
    page = await overview();
    expect(page.executions[0]?.status).toBe('SUCCEEDED');
  }, 20_000);
  await run.sandbox('POST', 'invites/I0000000001', { action: 'accept', team: 'new' });
  await vi.waitFor(async () => {
    page = await overview();
    expect(page.events[0]?.type).toBe('Invite Connected');
  }, 20_000);
});
afterAll(() => run.close());

describe('the page', () => {
  test('is whole: all that it refers to is served here, with its type and protection', async () => {
    const seen = new Map<string, string>();
    const follow = async (path: string): Promise<void> => {
      const response = await get(path);
      const text = await response.text();
      expect(response.status, path).toBe(200);
      const type = response.headers.get('content-type') ?? '';
      seen.set(path, type);
      if (!/html|javascript/.test(type)) return;
      expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
      for (const [, attribute, module] of text.matchAll(
        /(?:href|src)="([^"#]+)"|from '([^']+)'/g,
      )) {
        const next = new URL(attribute ?? module ?? '', new URL(path, run.stack.awsUrl));
        expect(next.origin).toBe(run.stack.awsUrl);
        if (!seen.has(next.pathname)) await follow(next.pathname);
      }
    };
    await follow('/');
    expect(Object.fromEntries(seen)).toMatchObject({
      '/': 'text/html; charset=utf-8',
      '/page/overview.js': 'text/javascript; charset=utf-8',
      '/page/page.css': 'text/css; charset=utf-8',
      '/slack/page/dom.js': 'text/javascript; charset=utf-8',
      '/_local/metrics': 'application/json',
      '/docs/runbook.md': 'text/plain; charset=utf-8',
    });
  });

  test('leaves what is signed, and what is sent, to the AWS endpoint', async () => {
    const signed = await get('/', { authorization: 'AWS4-HMAC-SHA256 Credential=x' });
    expect(await signed.text()).not.toContain('<!doctype html>');
    const sent = await fetch(`${run.stack.awsUrl}/`, { method: 'POST' });
    expect(await sent.text()).toContain('MissingAuthenticationTokenException');
  });

  const asked = (path: string, headers: Record<string, string>) =>
    new Promise<number | undefined>((resolve, reject) => {
      request(run.stack.awsUrl + path, { headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .once('error', reject)
        .end();
    });

  test.each(['/', '/_local/live', '/_local/overview', '/_local/metrics'])(
    '%s is for nobody but the page itself and programs',
    async (path) => {
      for (const foreign of [
        { host: 'rebound.example' },
        { origin: 'http://elsewhere.example' },
        { origin: 'null' },
        { 'sec-fetch-site': 'cross-site' },
      ]) {
        expect(await asked(path, foreign as never)).toBe(403);
      }
    },
  );
});

describe('what the page shows', () => {
  test('is the stack and where its doors are', () => {
    const { apiUrl } = run.stack;
    expect(page.stack).toEqual({
      name: 'SlackConnectInvites',
      apiUrl,
      slackUrl: run.slack.url,
      isWatched: true,
    });
  });

  test('is each invite as GET /invites gives it, the newest first', async () => {
    const { body } = await run.get('/invites');
    expect(page.invites).toEqual(body.invites);
    expect(page.invites.map(({ status }) => status)).toEqual(['unknown', 'sent', 'connected']);
  });

  test('is each execution with its history, by names and types only', () => {
    const [execution] = page.executions;
    expect(execution).toMatchObject({ machine: 'invites', status: 'SUCCEEDED', earlier: 0 });
    expect(execution?.history[0]).toMatchObject({ id: 1, type: 'ExecutionStarted' });
    expect(execution?.history.at(-1)).toMatchObject({ type: 'ExecutionSucceeded' });
    expect(execution?.history.map(({ name }) => name)).toContain('TakeTicket');
  });

  test('is each event on the bus, the newest first', () => {
    expect(page.events.map(({ type }) => type).toSorted()).toEqual([
      'Invite Accepted',
      'Invite Connected',
      'Invite Sent',
      'Invite Sent',
      'Invite Unknown',
    ]);
    const [connected] = page.events;
    expect(connected?.detail).toMatchObject({ status: 'connected' });
  });

  test('is the log of each invocation under its request id', () => {
    const door = page.invocations.filter(({ functionName }) => functionName === 'invite-api');
    expect(door.map(({ outcome }) => outcome).toReversed()).toEqual(['sent', 'queued', 'unknown']);
    const [unknown] = door;
    expect(unknown?.ms).toBeGreaterThan(0);
    const levels = unknown?.lines.map(({ level }) => level);
    expect(levels).toContain('METRICS');
    expect(levels?.some((level) => level === 'WARN' || level === 'ERROR')).toBe(true);
    const facts = unknown?.lines.flatMap(({ fields }) => fields);
    expect(facts).toContainEqual(['event', 'request_failed']);
    expect(new Set(page.invocations.map(({ requestId }) => requestId)).size).toBe(
      page.invocations.length,
    );
  });

  test('is each alarm of the template with its state', () => {
    const states = Object.fromEntries(page.alarms.map(({ name, state }) => [name, state]));
    expect(states).toMatchObject({ 'outcome-unknown': 'ALARM', 'functions-fail': 'OK' });
    expect(page.alarms.length).toBe(run.stack.alarms.length);
    expect(page.alarms[0]?.state).toBe('ALARM');
    // Silence is a fault to it, but the run has just begun.
    expect(states).toMatchObject({ unended: 'INSUFFICIENT_DATA' });
    expect(page.alarms.find(({ name }) => name === 'outcome-unknown')).toMatchObject({
      value: 1,
      threshold: 1,
      minutes: 5,
    });
  });

  test('is both dashboards, drawn from what the functions wrote', () => {
    expect(page.dashboards.map(({ name }) => name)).toEqual(['people', 'engineers']);
    const plots = page.dashboards.flatMap(({ plots }) => plots);
    const invited = plots.find(({ title }) => title === 'Invited');
    const sent = invited?.lines.flatMap(({ values }) => values).filter((value) => value !== null);
    expect(sent?.reduce((sum, value) => sum + value, 0)).toBe(2);
    const executions = plots.find(({ title }) => title.includes('executions'));
    expect(executions?.lines.map(({ label }) => label)).toEqual(['invites']);
  });

  test('has no address, token, link or confirmation code beside the invites', async () => {
    const { invites, ...others } = page;
    const text = JSON.stringify([others, await (await get('/_local/metrics')).json()]);
    const mails = (await run.sandbox('GET', 'mailbox')) as { link: string }[];
    expect(mails.length).toBe(3);
    for (const secret of [
      'person@',
      'partner.example',
      TOKEN,
      'xoxb',
      'join.slack',
      'conf_code',
      ...mails.map(({ link }) => link.slice(link.lastIndexOf('/') + 1)),
    ]) {
      expect(text).not.toContain(secret);
    }
    expect(JSON.stringify(invites)).toContain('first.person@partner.example');
  });
});

test('/_local/metrics has each series with its minutes', async () => {
  const { metrics } = (await (await get('/_local/metrics')).json()) as {
    metrics: { namespace: string; name: string; dimensions: object; points: object[] }[];
  };
  for (const series of metrics) {
    expect(Object.keys(series).toSorted()).toEqual([
      'dimensions',
      'name',
      'namespace',
      'points',
      'unit',
    ]);
  }
  const sent = metrics.find(
    ({ name, dimensions }) =>
      name === 'Invites' && JSON.stringify(dimensions).includes('invite-api","outcome":"sent'),
  );
  expect(sent).toMatchObject({
    namespace: 'SlackConnectInvites',
    unit: 'Count',
    points: [{ time: expect.stringMatching(/:00\.000Z$/), count: 1, sum: 1, min: 1, max: 1 }],
  });
  const machines = metrics.filter(({ namespace }) => namespace === 'AWS/States');
  expect(machines.map(({ name }) => name)).toEqual(['ExecutionsStarted', 'ExecutionsSucceeded']);
});

test('the live stream tells each section, and again what changed', async () => {
  const response = await get('/_local/live');
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const read = async (until: () => boolean) => {
    while (!until()) text += (await reader?.read())?.value ?? '';
  };
  const sections = () => [...text.matchAll(/^event: (\w+)$/gm)].map(([, name]) => name);
  await read(() => sections().includes('dashboards') && text.endsWith('\n\n'));
  expect(sections()).toEqual(Object.keys(page));
  text = '';
  await run.get(`/invites/inv1_${'A'.repeat(32)}`);
  await read(() => sections().includes('invocations') && text.endsWith('\n\n'));
  expect(sections()).not.toContain('events');
  expect(sections()).not.toContain('executions');
  await reader?.cancel();
});

test('a stack that forgets has no invites and nothing that runs, but keeps grants', async () => {
  const grant = { pk: { S: 'grant#C0GRANTED01' } };
  await run.dynamo('PutItem', { Item: grant });
  await run.sandbox('POST', 'reset');
  await run.stack.forget();
  const { Items } = await run.dynamo('Scan', {});
  expect(Items).toEqual([grant]);
  expect((await overview()).executions.filter(({ status }) => status === 'RUNNING')).toEqual([]);
  const again = await run.post({ channel: CHANNEL, emails: ['first.person@partner.example'] });
  expect(again.status).toBe(201);
});

describe('the log book', () => {
  const entry = (requestId: string, message: unknown, level = 'INFO') =>
    JSON.stringify({ timestamp: '2026-03-01T12:00:00.000Z', level, requestId, message });

  test('keeps lines of invocations at the same time apart', () => {
    const book = createLogBook();
    for (const id of ['one', 'two', 'one']) book.add('door', entry(id, { event: `of ${id}` }));
    const [two, one] = book.invocations(10);
    expect([one?.lines.length, two?.lines.length]).toEqual([2, 1]);
    expect(one?.lines[0]).toEqual({
      at: '2026-03-01T12:00:00.000Z',
      level: 'INFO',
      text: '',
      fields: [['event', 'of one']],
    });
  });

  test('keeps what a process writes before its first invocation, and what is not JSON', () => {
    const book = createLogBook();
    book.add('door', entry('-', 'starting'));
    book.add('door', 'a bare text');
    const [start] = book.invocations(10);
    expect(start?.requestId).toBe('start of door');
    expect(start?.lines.map(({ text }) => text)).toEqual(['starting', 'a bare text']);
  });

  test('says that an invocation failed, by its lines or by its end', async () => {
    const book = createLogBook();
    book.add('door', entry('one', { errorType: 'Error' }, 'ERROR'));
    const invoke = async () => ({ requestId: 'two', functionError: 'Unhandled' });
    await book.follow({ invoke } as never).invoke('door', '{}');
    expect(book.invocations(10).map(({ failed }) => failed)).toEqual([true, true]);
  });

  test('forgets the oldest, and does not grow with the lines of one', () => {
    const book = createLogBook();
    for (let n = 0; n < 600; n += 1) book.add('door', entry(`id ${n}`, 'x'));
    for (let n = 0; n < 100; n += 1) book.add('door', entry('long', 'x'));
    const all = book.invocations(1_000);
    expect(all.length).toBe(500);
    expect(all[0]?.lines.length).toBe(50);
    expect(all.at(-1)?.requestId).toBe('id 101');
  });
});

describe('a plot', () => {
  const NOW = Date.parse('2026-03-01T12:00:30Z');
  const series = (points: [time: string, sum: number][], dimensions: Record<string, string>) => ({
    namespace: 'Own',
    name: 'Invites',
    dimensions,
    points: points.map(([time, sum]) => ({
      time: `2026-03-01T${time}:00.000Z`,
      count: 2,
      sum,
      min: 0,
      max: sum,
    })),
  });
  const search = {
    namespace: 'Own',
    name: 'Invites',
    dimensions: ['stack', 'function', 'outcome'],
    where: { stack: 'One', outcome: 'sent' },
    statistic: 'Sum' as const,
  };
  const draw = (...searches: object[]) =>
    plotOf(
      { title: 'Sent', unit: 'invitations', searches: searches as never },
      [
        series(
          [
            ['11:58', 4],
            ['12:00', 6],
          ],
          { stack: 'One', function: 'a', outcome: 'sent' },
        ),
        series([['10:00', 4]], { stack: 'One', function: 'b', outcome: 'sent' }),
      ],
      { now: NOW, minutes: 4 },
    ).lines;

  test('has a value for each minute, and no line that is empty', () => {
    expect(draw(search)).toEqual([{ label: 'a', values: [null, 4, null, 6] }]);
  });

  test('tells statistics apart, and takes the label of the widget', () => {
    const lines = draw(search, { ...search, statistic: 'Average' }, { ...search, label: 'all' });
    expect(lines.map(({ label }) => label)).toEqual(['a sum', 'a average', 'all']);
    expect(lines[1]?.values).toEqual([null, 2, null, 3]);
  });

  test('goes back as far as there is something, and an hour at most', () => {
    const since = (time: string) => spanOf([series([[time, 1]], {})], NOW);
    expect(['12:00', '11:55', '11:45', '11:10', '09:00'].map(since)).toEqual([10, 10, 30, 60, 60]);
    expect(spanOf([], NOW)).toBe(10);
  });
});

test('a part of the page that cannot be read is logged, and the others come again', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const logged = vi.spyOn(console, 'error').mockReturnValue();
  const page = Object.assign(new EventEmitter(), {
    writableNeedDrain: false,
    writeHead: vi.fn(),
    flushHeaders: vi.fn(),
    write: vi.fn(),
  });
  let isBroken = true;
  const part = vi.fn(() => {
    if (isBroken) throw new Error('gone');
    return 1;
  });
  const live = createLive({ part });
  live.watch(page as unknown as ServerResponse);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(logged).toHaveBeenCalledOnce();
  isBroken = false;
  live.changed();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(page.write.mock.calls).toEqual([['event: part\ndata: 1\n\n']]);
  page.emit('close');
  part.mockClear();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(part).not.toHaveBeenCalled();
  logged.mockRestore();
});

test('nothing is worked out while nobody looks', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const read = vi.fn();
  createLive({ read }).changed();
  vi.advanceTimersByTime(30_000);
  expect(read).not.toHaveBeenCalled();
});
