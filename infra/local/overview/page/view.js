import { element } from '../../slack/page/dom.js';

/**
 * @typedef {import('../sections.ts').Shown} Shown
 * @typedef {Shown['alarms'][number]} Alarm
 * @typedef {Shown['invites'][number]} Invite
 * @typedef {Shown['executions'][number]} Execution
 * @typedef {Shown['events'][number]} BusEvent
 * @typedef {Shown['invocations'][number]} Invocation
 */

/** @param {string} at ISO 8601 */
const time = (at) => {
  const date = new Date(at);
  return element(
    'time',
    { datetime: at, title: date.toLocaleString() },
    date.toLocaleTimeString([], {
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    }),
  );
};

/** @param {string} text @param {string} [kind] */
const tag = (text, kind = '') => element('span', { class: `tag ${kind}`.trim() }, text);

/** A button that finds everything with this id. @param {string} id */
const findButton = (id) =>
  element(
    'button',
    { type: 'button', class: 'id', 'data-find': id, title: 'Find everything about it' },
    id,
  );

/** @param {number | undefined} ms */
const duration = (ms) => {
  if (ms === undefined) return '';
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
};

/** @type {Record<string, string>} */
const ALARM_STATES = { ALARM: 'bad', OK: 'shared', INSUFFICIENT_DATA: 'strong' };

/** @type {Record<string, string>} */
const SIGNS = {
  GreaterThanOrEqualToThreshold: '≥',
  GreaterThanThreshold: '>',
  LessThanThreshold: '<',
  LessThanOrEqualToThreshold: '≤',
};

/** @param {Alarm} alarm */
export const alarmEntry = (alarm) => {
  const { name, description, state, value, metrics, treatMissingData } = alarm;
  const [title = '', ...more] = description.split(/(?<=\.) (?=Who is hurt|What to do)/);
  return element(
    'li',
    { class: state === 'ALARM' ? 'raised' : 'calm' },
    element(
      'details',
      {},
      element(
        'summary',
        {},
        tag(state.replace('_', ' ').toLowerCase(), ALARM_STATES[state]),
        element('strong', {}, name),
        element('span', { class: 'quiet' }, `${valueText(value)} ${rule(alarm)}`),
      ),
      element('p', {}, title),
      ...more.map((text) => element('p', { class: 'quiet' }, ...linked(text))),
      element(
        'p',
        { class: 'quiet' },
        `Of ${metrics.join(', ')}. Where nothing was measured: ${treatMissingData}.`,
      ),
    ),
  );
};

/** @param {number | null} value */
const valueText = (value) => (value === null ? 'nothing measured;' : `${rounded(value)} now;`);

/** @param {Alarm} alarm */
const rule = ({ statistic, comparison, threshold, minutes, periods, datapoints }) => {
  const often = periods > 1 ? `, ${datapoints} times of ${periods}` : '';
  return `rings at ${statistic.toLowerCase()} ${SIGNS[comparison]} ${rounded(threshold)} in ${minutes} min${often}`;
};

/** @param {number} value */
const rounded = (value) => (Math.round(value * 10) / 10).toLocaleString();

