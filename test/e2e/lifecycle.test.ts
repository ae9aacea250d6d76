import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { forget } from '../../infra/operate/forget.ts';
import { read } from '../docs/markdown.ts';
import { CHANNEL, type LocalRun, startLocalRun } from '../support/local-run.ts';
import { operate } from '../support/operated.ts';
import { ASYNC, delayLane, openLane } from '../support/queue.ts';

type BusEvent = { 'detail-type': string; source: string; time: string; detail: { id: string } };

let run: LocalRun;
beforeAll(async () => {
  run = await startLocalRun({ lifecycle: { waitingStateMachines: '*' } });
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
  const connected = {
    status: 'connected',
    accepted_at: expect.any(String),
    connected_at: expect.any(String),
    accepting_team: expect.stringMatching(/^T/),
  };
  await vi.waitFor(async () => expect(await show(id)).toMatchObject(connected), 20_000);
  const all = ['Invite Sent', 'Invite Accepted', 'Invite Connected'];
  await vi.waitFor(async () => expect(await told(id)).toEqual(all), 20_000);
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
  await vi.waitFor(async () => expect((await show(one.id)).status).toBe('accepted'), 20_000);
  await vi.waitFor(async () => expect((await show(other.id)).status).toBe('accepted'), 20_000);
  await act(other.slack, 'decline');
  await vi.waitFor(async () => expect((await show(other.id)).status).toBe('declined'), 20_000);
  const all = ['Invite Sent', 'Invite Accepted', 'Invite Declined'];
  await vi.waitFor(async () => expect(await told(other.id)).toEqual(all), 20_000);
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

/** The document's own example. */
const [example = ''] =
  read('docs/lifecycle.md').match(/(?<=^```json\n)(?:(?!```)[\s\S])*"StartAt"[\s\S]*?(?=^```)/m) ??
  [];

describe('a state machine that waits', () => {
  let machines = 0;
  /** Starts the example for a person. @param change of its text. */
  const waiting = async (emails: string[], change = (text: string) => text) => {
    machines += 1;
    const arn = 'arn:aws:lambda:us-east-1:123456789012:function:NAME';
    const task =
      'arn:aws:lambda:us-east-1:000000000000:function:SlackConnectInvites-invite-task:live';
    const { stateMachineArn } = await run.states('CreateStateMachine', {
      name: `waits-${machines}`,
      roleArn: 'arn:aws:iam::000000000000:role/onboarding',
      definition: change(example.replace(arn, task)),
    });
    const input = JSON.stringify({ channel: CHANNEL, emails });
    const { executionArn } = await run.states('StartExecution', { stateMachineArn, input });
    return async () => run.states('DescribeExecution', { executionArn });
  };
  const slackOf = async (email: string) => {
    const found = await vi.waitFor(async () => {
      const all = (await run.sandbox('GET', 'invites')) as {
        id: string;
        recipient_email?: string;
      }[];
      const one = all.find(({ recipient_email }) => recipient_email === email);
      expect(one).toBeDefined();
      return one;
    }, 20_000);
    return found?.id as string;
  };
  const ended = (look: () => Promise<Record<string, unknown>>) =>
    vi.waitFor(async () => {
      const execution = await look();
      expect(execution.status).not.toBe('RUNNING');
      return execution;
    }, 20_000);
  const tokens = async () => {
    const { Items } = (await run.dynamo('Scan', {})) as { Items: { pk: { S: string } }[] };
    return Items.filter(({ pk }) => pk.S.startsWith('wait#')).filter((item) =>
      Object.keys(item).some((name) => name.startsWith('task:')),
    );
  };

  test('goes on when the person is in, however many wait, and its token is forgotten', async () => {
    const email = 'waits-in@partner.example';
    const looks = [
      await waiting([email]),
      await waiting([email], (text) => text.replace('"connected"', '"accepted"')),
    ];
    const slack = await slackOf(email);
    await vi.waitFor(async () => expect((await tokens())[0]).toBeDefined(), 20_000);
    expect((await looks[0]?.())?.status).toBe('RUNNING');
    await act(slack, 'accept');
    for (const look of looks) {
      const { status, output } = await ended(look);
      expect(status).toBe('SUCCEEDED');
      expect(JSON.parse(String(output))).toMatchObject({ status: 'connected', channel: CHANNEL });
    }
    // A task has ended a moment before its token is forgotten.
    await vi.waitFor(async () => expect(await tokens()).toEqual([]), 20_000);
  });

  test('takes the other way when somebody refuses, and when the time is over', async () => {
    await run.sandbox('POST', 'settings', { approval_required: true });
    const email = 'waits-out@partner.example';
    const refused = await waiting([email]);
    const slack = await slackOf(email);
    await vi.waitFor(async () => expect((await tokens())[0]).toBeDefined(), 20_000);
    await act(slack, 'accept');
    await act(slack, 'decline');
    expect(JSON.parse(String((await ended(refused)).output))).toMatchObject({ why: 'Declined' });
    await run.sandbox('POST', 'settings', { approval_required: false });

    const late = await waiting(['waits-late@partner.example'], (text) =>
      text.replace('1209600', '3'),
    );
    expect(JSON.parse(String((await ended(late)).output))).toMatchObject({ why: 'States.Timeout' });
  });

  test('gets the class of the error that ended the request', async () => {
    const look = await waiting(['nobody@nowhere.example']);
    expect(await ended(look)).toMatchObject({ status: 'FAILED', error: 'NotAllowed' });
  });

  test('gets Cancelled when somebody takes the queued request back, or forgets the person', async () => {
    await delayLane(run, 3_600);
    for (const [index, end] of [
      (id: unknown) => run.remove(`/invites/${id}`),
      () => operate(run, forget, '--email', 'waits-cancelled-1@partner.example'),
    ].entries()) {
      const email = `waits-cancelled-${index}@partner.example`;
      const request = { channel: CHANNEL, emails: email, reference: `secret-HR-${index}` };
      const { body } = await run.post(request, ASYNC);
      const look = await waiting([email]);
      const waits = async () => (await tokens()).map(({ pk }) => pk.S);
      await vi.waitFor(async () => expect(await waits()).toContain(`wait#${body.id}`), 20_000);
      await end(body.id);
      const table = JSON.stringify(await run.dynamo('Scan', { ConsistentRead: true }));
      if (index === 1) expect(table).not.toMatch(/waits-cancelled-1|secret-HR-1/);
      await local('sweep', { advance_s: 120 });
      expect(await ended(look)).toMatchObject({ status: 'FAILED', error: 'Cancelled' });
      expect(await told(body.id)).toEqual(['Invite Cancelled']);
    }
    await openLane(run);
  });

  test('is told at once where the person is in already', async () => {
    const look = await waiting(['waits-in@partner.example']);
    expect((await ended(look)).status).toBe('SUCCEEDED');
  });

  test('is refused with the reason for what is no token of a task that waits here', async () => {
    const task_token = 'not-a-token-of-ours';
    const emails = ['waits-never@partner.example'];
    const { payload } = await run.task({ channel: CHANNEL, emails, wait_for: 'sent', task_token });
    expect(payload.errorType).toBe('InvalidRequest');
    expect(payload.errorMessage).toMatch(/task_token/);
    expect(payload.errorMessage).not.toContain(task_token);
    const bad = await run.task({ channel: CHANNEL, emails, wait_for: 'never' });
    expect(bad.payload.errorMessage).toMatch(/wait_for.*sent, accepted, connected/);
  });

  test('shows its token to nobody', () => {
    expect(run.lines.join('\n')).not.toMatch(/[A-Za-z0-9+/]{100,}/);
  });
});

test('a look at an invite says when another one is worth it', async () => {
  const { id, slack } = await invite();
  expect((await run.get(`/invites/${id}`)).headers.get('retry-after')).toBe('300');
  await act(slack, 'accept');
  await vi.waitFor(async () => expect((await show(id)).status).toBe('connected'), 20_000);
  expect((await run.get(`/invites/${id}`)).headers.get('retry-after')).toBeNull();
});
