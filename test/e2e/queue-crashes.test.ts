import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Step, startAwsProxy } from '../support/aws-proxy.ts';
import { type FunctionsAgain, killBusy, startFunctionsAgain } from '../support/functions-again.ts';
import { CHANNEL, type LocalRun, startLocalRun } from '../support/local-run.ts';
import {
  ASYNC,
  delayLane,
  executionsFor,
  executionsOf,
  openLane,
  untilSettled,
} from '../support/queue.ts';

const API = 'SlackConnectInvites-invite-api';
/** In seconds: long enough for an execution that does not have to wait. */
const WORKFLOW_TIMEOUT = 4;

let run: LocalRun;
/** The same functions once more, their way to AWS leading through a proxy that kills them. */
let fragile: FunctionsAgain;
let proxy: Awaited<ReturnType<typeof startAwsProxy>>;
let deathAt: ((step: Step) => boolean) | undefined;

beforeAll(async () => {
  run = await startLocalRun({
    edit: (template) => template.replace(/(\\"TimeoutSeconds\\":)\d{4,}/, `$1${WORKFLOW_TIMEOUT}`),
  });
  proxy = await startAwsProxy(run.stack.awsUrl, (step) => {
    if (!deathAt?.(step)) return false;
    deathAt = undefined;
    killBusy(fragile.lambda, API);
    return true;
  });
  fragile = await startFunctionsAgain(run, {
    environment: { AWS_ENDPOINT_URL_DYNAMODB: proxy.url, AWS_ENDPOINT_URL_SFN: proxy.url },
  });
});
afterAll(async () => {
  await fragile.close();
  await proxy.close();
  await run.close();
});
beforeEach(async () => {
  await run.sandbox('POST', 'reset');
  await openLane(run);
});

let people = 0;
const newRequest = () => ({ channel: CHANNEL, emails: [`crash.${++people}@partner.example`] });

const isEnqueue = ({ operation, body }: Step) =>
  operation === 'PutItem' && body.includes('"queued"');
const isStart = ({ operation }: Step) => operation === 'StartExecution';

const ended = async (id: unknown, status: string, index = 0) =>
  expect
    .poll(async () => (await executionsFor(run, id))[index]?.status, { timeout: 10_000 })
    .toBe(status);

/** Asks the same again, for as long as the workflow is just at it. */
const askAgain = async (request: object) => {
  for (;;) {
    const answer = await run.post(request, ASYNC);
    if (answer.body.class !== 'InProgress') return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

describe('a function killed while it puts an ask into the queue', () => {
  test.each([
    ['before the claim', isEnqueue, 'before', 0],
    ['between claim and start', isEnqueue, 'after', 0],
    ['on the way to the start', isStart, 'before', 0],
    ['between start and answer', isStart, 'after', 1],
  ] as const)('%s loses nothing and doubles nothing', async (_, is, when, started) => {
    const request = newRequest();
    const before = (await executionsOf(run)).length;
    deathAt = (step) => step.when === when && is(step);
    await expect(fragile.post(request, ASYNC)).rejects.toThrow();
    expect(deathAt).toBeUndefined();
    expect((await executionsOf(run)).length - before).toBe(started);

    const again = await askAgain(request);
    expect([200, 202]).toContain(again.status);
    expect(await untilSettled(run, again.body.id)).toMatchObject({ status: 'sent', attempts: 1 });
    await ended(again.body.id, 'SUCCEEDED');
    expect(await executionsFor(run, again.body.id)).toHaveLength(1);
    expect(await run.slackCalls()).toBe(1);
  });

  test('leaves an ask that a caller who wants it at once finds, too', async () => {
    const request = newRequest();
    deathAt = (step) => step.when === 'after' && isEnqueue(step);
    await expect(fragile.post(request, ASYNC)).rejects.toThrow();
    const again = await run.post(request);
    expect(again.status).toBe(202);
    expect(await untilSettled(run, again.body.id)).toMatchObject({ status: 'sent' });
    expect(await run.slackCalls()).toBe(1);
  });
});

describe('an execution that ended without an outcome', () => {
  const goesOnWith = async (request: object, id: unknown) => {
    expect((await run.get(`/invites/${id}`)).body.status).toBe('queued');
    expect(await run.slackCalls()).toBe(0);
    await openLane(run);
    expect((await run.post(request, ASYNC)).status).toBe(202);
    expect(await untilSettled(run, id)).toMatchObject({ status: 'sent', attempts: 1 });
    await ended(id, 'SUCCEEDED', 1);
    const [first, second, ...others] = await executionsFor(run, id);
    expect(others).toEqual([]);
    expect(second?.name).not.toBe(first?.name);
    expect(await run.slackCalls()).toBe(1);
  };

  test('because somebody stopped it: the next ask starts the next generation', async () => {
    await delayLane(run, 3600);
    const request = newRequest();
    const { body } = await run.post(request, ASYNC);
    const [execution] = await executionsFor(run, body.id);
    await run.states('StopExecution', { executionArn: execution?.executionArn as string });
    await ended(body.id, 'ABORTED');
    await goesOnWith(request, body.id);
  });

  test('because its time was over: the next ask starts the next generation', async () => {
    await delayLane(run, 3600);
    const request = newRequest();
    const { body } = await run.post(request, ASYNC);
    await ended(body.id, 'TIMED_OUT');
    await goesOnWith(request, body.id);
  });
});