/** The runbook that a text names, as a link. @param {string} text */
const linked = (text) =>
  text
    .split(/(docs\/runbook\.md#[\w-]+)/)
    .map((piece) =>
      piece.startsWith('docs/runbook.md#')
        ? element('a', { href: '/docs/runbook.md' }, piece)
        : piece,
    );

/** @type {Record<string, string>} */
const INVITE_STATES = {
  sent: 'shared',
  accepted: 'shared',
  connected: 'shared',
  already_in_channel: 'shared',
  failed: 'bad',
  unknown: 'bad',
  revoked: 'strong',
  declined: 'strong',
  expired: 'strong',
};

/** @param {Invite} invite */
export const inviteEntry = (invite) => {
  const { id, channel, recipient, status, source, attempts, error, updated_at } = invite;
  const { place, expected_at, expires_at, accepting_team, reference } = invite;
  const facts = [
    `by ${source.door}`,
    attempts > 1 ? `${attempts} attempts` : '',
    place ? `place ${place}` : '',
    expected_at ? `expected at ${clock(expected_at)}` : '',
    expires_at && status === 'sent' ? `ends ${new Date(expires_at).toLocaleDateString()}` : '',
    accepting_team ? `by the workspace ${accepting_team}` : '',
    reference ? `reference ${reference}` : '',
  ].filter(Boolean);
  return element(
    'li',
    {},
    element(
      'div',
      { class: 'line' },
      tag(status.replaceAll('_', ' '), INVITE_STATES[status]),
      element('strong', {}, ...breakable(recipient)),
      element('span', {}, 'to '),
      findButton(channel),
    ),
    element(
      'div',
      { class: 'line quiet' },
      findButton(id),
      element('span', {}, facts.join(' · ')),
      ...(error ? [tag(error.code, 'bad')] : []),
      time(updated_at),
    ),
  );
};

/** @param {string} at */
const clock = (at) => new Date(at).toLocaleTimeString([], { hourCycle: 'h23' });

/** An address that goes on in the next line after a dot or its "@". @param {string} address */
const breakable = (address) => address.split(/(?<=[.@])/).flatMap((text) => [text, element('wbr')]);

/** @type {Record<string, string>} */
const EXECUTION_STATES = {
  SUCCEEDED: 'shared',
  FAILED: 'bad',
  TIMED_OUT: 'bad',
  ABORTED: 'strong',
};

/** @param {Execution} execution */
export const executionEntry = ({ name, machine, status, error, at, ms, earlier, history }) =>
  element(
    'li',
    {},
    element(
      'details',
      {},
      element(
        'summary',
        {},
        tag(status.toLowerCase().replace('_', ' '), EXECUTION_STATES[status]),
        element('strong', {}, machine),
        ...(error ? [tag(error, 'bad')] : []),
        element('span', { class: 'quiet' }, duration(ms)),
        time(at),
        element('code', { class: 'quiet' }, name),
      ),
      element(
        'ol',
        { class: 'history' },
        ...(earlier > 0 ? [element('li', { class: 'quiet' }, `${earlier} earlier events`)] : []),
        ...history.map((event) => historyEntry(event, at)),
      ),
    ),
  );

/** @param {Execution['history'][number]} event @param {string} start */
const historyEntry = (event, start) =>
  element(
    'li',
    {},
    element(
      'span',
      { class: 'quiet' },
      `+${((Date.parse(event.at) - Date.parse(start)) / 1000).toFixed(2)} s`,
    ),
    element('span', {}, event.type, ' ', element('strong', {}, event.name ?? '')),
    ...(event.error ? [tag(event.error, 'bad')] : []),
  );

/** @param {BusEvent} event */
export const eventEntry = ({ type, source, at, detail }) =>
  element(
    'li',
    {},
    element(
      'details',
      {},
      element(
        'summary',
        {},
        element('strong', {}, type),
        ...(typeof detail.status === 'string'
          ? [tag(detail.status.replaceAll('_', ' '), INVITE_STATES[detail.status])]
          : []),
        time(at),
        element('span', { class: 'quiet' }, `${source} `),
        ...(typeof detail.id === 'string' ? [element('code', { class: 'quiet' }, detail.id)] : []),
      ),
      element('pre', {}, JSON.stringify(detail, undefined, 2)),
    ),
  );

/** @type {Record<string, string>} */
const LEVELS = { ERROR: 'bad', FATAL: 'bad', WARN: 'strong', PLATFORM: 'strong' };

/** @param {Invocation} invocation */
export const invocationEntry = ({ requestId, functionName, at, failed, ms, outcome, lines }) => {
  const worst = lines.find(({ level }) => LEVELS[level])?.level;
  return element(
    'li',
    {},
    element(
      'details',
      {},
      element(
        'summary',
        {},
        time(at),
        element('strong', {}, functionName),
        ...(outcome ? [tag(outcome.replaceAll('_', ' '))] : []),
        ...(failed
          ? [tag('error', 'bad')]
          : worst
            ? [tag(worst.toLowerCase(), LEVELS[worst])]
            : []),
        element('span', { class: 'quiet' }, ms === undefined ? 'running' : duration(ms)),
        element('code', { class: 'quiet' }, requestId),
      ),
      element('ol', { class: 'log' }, ...lines.map(lineEntry)),
    ),
  );
};

/** @param {Invocation['lines'][number]} line */
const lineEntry = ({ at, level, text, fields }) =>
  element(
    'li',
    {},
    element(
      'div',
      { class: 'line' },
      time(at),
      tag(level.toLowerCase() || 'text', LEVELS[level]),
      text,
    ),
    ...(fields.length === 0
      ? []
      : [
          element(
            'dl',
            {},
            ...fields.flatMap(([name, value]) => [
              element('dt', {}, name),
              element('dd', {}, value),
            ]),
          ),
        ]),
  );
