import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PageElement } from '../support/page-document.ts';

const HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(2)>';

/** A script of the page, in a browser that has just what it needs. */
// biome-ignore lint/suspicious/noExplicitAny: the scripts are typed in their own folder
const script = (name: string): Promise<any> =>
  import(new URL(`../../infra/local/overview/page/${name}`, import.meta.url).href);

beforeEach(() => {
  vi.stubGlobal('document', {
    createElement: (tag: string) => new PageElement(tag),
    createElementNS: (_: string, tag: string) => new PageElement(tag),
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const AT = '2026-03-01T12:00:00.000Z';
const INVITE = {
  id: 'inv1_1',
  channel: 'C0PARTNER01',
  recipient: HOSTILE,
  status: 'accepted',
  source: { door: HOSTILE },
  attempts: 2,
  error: { code: HOSTILE },
  updated_at: AT,
};
const ALARM = {
  name: HOSTILE,
  description: `Title ${HOSTILE}. Who is hurt: somebody. What to do: docs/runbook.md#blocked`,
  state: 'ALARM',
  value: 3,
  statistic: 'Sum',
  comparison: 'GreaterThanOrEqualToThreshold',
  threshold: 1,
  minutes: 5,
  periods: 3,
  datapoints: 2,
  treatMissingData: 'notBreaching',
  metrics: ['Own Errors'],
};

test('everything is inserted as text, whatever it says', async () => {
  const view = await script('view.js');
  const page = new PageElement('main');
  page.append(
    view.inviteEntry(INVITE),
    view.alarmEntry(ALARM),
    view.eventEntry({ type: HOSTILE, source: HOSTILE, at: AT, detail: { id: HOSTILE } }),
    view.executionEntry({
      name: HOSTILE,
      machine: HOSTILE,
      status: 'RUNNING',
      at: AT,
      earlier: 0,
      history: [{ type: 'TaskStateEntered', name: HOSTILE, at: AT }],
    }),
    view.invocationEntry({
      requestId: HOSTILE,
      functionName: HOSTILE,
      at: AT,
      failed: true,
      lines: [{ at: AT, level: 'ERROR', text: HOSTILE, fields: [[HOSTILE, HOSTILE]] }],
    }),
  );
  expect(page.textContent.split(HOSTILE).length).toBeGreaterThan(15);
  const tags = page.all().map(({ tag }) => tag);
  for (const tag of ['script', 'img']) expect(tags).not.toContain(tag);
});

test('an alarm says its state, its value and its rule, and leads to the runbook', async () => {
  const { alarmEntry } = await script('view.js');
  const entry: PageElement = alarmEntry({ ...ALARM, name: 'errors' });
  expect(entry.attributes.class).toBe('raised');
  expect(entry.textContent).toContain('3 now; rings at sum ≥ 1 in 5 min, 2 times of 3');
  const [link] = entry.all().filter(({ tag }) => tag === 'a');
  expect(link?.attributes.href).toBe('/docs/runbook.md');
  expect(link?.textContent).toBe('docs/runbook.md#blocked');
});

test('an id of an invite is a button that finds what belongs to it', async () => {
  const { inviteEntry } = await script('view.js');
  const entry: PageElement = inviteEntry(INVITE);
  const buttons = entry.all().filter(({ tag }) => tag === 'button');
  expect(buttons.map(({ attributes }) => attributes['data-find'])).toEqual([
    'C0PARTNER01',
    'inv1_1',
  ]);
});

test('an execution shows how its history ends, and how much is before that', async () => {
  const { executionEntry } = await script('view.js');
  const entry: PageElement = executionEntry({
    name: 'one',
    machine: 'invites',
    status: 'FAILED',
    error: 'NotAllowed',
    at: AT,
    ms: 1500,
    earlier: 7,
    history: [{ type: 'FailStateEntered', name: 'Failed', at: '2026-03-01T12:00:01.500Z' }],
  });
  for (const text of ['failed', 'NotAllowed', '1.5 s', '7 earlier events', '+1.50 s']) {
    expect(entry.textContent).toContain(text);
  }
});

test('a plot has a line for each series, a break where nothing was measured, and its figures', async () => {
  const { plotView } = await script('plot.js');
  const lines = [
    { label: 'sent', values: [1, 2, null, 4] },
    { label: 'refused', values: [null, null, null, 1] },
  ];
  const plot: PageElement = plotView({ title: 'Invites', unit: 'invitations', lines }, 4);
  const [picture] = plot.all().filter(({ tag }) => tag === 'svg');
  expect(picture?.attributes['aria-label']).toBe(
    'Invites, in invitations. Latest: sent 4; refused 1',
  );
  const traces = plot.all().filter(({ tag }) => tag === 'polyline');
  expect(traces.map(({ attributes }) => attributes.points?.split(' ').length)).toEqual([2, 1, 1]);
  const cells = plot.all().filter(({ tag }) => tag === 'td');
  expect(cells.map(({ textContent }) => textContent)).toEqual(['4', '4', '7', '1', '1', '1']);
});

test('a plot without a line says so', async () => {
  const { plotView } = await script('plot.js');
  const plot: PageElement = plotView({ title: 'Invites', unit: '', lines: [] }, 10);
  expect(plot.textContent).toContain('nothing measured');
  const [picture] = plot.all().filter(({ tag }) => tag === 'svg');
  expect(picture?.attributes['aria-label']).toBe('Invites: nothing measured');
});
