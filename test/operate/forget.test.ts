import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { forget as forgetCommand } from '../../infra/operate/forget.ts';
import { deliveryOf } from '../support/deliveries.ts';
import { newcomer, newestRecord } from '../support/hr-events.ts';
import { CHANNEL, type LocalRun, startLocalRun } from '../support/local-run.ts';
import { operate } from '../support/operated.ts';
import { ASYNC, delayLane, openLane } from '../support/queue.ts';

let run: LocalRun;
beforeAll(async () => {
  run = await startLocalRun();
});
afterAll(() => run.close());
beforeEach(() => openLane(run));

const forget = (...args: string[]) => operate(run, forgetCommand, ...args);
const wholeTable = async () => JSON.stringify(await run.dynamo('Scan', { ConsistentRead: true }));

test('what was sent loses address and reference, and is not sent once more', async () => {
  const request = { channel: CHANNEL, emails: 'Gone.Person@partner.example', reference: 'HR-17' };
  const { body } = await run.post(request);
  const calls = await run.slackCalls();
  const { code, output } = await forget('--email', ' gone.person@partner.example ');
  expect({ code, output }).toMatchObject({
    code: 0,
    output: expect.stringContaining('Erased in 1 invite and 0 events.'),
  });
  expect(output).toContain(`invite#${body.id}`);
  const table = await wholeTable();
  expect(table.toLowerCase()).not.toContain('gone.person');
  expect(table).not.toContain('HR-17');
  const { reference: _, ...left } = body;
  expect((await run.get(`/invites/${body.id}`)).body).toEqual({ ...left, recipient: 'forgotten' });

  expect(await run.post(request)).toMatchObject({ status: 200, body: { id: body.id } });
  expect(await run.slackCalls()).toBe(calls);
  expect((await forget('--email', 'gone.person@partner.example')).code).toBe(0);
});

test('what waits is cancelled, and so is the event that it came from', async () => {
  await delayLane(run, 3600);
  const email = 'unwanted.person@partner.example';
  const { body } = await run.post({ channel: CHANNEL, emails: email }, ASYNC);
  const person = { ...newcomer(), email: 'unwanted.event@partner.example' };
  await run.deliver(deliveryOf('greenhouse', person));
  expect(await forget('--email', email)).toMatchObject({ code: 0 });
  expect((await run.get(`/invites/${body.id}`)).body).toMatchObject({
    status: 'cancelled',
    recipient: 'forgotten',
  });
  await expect
    .poll(async () => (await newestRecord(run)).status, { timeout: 15_000 })
    .toEqual({ S: 'queued' });
  const { output } = await forget('--email', 'unwanted.event@partner.example');
  expect(output).toContain('Erased in 1 invite and 1 event.');
  expect(await newestRecord(run)).toMatchObject({
    status: { S: 'failed' },
    error: { M: { code: { S: 'cancelled' } } },
  });
  expect(await wholeTable()).not.toContain('unwanted');
});

test('what is being sent right now is left, and told', async () => {
  const email = 'busy.person@partner.example';
  const { body } = await run.post({ channel: CHANNEL, emails: email });
  await run.dynamo('UpdateItem', {
    Key: { pk: { S: `invite#${body.id}` } },
    UpdateExpression: 'SET claim = :claim',
    ExpressionAttributeValues: {
      ':claim': { M: { until: { N: String(Date.now() + 60_000) } } },
    },
  });
  const { code, output } = await forget('--email', email);
  expect(code).toBe(1);
  expect(output).toContain('1 invite is being sent right now');
  expect((await run.get(`/invites/${body.id}`)).body.recipient).toBe(email);
});

test.each([
  [[], 'Missing: --email.'],
  [['--email', 'casey'], '--email must be an e-mail address'],
])('%j is told in words', async (args, told) => {
  const { code, output } = await forget(...args);
  expect(code).toBe(1);
  expect(output).toContain(told);
});
