import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deliveryOf } from '../support/deliveries.ts';
import { EVENT_POLICY } from '../support/every-event.ts';
import {
  eventExecutions,
  impatient,
  mailsTo,
  makeOlder,
  newcomer,
  newestExecution,
  newestRecord,
  untilIdle,
  untilInvited,
} from '../support/hr-events.ts';
import { type HrStandIn, startHrStandIn } from '../support/hr-stand-in.ts';
import { type LocalRun, startLocalRun } from '../support/local-run.ts';
import type { Person } from '../support/provider-samples.ts';

let run: LocalRun;
let hr: HrStandIn;
beforeAll(async () => {
  hr = await startHrStandIn();
  run = await startLocalRun({
    policy: EVENT_POLICY,
    edit: impatient,
    lookupOrigin: hr.origin,
  });
});
afterAll(async () => {
  await run.close();
  await hr.close();
});
beforeEach(async () => {
  hr.behave('well');
  hr.asked.length = 0;
  await run.sandbox('POST', 'reset');
});

/** BambooHR says that somebody was created. */
const created = async (person: Person): Promise<void> => {
  expect((await run.deliver(deliveryOf('bamboohr', person))).status).toBe(200);
};

/** How long the newest execution was told to wait, each time, by its history. */
const waits = async (): Promise<unknown[]> => {
  const { executionArn } = await newestExecution(run);
  const { events } = await run.states('GetExecutionHistory', { executionArn, maxResults: 1000 });
  return (events as { type: string; stateEnteredEventDetails?: { input: string } }[])
    .filter(({ type }) => type === 'WaitStateEntered')
    .map(({ stateEnteredEventDetails }) => JSON.parse(stateEnteredEventDetails?.input ?? '{}'))
    .filter((input) => 'pending_seconds' in input)
    .map(({ pending_seconds }) => pending_seconds);
};

describe('an event that names only an id', () => {
  test('leads to the address that the HR system has', async () => {
    const person = newcomer();
    hr.people.set(person.id, person.email);
    await created(person);
    await untilInvited(run, person.email);
    expect(hr.asked).toEqual([person.id]);
    await untilIdle(run);
    const record = await newestRecord(run);
    expect(record).toMatchObject({ status: { S: 'sent' }, source: { S: 'bamboohr' } });
    expect(record).not.toHaveProperty('invitation');
  });

  test('of somebody who is not there to be read yet waits, and is found later', async () => {
    const person = newcomer();
    await created(person);
    await expect.poll(() => hr.asked.length).toBeGreaterThan(0);
    await expect.poll(async () => (await newestRecord(run)).status).toEqual({ S: 'pending_email' });
    expect(await run.slackCalls()).toBe(0);

    hr.people.set(person.id, undefined);
    const asked = hr.asked.length;
    await expect.poll(() => hr.asked.length, { timeout: 5000 }).toBeGreaterThan(asked);
    expect((await newestExecution(run)).status).toBe('RUNNING');

    hr.people.set(person.id, person.email);
    await untilInvited(run, person.email);
    await untilIdle(run);
    expect((await newestExecution(run)).status).toBe('SUCCEEDED');
    expect(new Set(await waits())).toEqual(new Set([30]));
    expect(await run.slackCalls()).toBe(1);
  });

  test('delivered again while it waits starts nothing', async () => {
    const person = newcomer();
    const executions = (await eventExecutions(run)).length;
    await created(person);
    await expect.poll(async () => (await newestRecord(run)).status).toEqual({ S: 'pending_email' });
    await created(person);
    hr.people.set(person.id, person.email);
    await untilInvited(run, person.email);
    await untilIdle(run);
    expect((await eventExecutions(run)).length).toBe(executions + 1);
    expect(await run.slackCalls()).toBe(1);
  });

  test('waits for a day, then fails and says why', async () => {
    const person = newcomer();
    hr.people.set(person.id, undefined);
    await created(person);
    await expect.poll(async () => (await newestRecord(run)).status).toEqual({ S: 'pending_email' });
    await makeOlder(run, await newestRecord(run), 24 * 3600);
    await untilIdle(run);
    expect((await newestExecution(run)).status).toBe('FAILED');
    const record = await newestRecord(run);
    expect(record).toMatchObject({
      status: { S: 'failed' },
      error: { M: { class: { S: 'NotFound' }, code: { S: 'no_email' } } },
    });
    expect(record).not.toHaveProperty('invitation');
  });

  test('is looked at more and more rarely', async () => {
    const person = newcomer();
    hr.people.set(person.id, undefined);
    await created(person);
    await expect.poll(async () => (await newestRecord(run)).status).toEqual({ S: 'pending_email' });
    await makeOlder(run, await newestRecord(run), 3600);
    await expect
      .poll(async () => (await waits()).at(-1), { timeout: 5000 })
      .toBeGreaterThanOrEqual(3600);
    hr.people.set(person.id, person.email);
    await untilInvited(run, person.email);
  });
});

