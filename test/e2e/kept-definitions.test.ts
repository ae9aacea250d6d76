import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bundledAssembly, templateIn } from '../support/assemblies.ts';
import { deliveryOf } from '../support/deliveries.ts';
import { EVENT_POLICY } from '../support/every-event.ts';
import {
  eventExecutions,
  impatient,
  newcomer,
  newestRecord,
  untilIdle,
  untilInvited,
} from '../support/hr-events.ts';
import { type HrStandIn, startHrStandIn } from '../support/hr-stand-in.ts';
import { keepDefinitions, withKeptDefinitions } from '../support/kept-definitions.ts';
import { CHANNEL, type LocalRun, startLocalRun, TOKEN } from '../support/local-run.ts';
import { ASYNC, delayLane, executionsFor, openLane, untilSettled } from '../support/queue.ts';

// Executions live for days, and run to their end by the definition that they began with. So the
// functions of this version have to answer the state machines of the last release.

let run: LocalRun;
let hr: HrStandIn;
beforeAll(async () => {
  // With a release: RELEASE=1 npx vitest run test/e2e/kept-definitions.test.ts
  if (process.env.RELEASE) keepDefinitions(templateIn(await bundledAssembly()));
  hr = await startHrStandIn();
  run = await startLocalRun({
    policy: EVENT_POLICY,
    edit: (template) => impatient(withKeptDefinitions(template)),
    lookupOrigin: hr.origin,
  });
});
afterAll(async () => {
  await run.close();
  await hr.close();
});
beforeEach(async () => {
  hr.behave('well');
  await run.sandbox('POST', 'reset');
  await openLane(run);
});

let people = 0;
const enqueue = async () => {
  const emails = [`kept.${++people}@partner.example`];
  const { status, body } = await run.post({ channel: CHANNEL, emails }, ASYNC);
  expect(status).toBe(202);
  return body.id;
};
const endOf = (id: unknown) =>
  expect.poll(async () => (await executionsFor(run, id))[0]?.status, { timeout: 15_000 });

describe('by the definition of the last release, a queued request', () => {
  test('waits for its turn and is sent', async () => {
    await delayLane(run, 1);
    const id = await enqueue();
    expect(await untilSettled(run, id)).toMatchObject({ status: 'sent', attempts: 1 });
    await endOf(id).toBe('SUCCEEDED');
  });

  test('waits as long as Slack says, and is sent', async () => {
    await run.sandbox('POST', 'faults', { error: 'ratelimited', retry_after: 1, times: 1 });
    const id = await enqueue();
    expect(await untilSettled(run, id)).toMatchObject({ status: 'sent' });
    await endOf(id).toBe('SUCCEEDED');
  });

  test('ends with what Slack refuses', async () => {
    await run.sandbox('POST', 'faults', { error: 'channel_archived', times: 1 });
    const id = await enqueue();
    expect(await untilSettled(run, id)).toMatchObject({ status: 'failed' });
    await endOf(id).toBe('FAILED');
  });
});

describe('by the definition of the last release, an event', () => {
  test('is invited, and its record says so', async () => {
    const person = newcomer();
    expect((await run.deliver(deliveryOf('greenhouse', person))).status).toBe(200);
    await untilInvited(run, person.email);
    await untilIdle(run);
    expect((await newestRecord(run)).status).toEqual({ S: 'sent' });
  });

  test('has its address looked up until there is one', async () => {
    const person = newcomer();
    expect((await run.deliver(deliveryOf('bamboohr', person))).status).toBe(200);
    await expect.poll(() => hr.asked.length, { timeout: 15_000 }).toBeGreaterThan(0);
    hr.people.set(person.id, person.email);
    await untilInvited(run, person.email);
  });

  test('ends as failed where Slack refuses it', async () => {
    await run.sandbox('POST', 'faults', { error: 'channel_archived', times: 1 });
    expect((await run.deliver(deliveryOf('greenhouse', newcomer()))).status).toBe(200);
    await untilIdle(run);
    expect((await newestRecord(run)).status).toEqual({ S: 'failed' });
    expect((await eventExecutions(run))[0]?.status).toBe('FAILED');
  });
});

// The last one: it blocks the queue.
test('by the definition of the last release, a queued request waits for a token that works', async () => {
  await run.putToken('xoxb-of-nobody-00000');
  await run.sandbox('POST', 'world', { tokens: { [TOKEN]: { state: 'revoked' } } });
  const id = await enqueue();
  const errorOf = async () => (await run.get(`/invites/${id}`)).body.error;
  await expect.poll(errorOf, { timeout: 15_000 }).toBeDefined();
  expect((await executionsFor(run, id))[0]?.status).toBe('RUNNING');
});
