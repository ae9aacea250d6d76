import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Step, startAwsProxy } from '../support/aws-proxy.ts';
import { deliveryOf, oktaDelivery, oktaEvent } from '../support/deliveries.ts';
import {
  eventExecutions,
  impatient,
  mailsTo,
  newcomer,
  newestExecution,
  newestRecord,
  untilIdle,
  untilInvited,
} from '../support/hr-events.ts';
import { type HrStandIn, startHrStandIn } from '../support/hr-stand-in.ts';
import { type LocalRun, startLocalRun } from '../support/local-run.ts';
import { executionsOf } from '../support/queue.ts';

const WEBHOOK = 'SlackConnectInvites-hr-webhook';
const INVITE = 'SlackConnectInvites-hr-invite';

let run: LocalRun;
let hr: HrStandIn;
let proxy: Awaited<ReturnType<typeof startAwsProxy>>;
/** Whom the step that is asked for kills, once. */
let death: { of: string; at: (step: Step) => boolean } | undefined;

beforeAll(async () => {
  hr = await startHrStandIn();
  run = await startLocalRun({ edit: impatient, lookupOrigin: hr.origin });
  proxy = await startAwsProxy(run.stack.awsUrl, (step) => {
    if (!death?.at(step)) return false;
    killBusy(death.of);
    death = undefined;
    return true;
  });
  // None of their processes runs yet: all of them will find AWS by way of the proxy.
  for (const { name, environment } of run.stack.lambda.functions) {
    if (name !== WEBHOOK && name !== INVITE) continue;
    environment.AWS_ENDPOINT_URL_DYNAMODB = proxy.url;
    environment.AWS_ENDPOINT_URL_SFN = proxy.url;
  }
});
afterAll(async () => {
  await run.close();
  await proxy.close();
  await hr.close();
});
beforeEach(() => run.sandbox('POST', 'reset'));

const killBusy = (name: string) => {
  for (const { pid, state } of run.stack.lambda.environments(name)) {
    if (state === 'busy') process.kill(pid, 'SIGKILL');
  }
};

const dieAt = (of: string, when: Step['when'], is: (step: Step) => boolean) => {
  death = { of, at: (step) => step.when === when && is(step) };
};

// The writes of one event, in their order.
const isAdd = ({ operation, body }: Step) => operation === 'PutItem' && body.includes('"event#');
const isStart = ({ operation }: Step) => operation === 'StartExecution';
const isMark = ({ operation, body }: Step) =>
  operation === 'UpdateItem' && body.includes(':started');
const isEnqueue = ({ operation, body }: Step) =>
  operation === 'PutItem' && body.includes('"queued"');
const isSettle = ({ operation, body }: Step) =>
  operation === 'UpdateItem' && body.includes('"queued"');

/** Makes sure that one event led to one invitation, by one execution. */
const onceOnly = async (email: string, executionsBefore: number) => {
  await untilInvited(run, email);
  await untilIdle(run);
  expect((await eventExecutions(run)).length).toBe(executionsBefore + 1);
  expect((await newestExecution(run)).status).toBe('SUCCEEDED');
  expect(await newestRecord(run)).toMatchObject({ status: { S: 'sent' } });
  expect(await executionsOf(run)).toEqual([]);
  expect(await mailsTo(run, email)).toBe(1);
  expect(await run.slackCalls()).toBe(1);
};

describe('hr-webhook killed', () => {
  const steps = [
    ['before the record', isAdd, 'before', 0],
    ['after the record', isAdd, 'after', 0],
    ['before the start', isStart, 'before', 0],
    ['after the start', isStart, 'after', 1],
    ['before the mark', isMark, 'before', 1],
    ['after the mark', isMark, 'after', 1],
  ] as const;

  test.each(steps)('%s answers 5xx, and a redelivery goes on', async (_, is, when, started) => {
    const person = newcomer();
    const delivery = deliveryOf('greenhouse', person);
    const before = (await eventExecutions(run)).length;
    dieAt(WEBHOOK, when, is);
    expect((await run.deliver(delivery)).status).toBe(500);
    expect(death).toBeUndefined();
    expect((await eventExecutions(run)).length).toBe(before + started);

    expect((await run.deliver(delivery)).status).toBe(200);
    await onceOnly(person.email, before);
  });

  test.each(steps.filter(([, , , started]) => started))(
    '%s: a redelivery after the workflow’s end sends nothing again',
    async (_, is, when) => {
      const person = newcomer();
      const delivery = deliveryOf('greenhouse', person);
      const before = (await eventExecutions(run)).length;
      dieAt(WEBHOOK, when, is);
      expect((await run.deliver(delivery)).status).toBe(500);
      await untilInvited(run, person.email);
      await untilIdle(run);

      expect((await run.deliver(delivery)).status).toBe(200);
      await onceOnly(person.email, before);
    },
  );

  test('at every step, one after the other, loses and doubles nothing', async () => {
    const person = newcomer();
    const delivery = deliveryOf('greenhouse', person);
    const before = (await eventExecutions(run)).length;
    for (const [, is, when, started] of steps) {
      dieAt(WEBHOOK, when, is);
      const { status } = await run.deliver(delivery);
      // Once its workflow was started, the event may have ended: then there is nothing left to die at.
      expect(started ? [200, 500] : [500]).toContain(status);
    }
    death = undefined;
    expect((await run.deliver(delivery)).status).toBe(200);
    await onceOnly(person.email, before);
  });

  test('between two events of one delivery loses neither', async () => {
    const people = [newcomer(), newcomer()];
    const delivery = oktaDelivery(
      'okta',
      people.map((person) => oktaEvent(person)),
    );
    const before = (await eventExecutions(run)).length;
    dieAt(WEBHOOK, 'after', isStart);
    expect((await run.deliver(delivery)).status).toBe(500);
    expect((await run.deliver(delivery)).status).toBe(200);
    for (const { email } of people) await untilInvited(run, email);
    await untilIdle(run);
    expect((await eventExecutions(run)).length).toBe(before + 2);
    expect(await run.slackCalls()).toBe(2);
  });
});

describe('hr-invite killed', () => {
  test.each([
    ['before the ask is in the queue', isEnqueue, 'before'],
    ['after the ask is in the queue', isEnqueue, 'after'],
    ['before the record says so', isSettle, 'before'],
    ['after the record says so', isSettle, 'after'],
  ] as const)('%s is called again by the workflow', async (_, is, when) => {
    const person = newcomer();
    const before = (await eventExecutions(run)).length;
    dieAt(INVITE, when, is);
    expect((await run.deliver(deliveryOf('greenhouse', person))).status).toBe(200);
    await onceOnly(person.email, before);
    expect(death).toBeUndefined();
  });

  test('while the HR system has the question asks again', async () => {
    const person = newcomer();
    const before = (await eventExecutions(run)).length;
    hr.people.set(person.id, person.email);
    hr.behave('never');
    expect((await run.deliver(deliveryOf('bamboohr', person))).status).toBe(200);
    await expect.poll(() => hr.asked).toEqual([person.id]);
    hr.behave('well');
    killBusy(INVITE);
    await onceOnly(person.email, before);
    expect(hr.asked).toEqual([person.id, person.id]);
  });
});
