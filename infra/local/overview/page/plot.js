import { element } from '../../slack/page/dom.js';

/**
 * @typedef {import('../sections.ts').Shown} Shown
 * @typedef {Shown['dashboards'][number]['plots'][number]} Plot
 * @typedef {Plot['lines'][number]} Line
 */

const [WIDTH, HEIGHT] = [480, 170];
const [LEFT, RIGHT, TOP, BOTTOM] = [44, 10, 12, 24];
/** As many as there are colors. */
const MOST_LINES = 8;

/**
 * A plot, with its figures as a table below.
 * @param {Plot} plot
 * @param {number} minutes that it goes back
 */
export function plotView({ title, unit, lines: all }, minutes) {
  const lines = all.toSorted((a, b) => highest(b) - highest(a)).slice(0, MOST_LINES);
  const caption = element('figcaption', {}, element('strong', {}, title), ` ${unit}`);
  const top = roundTop(Math.max(0, ...lines.map(highest)));
  const left = all.length - lines.length;
  return element(
    'figure',
    {},
    caption,
    picture(lines, top, minutes, describe(title, unit, lines)),
    legend(lines),
    ...(left > 0 ? [element('p', { class: 'quiet' }, `${left} smaller ones are left out`)] : []),
    ...(lines.length > 0 ? [figures(title, lines)] : []),
  );
}

/** @param {Line[]} lines @param {number} top @param {number} minutes @param {string} label */
function picture(lines, top, minutes, label) {
  const made = svg('svg', {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    role: 'img',
    'aria-label': label,
    class: lines.length === 0 ? 'plot bare' : 'plot',
  });
  for (const share of [0, 0.5, 1]) {
    const y = yOf(share * top, top);
    made.append(
      svg('line', { class: 'grid', x1: String(LEFT), x2: String(WIDTH - RIGHT), y1: y, y2: y }),
    );
    if (lines.length > 0) {
      const at = { class: 'tick', x: String(LEFT - 6), y: String(Number(y) + 4) };
      made.append(svg('text', { ...at, 'text-anchor': 'end' }, short(share * top)));
    }
  }
  const last = minutes - 1;
  for (const minute of [0, last / 2, last]) {
    const anchor = minute === 0 ? 'start' : minute === last ? 'end' : 'middle';
    const ago = Math.round(last - minute);
    const at = { class: 'tick', x: xOf(minute, last), y: String(HEIGHT - 6) };
    made.append(svg('text', { ...at, 'text-anchor': anchor }, ago === 0 ? 'now' : `−${ago} min`));
  }
  if (lines.length === 0) {
    const middle = { x: String((WIDTH + LEFT) / 2), y: String(HEIGHT / 2 - 12) };
    made.append(
      svg('text', { class: 'tick', ...middle, 'text-anchor': 'middle' }, 'nothing measured'),
    );
  }
  lines.forEach(({ values, label: name }, index) => {
    for (const run of runsOf(values)) {
      const points = run.map(([minute, value]) => [xOf(minute, last), yOf(value, top)]);
      const path = points.map(([x, y]) => `${x},${y}`).join(' ');
      made.append(svg('polyline', { class: `trace series-${index}`, points: path }));
      run.forEach(([minute, value], at) => {
        const [x = '', y = ''] = points[at] ?? [];
        const title = svg('title', {}, `${name}: ${figure(value)}, ${last - minute} min ago`);
        made.append(svg('circle', { class: `dot series-${index}`, cx: x, cy: y, r: '3' }, title));
      });
    }
  });
  return made;
}

/** The values of neighbouring minutes. @param {Line['values']} values @returns {[number, number][][]} */
function runsOf(values) {
  /** @type {[number, number][][]} */
  const runs = [];
  let isGoingOn = false;
  values.forEach((value, minute) => {
    if (value !== null) {
      if (!isGoingOn) runs.push([]);
      runs.at(-1)?.push([minute, value]);
    }
    isGoingOn = value !== null;
  });
  return runs;
}

/** @param {Line[]} lines */
const legend = (lines) =>
  element(
    'ul',
    { class: 'legend' },
    ...lines.map(({ label }, index) =>
      element('li', {}, element('span', { class: `swatch series-${index}` }), label),
    ),
  );

/** @param {string} title @param {Line[]} lines */
const figures = (title, lines) =>
  element(
    'details',
    { class: 'figures' },
    element('summary', {}, 'Figures', element('span', { class: 'unseen' }, ` of ${title}`)),
    element(
      'table',
      {},
      element('thead', {}, row('th', ['Series', 'Latest', 'Highest', 'Total'])),
      element(
        'tbody',
        {},
        ...lines.map((line) =>
          row('td', [
            line.label,
            ...[latest(line), highest(line), total(line)].map((value) => figure(value)),
          ]),
        ),
      ),
    ),
  );

/** @param {'th' | 'td'} tag @param {string[]} cells */
const row = (tag, cells) =>
  element(
    'tr',
    {},
    ...cells.map((text, index) =>
      index === 0 || tag === 'th'
        ? element('th', { scope: tag === 'th' ? 'col' : 'row' }, text)
        : element(tag, {}, text),
    ),
  );

/** @param {string} title @param {string} unit @param {Line[]} lines */
const describe = (title, unit, lines) => {
  if (lines.length === 0) return `${title}: nothing measured`;
  const each = lines.map((line) => `${line.label} ${figure(latest(line))}`);
  return `${title}, in ${unit}. Latest: ${each.join('; ')}`;
};

/** @param {Line} line */
const present = ({ values }) => values.filter((value) => value !== null);
/** @param {Line} line */
const latest = (line) => present(line).at(-1) ?? 0;
/** @param {Line} line */
const highest = (line) => Math.max(0, ...present(line));
/** @param {Line} line */
const total = (line) => present(line).reduce((sum, value) => sum + value, 0);

/** @param {number} value */
const figure = (value) =>
  (value >= 100 ? Math.round(value) : Math.round(value * 10) / 10).toLocaleString();

/** @param {number} value */
const short = (value) => (value >= 10_000 ? `${Math.round(value / 1000)}k` : figure(value));

/** The next of 1, 2, 5, 10, 20 …, so that half of it is a plain figure. @param {number} value */
const roundTop = (value) => {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [1, 2, 5, 10].map((step) => step * power).find((top) => top >= value) ?? 10 * power;
};

/** @param {number} minute @param {number} last */
const xOf = (minute, last) => (LEFT + (minute * (WIDTH - LEFT - RIGHT)) / last).toFixed(1);

/** @param {number} value @param {number} top */
const yOf = (value, top) => (HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM)).toFixed(1);

/**
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {(Node | string)[]} children
 */
function svg(tag, attributes, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}
