import { execFile } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLive, snapshot as pageSnapshot } from '../../infra/local/slack/live.ts';
import { startLocalSlack } from '../../infra/local/slack/server.ts';
import { createState } from '../../infra/local/slack/state.ts';
import { type Client, startSlack } from '../support/local-slack.ts';
import { PageElement } from '../support/page-document.ts';

const HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(2)>';

let slack: Client;
beforeEach(async () => {
  slack = await startSlack();
});
afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  await slack.close();
});

const get = async (path: string) => {
  const response = await fetch(slack.url + path);
  return { response, text: await response.text() };
};

/** A script of the page, in a browser that has just what it needs. */
// biome-ignore lint/suspicious/noExplicitAny: the scripts are typed in their own folder
const script = (name: string): Promise<any> => {
  vi.stubGlobal('document', { createElement: (tag: string) => new PageElement(tag) });
  vi.stubGlobal('location', { origin: slack.url });
  return import(new URL(`../../infra/local/slack/page/${name}`, import.meta.url).href);
};

describe('the page', () => {
  test('is whole: all that it refers to is served here, with its type', async () => {
    const seen = new Map<string, string>();
    const follow = async (path: string): Promise<void> => {
      const { response, text } = await get(path);
      expect(response.status, path).toBe(200);
      const type = response.headers.get('content-type') ?? '';
      seen.set(path, type);
      if (type.startsWith('text/plain')) return;
      const refers = [...text.matchAll(/(?:href|src)="([^"]+)"|from '([^']+)'/g)];
      for (const [, attribute, module] of refers) {
        const next = new URL(attribute ?? module ?? '', new URL(path, slack.url));
        expect(next.origin).toBe(slack.url);
        if (!seen.has(next.pathname)) await follow(next.pathname);
      }
    };
    await follow('/');
    expect(Object.fromEntries(seen)).toMatchObject({
      '/': 'text/html; charset=utf-8',
      '/page/page.css': 'text/css; charset=utf-8',
      '/page/page.js': 'text/javascript; charset=utf-8',
      '/page/view.js': 'text/javascript; charset=utf-8',
      '/page/icon.svg': 'image/svg+xml; charset=utf-8',
      '/docs/slack.md': 'text/plain; charset=utf-8',
      '/docs/local.md': 'text/plain; charset=utf-8',
    });
  });

  test('permits its own files only, and nothing inline', async () => {
    const { response, text } = await get('/');
    const policy = response.headers.get('content-security-policy')?.split('; ');
    expect(policy).toEqual(
      expect.arrayContaining(["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"]),
    );
    expect(policy?.join()).not.toMatch(/unsafe|\*|data:|http/);
    expect(text).not.toMatch(/<style|style=|\son\w+=|<script(?![^>]*src=)/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test.each(['dom.js', 'find.js', 'join.js', 'page.js', 'reading.js', 'try.js', 'view.js'])(
    '%s never writes HTML',
    async (file) => {
      const { text } = await get(`/page/${file}`);
      expect(text).not.toMatch(/(inner|outer)HTML|insertAdjacentHTML|document\.write|eval\(/);
    },
  );

  test.each(['/page/', '/page/tsconfig.json', '/page/../main.ts', '/page/%2e%2e/main.ts'])(
    'is not a way to other files: %s',
    async (path) => expect((await get(path)).response.status).toBe(404),
  );

  test('has text that can be read, in light and dark', async () => {
    const { text } = await get('/page/page.css');
    const [light, dark] = text
      .split('@media (prefers-color-scheme: dark)')
      .map((part) => Object.fromEntries([...part.matchAll(/--([\w-]+): (#[\da-f]+);/g)].map(pair)));
    for (const colors of [light, { ...light, ...dark }]) {
      for (const [ink, paper] of PAIRS) {
        const ratio = contrast(colors?.[ink], colors?.[paper]);
        expect(ratio, `${ink} on ${paper}`).toBeGreaterThan(4.5);
      }
    }
  });
});

const pair = ([, name, value]: RegExpMatchArray) => [name, value] as const;

const PAIRS = [
  ...['ground', 'card', 'sunken', 'accent-soft'].flatMap((paper) => [
    ['text', paper] as const,
    ['quiet', paper] as const,
  ]),
  ['accent', 'card'],
  ['on-accent', 'accent'],
  ['green', 'ground'],
  ['green', 'green-soft'],
  ['amber', 'amber-soft'],
] as const;

/** The contrast ratio of WCAG 2, from 1 to 21. */
const contrast = (one = '', other = '') => {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
};

const luminance = (color: string) => {
  const digits = color.slice(1);
  const hex = digits.length === 3 ? digits.replace(/./g, '$&$&') : digits;
  const [r = 0, g = 0, b = 0] = [0, 2, 4].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

describe('what the page shows', () => {
  const snapshot = async () => {
    const [invites, mailbox, world] = await Promise.all(
      ['invites', 'mailbox', 'world'].map((path) => slack.sandbox(path)),
    );
    return { ...world, invites, mailbox };
  };

  test('is a message as its recipient reads it, the link as a button', async () => {
    await slack.invite();
    const { mailbox } = await snapshot();
    const { messageView } = await script('view.js');
    const article = new PageElement('article');
    article.append(...messageView(mailbox[0]));

    const [button] = article.all().filter(({ tag }) => tag === 'a');
    expect(button?.textContent).toBe('Join #partner-launch');
    expect(button?.attributes.href).toBe(`/join/${mailbox[0].link.split('/').at(-1)}`);
    expect(article.textContent).toContain(mailbox[0].link);
    for (const text of [mailbox[0].from, 'casey@partner.example', mailbox[0].subject]) {
      expect(article.textContent).toContain(text);
    }
  });

  test('is text only, whatever names and addresses say', async () => {
    const { messageEntry, messageView, inviteEntry, channelEntry } = await script('view.js');
    await slack.invite();
    const now = await snapshot();
    const hostile = JSON.parse(
      JSON.stringify(now)
        .replaceAll('partner-launch', HOSTILE)
        .replaceAll(/casey@[\w.]+/g, HOSTILE),
    );
    const [id, channel] = Object.entries(hostile.channels)[0] as [string, object];
    const page = new PageElement('main');
    page.append(
      messageEntry(hostile.mailbox[0]),
      ...messageView(hostile.mailbox[0]),
      inviteEntry(hostile.invites[0], hostile),
      channelEntry({ id, channel }, hostile),
    );
    expect(page.textContent.split(HOSTILE).length).toBeGreaterThan(6);
    expect(page.all().map(({ tag }) => tag)).not.toContain('script');
    expect(page.all().map(({ tag }) => tag)).not.toContain('img');
  });

  test('makes no link of what is no https address', async () => {
    await slack.invite();
    const { mailbox } = await snapshot();
    const { messageView } = await script('view.js');
    const article = new PageElement('article');
    const link = 'javascript:alert(1)';
    article.append(...messageView({ ...mailbox[0], link, text: `Join: ${link}` }));
    expect(article.all().map(({ tag }) => tag)).not.toContain('a');
  });

  test('stays in place when something comes before it, changes, or goes', async () => {
    const { listIn } = await script('dom.js');
    const list = new PageElement('ul');
    const show = listIn(list, (text: string) => {
      const item = new PageElement('li');
      item.append(text);
      return item;
    });
    show(['b', 'c']);
    const [b, c] = list.nodes;
    for (const items of [['a', 'b', 'c'], ['c', 'b'], ['c'], [], ['b']]) {
      show(items);
      expect(list.nodes.map((node) => (node as PageElement).textContent)).toEqual(items);
      if (items.length > 1) expect(list.nodes).toEqual(expect.arrayContaining([b, c]));
    }
  });

  test('has a curl command for every answer, good as it stands', async () => {
    const { asCurl, requestsFor } = await script('try.js');
    const { triggers } = await slack.sandbox('world');
    for (const [code, trigger] of Object.entries(triggers)) {
      await slack.sandbox('reset', {});
      const command = asCurl(requestsFor(trigger, triggers.ok.request));
      const { stdout } = await promisify(execFile)('sh', ['-c', command]);
      const expected = code === 'ok' ? '{"ok":true' : `{"ok":false,"error":"${code}"`;
      expect(stdout, command).toContain(expected);
    }
  });
});

describe('the call that the page makes', () => {
  const world = async () => (await slack.sandbox('world')).triggers;
  const own = {
    token: 'xoxb-local-acme-invites',
    channel: 'C0MINE00001',
    emails: ['me@own.example'],
  };

  test("is with one's own channel and address, also where a fault decides the answer", async () => {
    const { requestsFor, takesOwn } = await script('try.js');
    const triggers = await world();
    for (const trigger of [{ request: own }, triggers.fatal_error]) {
      const last = requestsFor(trigger, own).at(-1);
      expect(JSON.parse(last.body)).toEqual({ channel: own.channel, emails: own.emails });
    }
    expect(
      ['ok', 'fatal_error', 'channel_archived'].map((code) => takesOwn(code, triggers)),
    ).toEqual([true, true, false]);
  });

  test('can have each answer, in the order of the alphabet', async () => {
    const { answerGroups } = await script('try.js');
    const triggers = await world();
    const groups: { codes: string[] }[] = answerGroups(triggers);
    for (const { codes } of groups) expect(codes).toEqual(codes.toSorted());
    expect(groups.flatMap(({ codes }) => codes).toSorted()).toEqual(
      Object.keys(triggers)
        .filter((code) => code !== 'ok')
        .toSorted(),
    );
  });

  test('reaches a channel that the page adds, with the bot in it', async () => {
    const { caller } = pageSnapshot(createState({ ratePerMinute: 20 }));
    const { workspace, user } = caller;
    const channel = { workspace, name: 'mine', members: [user] };
    await slack.sandbox('world', { channels: { [own.channel]: channel } });
    const sent = await slack.inviteJson(`channel=${own.channel}&emails=${own.emails[0]}`);
    expect(sent).toMatchObject({ ok: true });
  });
});

describe('the message that is open', () => {
  const reading = async () => (await script('reading.js')).createReading();

  test('is the newest at first, and stays open whatever arrives', async () => {
    const { show, unread } = await reading();
    expect(show(['a', 'b'])).toBe('b');
    expect(show(['a', 'b', 'c', 'd'])).toBe('b');
    expect(unread(['a', 'b', 'c', 'd'])).toEqual(['c', 'd']);
  });

  test('is another one when the reader opens it, which then is read', async () => {
    const { show, open, unread } = await reading();
    show(['a']);
    open('c');
    expect(show(['a', 'b', 'c'])).toBe('c');
    expect(unread(['a', 'b', 'c'])).toEqual(['b']);
  });

  test('is the newest again when it is gone, and the first that comes to an empty mailbox', async () => {
    const { show } = await reading();
    expect(show([])).toBeUndefined();
    expect(show(['a'])).toBe('a');
    expect(show(['b', 'c'])).toBe('c');
  });
});

describe('a stack beside it', () => {
  test('is told of a reset before that is answered, and the page knows of it', async () => {
    let forgotten = 0;
    const beside = {
      invite: 'npm run invite --',
      page: 'http://127.0.0.1:3002/',
      forget: async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        forgotten += 1;
      },
    };
    const other = await startLocalSlack({ port: 0, ratePerMinute: 20, beside });
    await fetch(`${other.url}/sandbox/reset`, { method: 'POST' });
    expect(forgotten).toBe(1);
    await fetch(`${other.url}/sandbox/world`);
    expect(forgotten).toBe(1);
    await other.close();
    const shown = pageSnapshot(createState({ ratePerMinute: 20 }), beside);
    expect(shown.beside).toEqual({ invite: 'npm run invite --', page: 'http://127.0.0.1:3002/' });
  });
});

describe('the live stream', () => {
  const watch = async () => {
    const response = await fetch(`${slack.url}/page/live`);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const next = async () => {
      let event = '';
      while (!event.endsWith('\n\n')) event += (await reader?.read())?.value ?? '';
      return JSON.parse(event.replace(/^data: /, ''));
    };
    return { response, reader, next };
  };

  test('tells what there is, then what came', async () => {
    const { response, reader, next } = await watch();
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(await next()).toMatchObject({ mailbox: [], invites: [], fault: null });
    await slack.invite();
    expect(await next()).toMatchObject({ mailbox: [{ recipient_email: 'casey@partner.example' }] });
    await slack.sandbox('faults', { hang: true });
    expect(await next()).toMatchObject({ fault: { hang: true } });
    await reader?.cancel();
  });

  test('tells of the newest fifty, and how many there are', async () => {
    for (let n = 0; n < 60; n++) {
      const sent = await slack.inviteJson(`channel=C0PARTNER01&emails=n${n}@a.example`);
      expect(sent).toMatchObject({ ok: true });
    }
    const { reader, next } = await watch();
    const { invites, mailbox, kept } = await next();
    expect([invites.length, mailbox.length, kept]).toEqual([50, 50, { invites: 60, messages: 60 }]);
    expect(mailbox.at(-1).recipient_email).toBe('n59@a.example');
    await reader?.cancel();
  });

  test('does not keep the server from ending', async () => {
    const { next } = await watch();
    await next();
    const start = performance.now();
    await slack.close();
    expect(performance.now() - start).toBeLessThan(4000); // it would never end by itself
  });

  test('is for twenty at once; who leaves makes room', async () => {
    const first = await watch();
    const others = await Promise.all(Array.from({ length: 19 }, watch));
    expect((await get('/page/live')).response.status).toBe(503);
    await first.reader?.cancel();
    await expect.poll(async () => (await watch()).response.status).toBe(200);
    await Promise.all(others.map(({ reader }) => reader?.cancel()));
  });

  test('piles nothing up for a page that does not read, and catches up when it does', () => {
    vi.useFakeTimers();
    let number = 0;
    const live = createLive(() => ({ number }));
    const page = Object.assign(new EventEmitter(), {
      writableNeedDrain: false,
      writeHead: vi.fn(),
      write: vi.fn(),
    });
    live.watch(page as unknown as ServerResponse);
    page.writableNeedDrain = true;
    for (number = 1; number < 100; number++) {
      live.changed();
      vi.advanceTimersByTime(1000);
    }
    expect(page.write.mock.calls).toEqual([['data: {"number":0}\n\n']]);

    page.writableNeedDrain = false;
    page.emit('drain');
    vi.advanceTimersByTime(1000);
    expect(page.write).toHaveBeenLastCalledWith('data: {"number":100}\n\n');
    expect(page.write).toHaveBeenCalledTimes(2);
  });

  test('says nothing when nothing changed', async () => {
    const { reader, next } = await watch();
    await next();
    await slack.sandbox('world');
    const later = next();
    await slack.invite();
    expect(await later).toMatchObject({ kept: { invites: 1 } });
    await reader?.cancel();
  });
});

test('a page that is gone is forgotten', async () => {
  const live = createLive(() => 0);
  const page = Object.assign(new EventEmitter(), { writeHead: vi.fn(), write: vi.fn() });
  live.watch(page as unknown as ServerResponse);
  const closed = once(page, 'close');
  page.emit('close');
  await closed;
  vi.useFakeTimers();
  live.changed();
  expect(vi.getTimerCount()).toBe(0);
});
