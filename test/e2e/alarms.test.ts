import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Measured } from '../../infra/local/cloudwatch/alarm-state.ts';
import { countInvocations, createMetrics } from '../../infra/local/metrics.ts';
import { dashboards, type Search } from '../../infra/observability/dashboards.ts';
import { codeBlocksOf, read } from '../docs/markdown.ts';
import { alarmsOfTemplate, measuredOf, rang, rangDuring, sweepFor } from '../support/alarms.ts';
import { deliveryOf, withHeaders } from '../support/deliveries.ts';
import { killBusy } from '../support/functions-again.ts';
import { newcomer, untilInvited } from '../support/hr-events.ts';
import { insights } from '../support/insights.ts';
import { type Answer, CHANNEL, type LocalRun, startLocalRun } from '../support/local-run.ts';
import { ASYNC, delayLane, executionsOf, untilSettled } from '../support/queue.ts';

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

/** How long the tests' source `greenhouse-emea` may be silent, and a little more. */
const TOO_SILENT_HOURS = 72.5;

test('a day of ordinary traffic wakes nobody', async () => {
  run = await startLocalRun({ lifecycle: true, config: { ratePerMinute: 1200 } });
  const again = somebody();
  // Sent, repeated, accepted and connected; in the channel already.
  const first = await run.post(again);
  expect(first.status).toBe(201);
  expect((await run.post(again)).status).toBe(200);
  await run.sandbox('POST', `invites/${slackIdOf(first)}`, { action: 'accept' });
  const there = { channel: CHANNEL, emails: ['already.there@partner.example'] };
  expect((await run.post(there)).status).toBe(200);
  // Ends by the clock an hour from now.
  const expiring = await run.post(somebody());
  await endInAnHour(expiring.body.id);
  // Refused by the policy, wrong, and unknown.
  expect((await run.post({ ...somebody(), channel: 'C0NOWHERE99' })).status).toBe(403);
  expect((await run.post({ channel: CHANNEL, emails: ['a@stranger.example'] })).status).toBe(403);
  expect((await run.post({ channel: CHANNEL })).status).toBe(422);
  expect((await run.get(`/invites/inv1_${'B'.repeat(32)}`)).status).toBe(404);
  expect((await run.raw('{', { 'content-type': 'application/json' })).status).toBe(400);
  await run.task({ channel: CHANNEL });
  // Slack's 429.
  await run.sandbox('POST', 'faults', { error: 'ratelimited', times: 1, retry_after: 1 });
  expect((await run.post(somebody())).status).toBe(429);
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  // An HR system: accepted, delivered again, without an address, of no interest; and some strangers.
  const joiner = newcomer();
  const delivery = deliveryOf('greenhouse-emea', joiner);
  expect((await run.deliver(delivery)).status).toBe(200);
  expect((await run.deliver(delivery)).status).toBe(200);
  const nowhere = { ...newcomer(), email: '' };
  expect((await run.deliver(deliveryOf('greenhouse', nowhere))).status).toBe(200);
  for (let stranger = 0; stranger < 10; stranger += 1) await forged();
  await untilInvited(run, joiner.email);
  // A busy queue, one of whom is not wanted any more, while the sweep looks at it.
  await delayLane(run, 10);
  const queued: Answer[] = [];
  for (let one = 0; one < 30; one += 1) queued.push(await run.post(somebody(), ASYNC));
  expect(queued.map(({ status }) => status)).toEqual(Array(30).fill(202));
  const [unwanted, ...others] = queued.map(({ body }) => body.id).toReversed();
  expect((await run.remove(`/invites/${unwanted}`)).status).toBe(200);
  await sweepFor(run, 0);
  for (const id of others) expect((await untilSettled(run, id)).status).toBe('sent');
  await sweepFor(run, 24, { everyMinutes: 10 });
  // Its workflow waits five minutes for a newer policy; only the sweeps' clock ran ahead.
  const notHere = newcomer('stranger.example');
  expect((await run.deliver(deliveryOf('greenhouse', notHere))).status).toBe(200);
  await sweepFor(run, 0);

  expect((await run.get(`/invites/${first.body.id}`)).body.status).toBe('connected');
  expect((await run.get(`/invites/${expiring.body.id}`)).body.status).toBe('expired');
  const measured = await measuredOf(run);
  const most = (name: string) =>
    Math.max(...measured.filter((one) => one.name === name).flatMap(maximaOf));
  expect(most('QueueDepth')).toBeGreaterThan(20);
  expect(most('OldestWaiting')).toBeGreaterThan(0);
  for (const none of ['Blocked', 'Unended', 'SilentSources']) expect(most(none)).toBe(0);
  expect(await rangDuring(run)).toEqual([]);
  for (const { plots, tables } of Object.values(DASHBOARDS)) {
    const ours = plots.filter(({ searches }) => searches[0]?.namespace === 'SlackConnectInvites');
    const empty = ours.filter(({ searches }) => !searches.some((one) => isMeasured(one, measured)));
    expect(empty.map(({ title }) => title)).toEqual([]);
    for (const { query } of tables.filter(({ title }) => title !== 'Cold starts')) {
      expect(insights(query, run.lines).length, query).toBeGreaterThan(0);
    }
  }
  await run.close();
}, 180_000);

const DASHBOARDS = dashboards({ stack: 'SlackConnectInvites', functions: [] }, (name) => name);

