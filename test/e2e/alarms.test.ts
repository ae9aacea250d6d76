import { beforeEach, describe, expect, test } from 'vitest';
import { countInvocations, createMetrics } from '../../infra/local/metrics.ts';
import { codeBlocksOf, read } from '../docs/markdown.ts';
import { alarmsOfTemplate, measuredOf, rang, rangDuring } from '../support/alarms.ts';
import { deliveryOf, withHeaders } from '../support/deliveries.ts';
import { killBusy } from '../support/functions-again.ts';
import { newcomer, untilInvited } from '../support/hr-events.ts';
import { insights } from '../support/insights.ts';
import { CHANNEL, type LocalRun, startLocalRun } from '../support/local-run.ts';

const ALARMS = await alarmsOfTemplate();

/** The queries under a heading of the runbook. */
const queriesOf = (anchor: string): string[] => {
  const text = read('docs/runbook.md');
  const from = text.indexOf(`## ${anchor}\n`);
  const to = text.indexOf('\n## ', from + 1);
  return codeBlocksOf(text.slice(from, to < 0 ? undefined : to), '');
};

let run: LocalRun;
let people = 0;
const somebody = () => ({ channel: CHANNEL, emails: [`somebody.${++people}@partner.example`] });

test('a day of ordinary traffic wakes nobody', async () => {
  run = await startLocalRun();
  const again = somebody();
  // Sent, repeated, queued, and in the channel already.
  expect((await run.post(again)).status).toBe(201);
  expect((await run.post(again)).status).toBe(200);
  expect((await run.post(somebody(), { prefer: 'respond-async' })).status).toBe(202);
  const there = { channel: CHANNEL, emails: ['already.there@partner.example'] };
  expect((await run.post(there)).status).toBe(200);
  // Refused by the policy, wrong, and unknown.
  expect((await run.post({ ...somebody(), channel: 'C0NOWHERE99' })).status).toBe(403);
  expect((await run.post({ channel: CHANNEL, emails: ['a@stranger.example'] })).status).toBe(403);
  expect((await run.post({ channel: CHANNEL })).status).toBe(422);
  expect((await run.get(`/invites/inv1_${'B'.repeat(32)}`)).status).toBe(404);
  expect((await run.raw('{', { 'content-type': 'application/json' })).status).toBe(400);
  await run.task({ channel: CHANNEL });
  // Slack's 429, and a refusal that is about the person.
  await run.sandbox('POST', 'faults', { error: 'ratelimited', times: 1, retry_after: 1 });
  expect((await run.post(somebody())).status).toBe(429);
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  // An HR system: accepted, delivered again, of no interest; and some strangers.
  const joiner = newcomer();
  const delivery = deliveryOf('greenhouse', joiner);
  expect((await run.deliver(delivery)).status).toBe(200);
  expect((await run.deliver(delivery)).status).toBe(200);
  for (let stranger = 0; stranger < 10; stranger += 1) {
    const forged = withHeaders(deliveryOf('greenhouse', newcomer()), { signature: undefined });
    expect((await run.deliver(forged)).status).toBe(401);
  }
  await untilInvited(run, joiner.email);
  await expect.poll(() => run.slackCalls()).toBeGreaterThanOrEqual(4);

  const measured = await measuredOf(run);
  expect(measured.find(({ name }) => name === 'Invites')).toBeDefined();
  expect(await rangDuring(run)).toEqual([]);
  await run.close();
});

describe('a fault raises exactly its alarm, and the queries of its runbook find it:', () => {
  beforeEach(async () => {
    run = await startLocalRun();
    return () => run.close();
  });

  const found = (anchor: string) => {
    for (const query of queriesOf(anchor)) {
      if (query.includes('unexpected_error')) expect(insights(query, run.lines)).toEqual([]);
      else expect(insights(query, run.lines).length, query).toBeGreaterThan(0);
    }
  };

  test('an answer of Slack that gets lost', async () => {
    await run.sandbox('POST', 'faults', { drop: 'after', times: 1 });
    expect((await run.post(somebody())).body).toMatchObject({ class: 'OutcomeUnknown' });
    expect(await rangDuring(run)).toEqual(['outcome-unknown']);
    found('outcome-unknown');
  });

  test('a token that was revoked', async () => {
    await run.putToken('xoxb-local-acme-revoked');
    expect((await run.post(somebody())).body).toMatchObject({ class: 'SlackCredentials' });
    expect(await rangDuring(run)).toEqual(['mendable-failures']);
    found('mendable-failures');
  });

  test('a hundred forged deliveries within an hour', async () => {
    const forged = () =>
      withHeaders(deliveryOf('greenhouse', newcomer()), { signature: undefined });
    for (let stranger = 0; stranger < 100; stranger += 1) await run.deliver(forged());
    expect(await rangDuring(run)).toEqual(['deliveries-refused']);
    found('deliveries-refused');
  });

  test('a process that dies', async () => {
    await run.sandbox('POST', 'faults', { hang: true, times: 1 });
    const answer = run.post(somebody());
    await expect.poll(() => run.slackCalls(), { timeout: 10_000 }).toBe(1);
    killBusy(run.stack.lambda, 'SlackConnectInvites-invite-api');
    expect((await answer).status).toBe(500);
    expect(await rangDuring(run)).toEqual(['functions-fail']);
  });

  test('a token of the kind that ends says for how long it is good, and rings only at the end', async () => {
    await run.putToken('xoxe.xoxb-local-acme-invites');
    expect((await run.post(somebody())).status).toBe(201);
    const life = (await measuredOf(run)).find(({ name }) => name === 'TokenLife');
    expect(life?.points[0]?.min).toBeGreaterThan(11.9 * 3600);
    expect(await rangDuring(run)).toEqual([]);
  });
});

describe('from what was measured rings', () => {
  const metrics = () => {
    const created = createMetrics();
    return { ...created, rang: () => rang(ALARMS, created.all()) };
  };
  const record = (name: string, unit: string, value: unknown) =>
    JSON.stringify({
      _aws: {
        Timestamp: Date.now(),
        CloudWatchMetrics: [
          {
            Namespace: 'SlackConnectInvites',
            Dimensions: [['stack']],
            Metrics: [{ Name: name, Unit: unit }],
          },
        ],
      },
      stack: 'SlackConnectInvites',
      [name]: value,
    });

  test('a token with less than two hours left', () => {
    const measured = metrics();
    measured.read(record('TokenLife', 'Seconds', 7_000), 'SlackConnectInvites-invite-api');
    expect(measured.rang()).toEqual(['token-ends']);
  });

  test('a record that CloudWatch could not read', () => {
    const measured = metrics();
    const unreadable = ALARMS.find(({ name }) => name.endsWith('metrics-unreadable'));
    const group = unreadable?.series[0]?.dimensions.LogGroupName as string;
    measured.read(record('TokenLife', 'Seconds', 'long'), group);
    expect(measured.rang()).toEqual(['metrics-unreadable']);
  });

  test('an invocation for which there was no room', async () => {
    const measured = metrics();
    const full = Object.assign(new Error('Rate Exceeded.'), { name: 'TooManyRequestsException' });
    const lambda = { invoke: () => Promise.reject(full) } as never;
    const { invoke } = countInvocations(lambda, measured);
    await expect(invoke('SlackConnectInvites-invite-api', '{}')).rejects.toThrow(full);
    expect(measured.rang()).toEqual(['throttled']);
  });
});
