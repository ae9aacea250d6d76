import type { Invite } from '../../functions/invites/invite.ts';
import type { InvitePage } from '../../functions/invites/list.ts';
import { parseArguments, UsageError } from '../command-line/arguments.ts';
import { callInvites } from './invites-api.ts';

export const LIST_USAGE = `Lists invites by GET /invites, the newest first, as far as you may read them.

  npm run invite -- --list --status failed,unknown --since 2026-11-23

  --status STATUS        as invites read; several with commas between them
  --channel ID           of this channel
  --reference TEXT       with this reference
  --source NAME          a door, or who came through it, such as an HR source
  --since TIME           made then or later, such as 2026-11-23 or 2026-11-23T12:00:00Z
  --limit N              so many at most; 100 if left out
  --cursor TEXT          go on where an earlier list ended
  --json                 as the API answers
  --csv                  for a spreadsheet`;

const FILTERS = ['status', 'channel', 'reference', 'source', 'since'] as const;
const OPTIONS = {
  list: { type: 'boolean' },
  ...(Object.fromEntries(FILTERS.map((name) => [name, { type: 'string' }])) as Record<
    (typeof FILTERS)[number],
    { type: 'string' }
  >),
  limit: { type: 'string' },
  cursor: { type: 'string' },
  json: { type: 'boolean' },
  csv: { type: 'boolean' },
  url: { type: 'string' },
} as const;
const KNOWN = `with --list: ${Object.keys(OPTIONS)
  .map((name) => `--${name}`)
  .join(', ')} and --help`;

const MOST_A_PAGE = 100;

/** `npm run invite -- --list`. @returns the exit code. @throws UsageError */
export const listInvites = async (args: string[], env: NodeJS.ProcessEnv): Promise<number> => {
  const {
    list: _,
    limit: given,
    cursor,
    json,
    csv,
    url,
    ...filters
  } = parseArguments(args, OPTIONS, KNOWN);
  if (json && csv) throw new UsageError('Give either --json or --csv, not both');
  const limit = readLimit(given);
  const invites: Invite[] = [];
  let next: string | null = cursor ?? '';
  while (next !== null && invites.length < limit) {
    const query: Record<string, string> = {
      ...filters,
      limit: String(Math.min(limit - invites.length, MOST_A_PAGE)),
      ...(next && { cursor: next }),
    };
    const response = await callInvites(url, env, { method: 'GET', query });
    const text = await response.text();
    if (!response.ok) return refused(response, text);
    const page = JSON.parse(text) as InvitePage;
    invites.push(...page.invites);
    next = page.next_cursor;
  }
  if (json) console.log(JSON.stringify({ invites, next_cursor: next }, null, 2));
  else if (csv) process.stdout.write(asCsv(invites));
  else console.log(asTable(invites));
  if (next !== null && !json) {
    console.error(`There are more: the same with --cursor ${next}, or with another --limit`);
  }
  return 0;
};

const readLimit = (text = '100'): number => {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new UsageError(`--limit must be a whole number from 1 to 999999, not "${text}"`);
};

/** The fields that are wrong, by their options, where the API names them. */
const refused = ({ status, statusText }: Response, text: string): number => {
  console.error(`${status} ${statusText}`);
  const { errors, detail, message } = asObject(text);
  const lines = Array.isArray(errors)
    ? errors.map((error: { field: string; detail: string }) => `--${error.field} ${error.detail}`)
    : [detail ?? message ?? text];
  console.error(lines.join('\n'));
  return 1;
};

const asObject = (text: string): Record<string, unknown> => {
  try {
    return { ...JSON.parse(text) };
  } catch {
    return {};
  }
};

const asTable = (invites: readonly Invite[]): string => {
  if (invites.length === 0) return 'No invite is like that, as far as you may read them.';
  const rows = [
    ['CREATED', 'STATUS', 'CHANNEL', 'RECIPIENT', 'SOURCE', 'REFERENCE', 'NOTE', 'ID'],
    ...invites.map((invite) => [
      invite.created_at.replace('T', ' ').slice(0, 16),
      invite.status,
      invite.channel,
      invite.recipient,
      sourceOf(invite),
      invite.reference ?? '',
      noteOf(invite),
      invite.id,
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

/** The last part of an ARN says who it is. */
const sourceOf = ({ source }: Invite): string => source.caller?.split('/').at(-1) ?? source.door;

const noteOf = ({ error, place, expected_at }: Invite): string => {
  if (place !== undefined) return `place ${place}, about ${expected_at?.slice(11, 16)} UTC`;
  return error ? error.code : '';
};

const asCsv = (invites: readonly Invite[]): string => {
  const rows = [
    [
      ...['id', 'created_at', 'updated_at', 'status', 'channel', 'recipient', 'door', 'caller'],
      ...['reference', 'attempts', 'error', 'code', 'expires_at', 'place', 'expected_at'],
    ],
    ...invites.map((one) => [
      ...[one.id, one.created_at, one.updated_at, one.status, one.channel, one.recipient],
      ...[one.source.door, one.source.caller, one.reference, one.attempts],
      ...[one.error?.class, one.error?.code, one.expires_at, one.place, one.expected_at],
    ]),
  ];
  return rows
    .map((row) => `${row.map((cell) => cellOf(String(cell ?? ''))).join(',')}\r\n`)
    .join('');
};

/** RFC 4180. A spreadsheet takes what begins so for a formula: an apostrophe makes it text. */
const cellOf = (text: string): string => {
  const safe = /^[=+@\-\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};