const isMeasured = ({ metric, dimensions, where }: Search, measured: readonly Measured[]) =>
  measured.some(
    (series) =>
      series.name === metric &&
      Object.keys(series.dimensions).toSorted().join() === dimensions.toSorted().join() &&
      Object.entries(where).every(([name, value]) => series.dimensions[name] === value),
  );

const maximaOf = ({ points }: Measured): number[] => points.map(({ max }) => max);
const slackIdOf = ({ body }: Answer) => (body.slack as { invite_id: string }).invite_id;

const endInAnHour = async (id: unknown) => {
  const end = Date.now() + 3_600_000;
  await run.dynamo('UpdateItem', {
    Key: { pk: { S: `invite#${id}` } },
    UpdateExpression: 'SET expires_at = :end, reminded_at = :end, due_at = :at',
    ExpressionAttributeValues: {
      ':end': { S: new Date(end).toISOString() },
      ':at': { N: String(end) },
    },
  });
};

const forged = async () => {
  const unsigned = withHeaders(deliveryOf('greenhouse', newcomer()), { signature: undefined });
  expect((await run.deliver(unsigned)).status).toBe(401);
};

describe('a fault raises exactly its alarm, and the queries of its runbook find it:', () => {
  beforeEach(async () => {
    run = await startLocalRun();
    return () => run.close();
  });

  /** @param anchor of the runbook. @param empty the queries that find nothing for this fault. */
  const found = (anchor: string, empty: string[] = []) => {
    const queries = queriesOf(anchor);
    expect(queries.length).toBeGreaterThan(0);
    for (const query of queries) {
      const rows = insights(query, run.lines).length;
      if (empty.some((text) => query.includes(text))) expect(rows, query).toBe(0);
      else expect(rows, query).toBeGreaterThan(0);
    }
  };

  test('an answer of Slack that gets lost', async () => {
    await run.sandbox('POST', 'faults', { drop: 'after', times: 1 });
    expect((await run.post(somebody())).body).toMatchObject({ class: 'OutcomeUnknown' });
    await sweepFor(run, 2);
    expect(await rangDuring(run)).toEqual(['outcome-unknown']);
    found('outcome-unknown');
  });

  test('a token that was revoked, at the door', async () => {
    await run.putToken('xoxb-local-acme-revoked');
    expect((await run.post(somebody())).body).toMatchObject({ class: 'SlackCredentials' });
    await sweepFor(run, 2);
    expect(await rangDuring(run)).toEqual(['mendable-failures']);
    found('mendable-failures', ['unexpected_error']);
  });

  test('a token that was revoked, in the queue', async () => {
    await run.putToken('xoxb-local-acme-revoked');
    expect((await run.post(somebody(), ASYNC)).status).toBe(202);
    await vi.waitFor(async () => expect(await blockOf()).toBeDefined(), 15_000);
    await sweepFor(run, 2);
    expect(await rangDuring(run)).toEqual(['blocked']);
    found('blocked');
  });

  test('a request that waits for longer than it should', async () => {
    await delayLane(run, 600);
    expect((await run.post(somebody(), ASYNC)).status).toBe(202);
    await sweepFor(run, 7);
    expect(await rangDuring(run)).toEqual(['waits-too-long']);
    found('waits-too-long', ['lane-ticket']);
  });

  test('executions that end before what they are to do, again and again', async () => {
    await delayLane(run, 3_600);
    expect((await run.post(somebody(), ASYNC)).status).toBe(202);
    for (let quarter = 0; quarter < 5; quarter += 1) {
      for (const { executionArn } of await executionsOf(run, 'RUNNING')) {
        await run.states('StopExecution', { executionArn });
      }
      await sweepFor(run, 1 / 6, { from: quarter / 4 });
    }
    expect(await rangDuring(run)).toEqual(['unended']);
    found('unended', ['sweep_failed']);
  });

  test('an execution that ended too early, once, is mended before anybody is woken', async () => {
    await delayLane(run, 3_600);
    expect((await run.post(somebody(), ASYNC)).status).toBe(202);
    const [{ executionArn } = {}] = await executionsOf(run, 'RUNNING');
    await run.states('StopExecution', { executionArn });
    await sweepFor(run, 2);
    const unended = (await measuredOf(run)).find(({ name }) => name === 'Unended');
    expect(Math.max(...(unended ? maximaOf(unended) : []))).toBe(1);
    expect(await rangDuring(run)).toEqual([]);
  });

  test('a sweep that does not run', async () => {
    await sweepFor(run, 1);
    await sweepFor(run, 1, { from: 2 });
    expect(await rangDuring(run)).toEqual(['unended']);
  });

  test('an HR system that has stopped sending', async () => {
    const joiner = newcomer();
    expect((await run.deliver(deliveryOf('greenhouse-emea', joiner))).status).toBe(200);
    await untilInvited(run, joiner.email);
    await sweepFor(run, 1, { from: TOO_SILENT_HOURS - 2 });
    expect(await rangDuring(run)).toEqual([]);
    await sweepFor(run, 1, { from: TOO_SILENT_HOURS - 1 });
    expect(await rangDuring(run)).toEqual(['source-silent']);
    found('source-silent');
  });

  test('a hundred forged deliveries within an hour', async () => {
    for (let stranger = 0; stranger < 100; stranger += 1) await forged();
    expect(await rangDuring(run)).toEqual(['deliveries-refused']);
    found('deliveries-refused', ['slack_event_refused']);
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

const blockOf = async () => {
  const Key = { pk: { S: 'block#conversations.inviteShared' } };
  return (await run.dynamo('GetItem', { Key, ConsistentRead: true })).Item;
};

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
