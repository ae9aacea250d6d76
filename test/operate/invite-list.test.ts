import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import type { Invite } from '../../functions/invites/invite.ts';
import { listen } from '../../infra/local/lib/http.ts';
import { runScript } from '../support/command.ts';

const SCRIPT = 'infra/operate/invite.ts';

const inviteOf = (index: number, more: Partial<Invite> = {}): Invite => ({
  id: `inv1_${index}`,
  channel: 'C0PARTNER01',
  recipient: `person.${index}@partner.example`,
  external_limited: true,
  status: 'sent',
  source: { door: 'hr-webhook', caller: 'okta' },
  attempts: 1,
  created_at: '2026-11-23T00:55:02.687Z',
  updated_at: '2026-11-23T00:55:02.716Z',
  ...more,
});

/** An API with so many invites, which keeps the queries that it got. */
const startApi = async (invites: Invite[]) => {
  const queries: Record<string, string>[] = [];
  const api = await listen(
    createServer((request, response) => {
      const { searchParams } = new URL(request.url ?? '', 'http://api');
      const query = Object.fromEntries(searchParams);
      queries.push(query);
      if (query.status === 'snet') {
        const errors = [{ field: 'status', detail: 'must be one of queued (did you mean sent?)' }];
        response.writeHead(422).end(JSON.stringify({ errors }));
        return;
      }
      const from = Number(query.cursor ?? 0);
      const end = from + Number(query.limit);
      const next_cursor = end < invites.length ? String(end) : null;
      response.end(JSON.stringify({ invites: invites.slice(from, end), next_cursor }));
    }),
    0,
  );
  onTestFinished(api.close);
  const env = { PORT: new URL(api.url).port };
  const list = (...args: string[]) => runScript(SCRIPT, ['--list', ...args], { env });
  return { list, queries };
};

test('a list is a table, with what is said of each in its own column', async () => {
  const { list, queries } = await startApi([
    inviteOf(1, { status: 'queued', place: 3, expected_at: '2026-11-23T00:56:00.000Z' }),
    inviteOf(2, {
      status: 'failed',
      reference: 'ticket-1',
      source: { door: 'invite-api', caller: 'arn:aws:sts::1:assumed-role/crm/robin' },
      error: { class: 'NotFound', code: 'no_such_event', at: '' },
    }),
  ]);
  const { code, stdout, stderr } = await list('--status', 'queued,failed', '--since', '2026-11-01');
  expect(stdout.split('\n')).toEqual([
    'CREATED           STATUS  CHANNEL      RECIPIENT                 SOURCE  REFERENCE  NOTE                      ID',
    '2026-11-23 00:55  queued  C0PARTNER01  person.1@partner.example  okta               place 3, about 00:56 UTC  inv1_1',
    '2026-11-23 00:55  failed  C0PARTNER01  person.2@partner.example  robin   ticket-1   no_such_event             inv1_2',
    '',
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(queries).toEqual([{ status: 'queued,failed', since: '2026-11-01', limit: '100' }]);
});

test('a list turns the pages up to its limit, and says where to go on', async () => {
  const { list, queries } = await startApi(Array.from({ length: 250 }, (_, i) => inviteOf(i)));
  const { stdout, stderr } = await list('--limit', '220');
  expect(stdout.trim().split('\n')).toHaveLength(221);
  expect(stderr).toContain('--cursor 220');
  expect(queries.map(({ cursor, limit }) => [cursor, limit])).toEqual([
    [undefined, '100'],
    ['100', '100'],
    ['200', '20'],
  ]);
});

test('a list as JSON is the answer of the API', async () => {
  const invites = [inviteOf(1), inviteOf(2)];
  const { list } = await startApi(invites);
  expect(JSON.parse((await list('--json')).stdout)).toEqual({ invites, next_cursor: null });
});

test('a list as CSV has a row for each invite, and nothing that a spreadsheet computes', async () => {
  const { list } = await startApi([
    inviteOf(1, { recipient: '=cmd@partner.example', reference: '-1' }),
    inviteOf(2, { source: { door: 'invite-api', caller: 'a,"b"' } }),
  ]);
  const [head, first, second, ...rest] = (await list('--csv')).stdout.split('\r\n');
  expect(head).toMatch(/^id,created_at,updated_at,status,channel,recipient,door,caller,reference,/);
  expect(first).toContain(",'=cmd@partner.example,hr-webhook,okta,'-1,1,");
  expect(second).toContain(',invite-api,"a,""b""",,1,');
  expect(rest).toEqual(['']);
});

test('nothing that is found is told in words', async () => {
  const { list } = await startApi([]);
  expect((await list()).stdout).toBe('No invite is like that, as far as you may read them.\n');
});

test.each([
  [['--status', 'snet'], '422 Unprocessable Entity\n--status must be one of queued'],
  [['--json', '--csv'], 'Give either --json or --csv, not both'],
  [['--limit', '0'], '--limit must be a whole number'],
  [['--email', 'a@b.example'], "Unknown option '--email'. There are with --list: --list, --status"],
])('%j is told by its option', async (args, told) => {
  const { list } = await startApi([]);
  const { code, stderr } = await list(...args);
  expect(stderr).toContain(told);
  expect(code).toBe(1);
});
