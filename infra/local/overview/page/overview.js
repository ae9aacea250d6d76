import { element } from '../../slack/page/dom.js';
import { findIn } from '../../slack/page/find.js';
import { plotView } from './plot.js';
import { alarmEntry, eventEntry, executionEntry, inviteEntry, invocationEntry } from './view.js';

/** @typedef {import('../sections.ts').Shown} Shown */

/** @param {string} selector */
const part = (selector) => /** @type {HTMLElement} */ (document.querySelector(selector));
const wanted = /** @type {HTMLInputElement} */ (part('#wanted'));

/** The lists of the page: how an entry is made, and what tells it from the others. */
const LISTS = {
  alarms: { entry: alarmEntry, key: (/** @type {{ name: string }} */ one) => one.name },
  invites: { entry: inviteEntry, key: (/** @type {{ id: string }} */ one) => one.id },
  executions: { entry: executionEntry, key: (/** @type {{ arn: string }} */ one) => one.arn },
  events: { entry: eventEntry, key: (/** @type {{ id: string }} */ one) => one.id },
  invocations: {
    entry: invocationEntry,
    key: (/** @type {{ requestId: string }} */ one) => one.requestId,
  },
};

/** What is shown now, by list and key. @type {Map<string, { json: string, shown: HTMLElement }>} */
const entries = new Map();

/**
 * Keeps a list in step with its items. An entry that changes stays open, and the reader keeps the place.
 *
 * @template {keyof typeof LISTS} Name
 * @param {Name} name
 * @param {Shown[Name]} items
 */
function showList(name, items) {
  const { entry, key } = LISTS[name];
  const list = part(`#${name} .rows`);
  /** @type {Set<string>} */
  const keys = new Set();
  let place = list.firstElementChild;
  for (const item of items) {
    const id = `${name} ${key(/** @type {never} */ (item))}`;
    const json = JSON.stringify(item);
    keys.add(id);
    const before = entries.get(id);
    let shown = before?.shown;
    if (before?.json !== json || !shown) {
      shown = entry(/** @type {never} */ (item));
      if (before) {
        if (before.shown === place) place = shown;
        keepOpen(before.shown, shown);
        before.shown.replaceWith(shown);
      }
      entries.set(id, { json, shown });
    }
    if (shown === place) place = place.nextElementSibling;
    else list.insertBefore(shown, place);
  }
  for (const [id, { shown }] of entries) {
    if (!id.startsWith(`${name} `) || keys.has(id)) continue;
    shown.remove();
    entries.delete(id);
  }
  part(`#${name} .empty`).hidden = items.length > 0;
  list.hidden = items.length === 0;
  find(name);
}

/** @param {HTMLElement} old @param {HTMLElement} next */
function keepOpen(old, next) {
  const before = old.querySelectorAll('details');
  next.querySelectorAll('details').forEach((details, index) => {
    details.open = before[index]?.open ?? false;
  });
  if (!old.contains(document.activeElement)) return;
  // It is not in the page yet.
  queueMicrotask(() => next.querySelector('summary')?.focus());
}

/** Shows the entries that have the wanted words. @param {keyof typeof LISTS} name */
function find(name) {
  const list = part(`#${name} .rows`);
  const all = /** @type {HTMLElement[]} */ ([...list.children]);
  const newest = all.length === 50 ? 'the newest 50' : String(all.length);
  part(`#${name} .count`).textContent =
    findIn(list, wanted.value) || (name === 'alarms' ? alarmCount(all) : newest);
}

/** @param {HTMLElement[]} all */
const alarmCount = (all) => {
  const raised = all.filter((entry) => entry.classList.contains('raised')).length;
  return `${raised === 0 ? 'none' : raised} of ${all.length} in alarm`;
};

const findInAll = () => {
  for (const name of Object.keys(LISTS)) find(/** @type {keyof typeof LISTS} */ (name));
};

wanted.addEventListener('input', findInAll);

// An id leads to all that is known of it.
document.addEventListener('click', ({ target }) => {
  const id = target instanceof HTMLButtonElement ? target.dataset.find : undefined;
  if (id === undefined) return;
  wanted.value = wanted.value === id ? '' : id;
  findInAll();
});

/** @param {Shown['stack']} stack */
function showStack({ name, apiUrl, slackUrl }) {
  part('#stack-name').textContent = name;
  part('#slack').setAttribute('href', slackUrl);
  part('li:has(> #slack)').hidden = false;
  const { port } = new URL(apiUrl);
  const command = `${port === '3000' ? '' : `PORT=${port} `}npm run invite -- --channel C0PARTNER01 --email casey@partner.example`;
  part('#send-one').textContent = command;
  part('#send-async').textContent = `${command.replace('casey@', 'robin@')} --async`;
}

/** What is drawn now, by dashboard. @type {Map<string, string>} */
const drawn = new Map();

/** @param {Shown['dashboards']} dashboards */
function showDashboards(dashboards) {
  for (const name of ['people', 'engineers']) {
    const dashboard = dashboards.find((one) => one.name === name);
    part(`#${name} .empty`).hidden = dashboard !== undefined;
    if (!dashboard) continue;
    const grid = part(`#${name} .plots`);
    const json = JSON.stringify(dashboard);
    // A reader at the keyboard keeps the place.
    if (drawn.get(name) === json || grid.contains(document.activeElement)) continue;
    drawn.set(name, json);
    const open = [...grid.querySelectorAll('details')].map((details) => details.open);
    grid.replaceChildren(
      ...dashboard.plots.map((plot) => plotView(plot, dashboard.minutes)),
      ...dashboard.logs.map(({ title, query }) =>
        element(
          'figure',
          { class: 'query' },
          element('figcaption', {}, element('strong', {}, title), ' a query over the logs, on AWS'),
          element('pre', { tabindex: '0' }, query.replace(/^(SOURCE '[^']*' \| )+/, '')),
        ),
      ),
    );
    grid.querySelectorAll('details').forEach((details, index) => {
      details.open = open[index] ?? false;
    });
    part(`#${name} .count`).textContent = `the last ${dashboard.minutes} minutes`;
  }
}

/** Watches the server, and comes back to it after a restart. */
function watch() {
  const stream = new EventSource('/_local/live');
  const status = part('#status');
  /** @param {string} section @param {(data: any) => void} show */
  const on = (section, show) =>
    stream.addEventListener(section, ({ data }) => show(JSON.parse(data)));
  stream.onopen = () => {
    status.textContent = 'live';
    status.className = 'on';
  };
  stream.onerror = () => {
    status.textContent = 'not connected';
    status.className = '';
    if (stream.readyState === EventSource.CLOSED) setTimeout(watch, 3000);
  };
  on('stack', showStack);
  on('dashboards', showDashboards);
  for (const name of Object.keys(LISTS)) {
    on(name, (items) => showList(/** @type {keyof typeof LISTS} */ (name), items));
  }
}

watch();
