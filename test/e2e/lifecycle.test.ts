import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CHANNEL, type LocalRun, startLocalRun } from '../support/local-run.ts';

type BusEvent = { 'detail-type': string; source: string; time: string; detail: { id: string } };

let run: LocalRun;
beforeAll(async () => {
  run = await startLocalRun({ lifecycle: true });
}, 180_000);
afterAll(() => run.close());

const local = async (path: string, body?: object) => {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const response = await fetch(`${run.stack.awsUrl}/_local/${path}`, init);
  return { status: response.status, body: await response.json() };
};
const told = async (id: unknown) =>
  ((await local('events')).body as BusEvent[])
    .filter(({ detail }) => detail.id === id)
    .map((event) => event['detail-type']);

let people = 0;
const invite = async () => {
  people += 1;
  const email = `life-${people}@partner.example`;
  const { status, body } = await run.post({ channel: CHANNEL, emails: [email], reference: 'HR-1' });
  expect(status).toBe(201);
  return { id: body.id as string, slack: (body.slack as { invite_id: string }).invite_id, email };
};
const act = (slack: string, action: string) => run.sandbox('POST', `invites/${slack}`, { action });
const show = async (id: string) => (await run.get(`/invites/${id}`)).body;

test('accepting connects at once: both times are there, and both are told, in this order, without an address', async () => {
  const { id, slack, email } = await invite();
  expect(await told(id)).toEqual(['Invite Sent']);
  await act(slack, 'accept');
  await vi.waitFor(async () => expect((await show(id)).status).toBe('connected'), 10_000);
  expect(await show(id)).toMatchObject({
    accepted_at: expect.any(String),
    connected_at: expect.any(String),
    accepting_team: expect.stringMatching(/^T/),
  });
  const all = ['Invite Sent', 'Invite Accepted', 'Invite Connected'];
  await vi.waitFor(async () => expect(await told(id)).toEqual(all), 10_000);
  const { body } = await local('events');
  expect((body as BusEvent[]).find(({ detail }) => detail.id === id)).toMatchObject({
    version: '0',
    source: 'slack-connect-invites',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    detail: {
      id,
      channel: CHANNEL,
      status: 'sent',
      reference: 'HR-1',
      source: { door: 'invite-api' },
      slack: { invite_id: slack },
      expires_at: expect.any(String),
    },
  });
  expect(JSON.stringify(body)).not.toContain(email);
  expect(run.lines.join('\n')).toContain(`Invite Connected  ${id}  ${CHANNEL}  connected`);
});

test('where an approval is asked for, it waits, and a refusal ends it', async () => {
  await run.sandbox('POST', 'settings', { approval_required: true });
  const one = await invite();
  const other = await invite();
  await act(one.slack, 'accept');
  await act(other.slack, 'accept');
  await vi.waitFor(async () => expect((await show(one.id)).status).toBe('accepted'), 10_000);
  await vi.waitFor(async () => expect((await show(other.id)).status).toBe('accepted'), 10_000);
  await act(other.slack, 'decline');
  await vi.waitFor(async () => expect((await show(other.id)).status).toBe('declined'), 10_000);
  const all = ['Invite Sent', 'Invite Accepted', 'Invite Declined'];
  await vi.waitFor(async () => expect(await told(other.id)).toEqual(all), 10_000);
  await run.sandbox('POST', 'settings', { approval_required: false });
});

describe('time', () => {
  test('tells of an end that is near, and of the end, once each', async () => {
    const { id } = await invite();
    const day = 86_400;
    await local('sweep', { advance_s: 10 * day });
    expect(await told(id)).toEqual(['Invite Sent']);
    await local('sweep', { advance_s: 11.5 * day });
    await local('sweep', { advance_s: 11.6 * day });
    expect(await told(id)).toEqual(['Invite Sent', 'Invite Expiring']);
    await local('sweep', { advance_s: 14.1 * day });
    await local('sweep', { advance_s: 14.2 * day });
    expect(await told(id)).toEqual(['Invite Sent', 'Invite Expiring', 'Invite Expired']);
    expect(await show(id)).toMatchObject({ status: 'expired', proved_by: 'clock' });
  });

  test('takes no advance that is no time', async () => {
    for (const advance_s of [-1, 'x', null]) {
      expect((await local('sweep', { advance_s })).status).toBe(400);
    }
  });
});

test('what Slack refuses is told as failed, and what it does not answer as unknown', async () => {
  const outcomes = [
    [{ error: 'restricted_action', times: 1 }, 'Invite Failed', { class: 'SlackRefused' }],
    [{ drop: 'after', times: 1 }, 'Invite Unknown', { class: 'OutcomeUnknown' }],
  ] as const;
  for (const [fault, type, error] of outcomes) {
    await run.sandbox('POST', 'faults', fault);
    people += 1;
    const emails = [`life-${people}@partner.example`];
    const { body } = await run.post({ channel: CHANNEL, emails });
    expect(body).toMatchObject(error);
    expect(await told(body.id)).toEqual([type]);
    const event = ((await local('events')).body as BusEvent[]).find(
      ({ detail }) => detail.id === body.id,
    );
    expect(event?.detail).toMatchObject({ error });
  }
});
