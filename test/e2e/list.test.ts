import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Invite } from '../../functions/invites/invite.ts';
import { CHANNEL, type LocalRun, startLocalRun } from '../support/local-run.ts';
import { ASYNC, delayLane, executionsFor, openLane } from '../support/queue.ts';

let run: LocalRun;
beforeAll(async () => {
  run = await startLocalRun({
    policy: {
      channels: {
        [CHANNEL]: { emailDomains: ['partner.example'] },
        C0READONLY1: { emailDomains: ['partner.example'], callers: ['role/crm'] },
      },
      readers: ['user/local'],
    },
  });
});
afterAll(() => run.close());
beforeEach(() => openLane(run));

let people = 0;
const newRequest = (more: object = {}) => ({
  channel: CHANNEL,
  emails: [`listed.${++people}@partner.example`],
  ...more,
});
const list = async (query = '') => {
  const { status, body } = await run.get(`/invites${query}`);
  return { status, ...(body as { invites: Invite[]; next_cursor: string | null }) };
};

describe('GET /invites', () => {
  test('lists the newest invites first, each as it reads by itself', async () => {
    const made = [];
    for (const reference of ['one', 'two', 'three']) {
      made.unshift((await run.post(newRequest({ reference }))).body);
    }
    const { status, invites, next_cursor } = await list();
    expect({ status, next_cursor }).toEqual({ status: 200, next_cursor: null });
    expect(invites.slice(0, 3)).toEqual(made);

    const first = await list('?limit=2&status=sent');
    expect(first.invites).toEqual(made.slice(0, 2));
    const next = await list(`?limit=1&cursor=${first.next_cursor}`);
    expect(next.invites).toEqual([made[2]]);
    expect((await list('?reference=two')).invites).toEqual([made[1]]);
  });

  test('shows place and time of those who wait', async () => {
    await delayLane(run, 60);
    const { body } = await run.post(newRequest(), ASYNC);
    const [invite] = (await list('?status=queued')).invites;
    expect(invite).toMatchObject({ id: body.id, place: expect.any(Number) });
    const wait = Date.parse(invite?.expected_at ?? '') - Date.now();
    expect(wait).toBeGreaterThan(50_000);
    expect(wait).toBeLessThan(61_000);
  });

  test('shows the time of those who wait by their own tickets, whoever comes after them', async () => {
    await delayLane(run, 60);
    const { body } = await run.post(newRequest(), ASYNC);
    await delayLane(run, 600);
    const { body: shown } = await run.get(`/invites/${body.id}`);
    expect(Date.parse(String(shown.expected_at)) - Date.now()).toBeLessThan(120_000);
    await openLane(run);
  });

  test('names what is wrong with its parameters', async () => {
    const { status, body } = await run.get('/invites?limit=1000&stauts=sent');
    expect(status).toBe(422);
    expect(body).toMatchObject({
      class: 'InvalidRequest',
      errors: [{ field: 'stauts' }, { field: 'limit' }],
    });
  });
});

describe('DELETE /invites/{id}', () => {
  test('cancels what waits, and its execution ends with Cancelled when its turn comes', async () => {
    await delayLane(run, 6);
    const { body } = await run.post(newRequest(), ASYNC);
    const { status, body: invite } = await run.remove(`/invites/${body.id}`);
    expect({ status, ...invite }).toMatchObject({
      status: 'cancelled',
      error: { class: 'Cancelled', code: 'cancelled' },
    });
    expect((await run.remove(`/invites/${body.id}`)).body).toEqual(invite);
    expect((await run.get(`/invites/${body.id}`)).body).toEqual(invite);
    await expect
      .poll(
        async () => {
          const [execution] = await executionsFor(run, body.id);
          const { executionArn } = execution ?? {};
          return run.states('DescribeExecution', { executionArn });
        },
        { timeout: 30_000, interval: 500 },
      )
      .toMatchObject({ status: 'FAILED', error: 'Cancelled' });
    expect((await run.get(`/invites/${body.id}`)).body).toEqual(invite);
  });

  test('says what cannot be taken back, and who can', async () => {
    const { body } = await run.post(newRequest());
    const { status, body: problem } = await run.remove(`/invites/${body.id}`);
    expect(status).toBe(409);
    expect(problem).toMatchObject({
      class: 'Conflict',
      code: 'cannot_take_back',
      id: body.id,
      retryable: false,
      detail: expect.stringMatching(/no method.*A person who manages Slack Connect/),
    });
  });

  test('needs the right to invite into the channel', async () => {
    const id = `inv1_${'R'.repeat(32)}`;
    const fields = { channel: 'C0READONLY1', recipient: 'a@partner.example', status: 'queued' };
    const Item = {
      pk: { S: `invite#${id}` },
      revision: { S: 'r' },
      id: { S: id },
      ...Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, { S: value }])),
      queue: { M: { generation: { N: '1' }, since: { N: '1' }, until: { N: '9999999999999' } } },
    };
    await run.dynamo('PutItem', { Item });
    expect(await run.get(`/invites/${id}`)).toMatchObject({ status: 200 });
    expect(await run.remove(`/invites/${id}`)).toMatchObject({
      status: 403,
      body: { class: 'NotAllowed', code: 'caller_not_allowed', id },
    });
    expect(await run.get(`/invites/${id}`)).toMatchObject({ body: { status: 'queued' } });
  });

  test('of an id that is not there is 404', async () => {
    expect(await run.remove(`/invites/inv1_${'A'.repeat(32)}`)).toMatchObject({
      status: 404,
      body: { code: 'no_such_invite' },
    });
  });
});