describe('an HR system that', () => {
  test.each([
    ['sends the reader to another host', 'redirects'],
    ['answers 10 MB', 'too_large'],
    ['answers a page', 'html'],
    ['does not take the key any more', 'locks_out'],
  ] as const)(
    '%s keeps the event waiting, and it goes out once that is mended',
    async (_, behaviour) => {
      const person = newcomer();
      hr.people.set(person.id, person.email);
      hr.behave(behaviour);
      await created(person);
      await expect.poll(waits, { timeout: 10_000 }).toContain(60);
      expect((await newestExecution(run)).status).toBe('RUNNING');
      expect(await newestRecord(run)).toMatchObject({ status: { S: 'received' } });
      expect(hr.elsewhere()).toBe(0);
      expect(await run.slackCalls()).toBe(0);

      hr.behave('well');
      await untilInvited(run, person.email);
      await untilIdle(run);
      expect(await newestRecord(run)).toMatchObject({ status: { S: 'sent' } });
      expect(await run.slackCalls()).toBe(1);
    },
  );

  test.each([
    ['never answers', 'never', 30],
    ['is out of order', 'unavailable', 30],
    ['says that it was asked too often', 'limits', 90],
  ] as const)('%s is asked again, and then it goes out', async (_, behaviour, pause) => {
    const person = newcomer();
    hr.people.set(person.id, person.email);
    hr.behave(behaviour);
    await created(person);
    await expect.poll(waits, { timeout: 10_000 }).toContain(pause);
    expect(await run.slackCalls()).toBe(0);
    hr.behave('well');
    await untilInvited(run, person.email);
    await untilIdle(run);
    expect(await mailsTo(run, person.email)).toBe(1);
    expect(await run.slackCalls()).toBe(1);
  });
});

describe('an address of the company’s own', () => {
  test.each([
    ['in the event', 'deel'],
    ['found by a lookup', 'bamboohr'],
  ] as const)('%s is refused, counted, and never sent', async (_, source) => {
    const person = newcomer('acme.example');
    hr.people.set(person.id, person.email);
    const start = run.lines.length;
    expect((await run.deliver(deliveryOf(source, person))).status).toBe(200);
    await untilIdle(run);
    expect((await newestExecution(run)).status).toBe('FAILED');
    expect(await newestRecord(run)).toMatchObject({
      status: { S: 'failed' },
      error: { M: { class: { S: 'NotAllowed' }, code: { S: 'email_domain_denied' } } },
    });
    expect(await run.slackCalls()).toBe(0);
    const metrics = run.lines
      .slice(start)
      .find((line) => line.includes('"email_domain_denied"') && line.includes('"_aws"'));
    expect(JSON.parse(metrics ?? '{}')).toMatchObject({
      function: 'hr-invite',
      class: 'NotAllowed',
      Errors: 1,
      Workflows: 1,
    });
  });
});
