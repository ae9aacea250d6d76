import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  deliveryOf,
  forgeries,
  oktaDelivery,
  oktaEvent,
  signedDelivery,
  withHeaders,
} from '../support/deliveries.ts';
import {
  comesToNothing,
  counted,
  eventExecutions,
  invitesOnce,
  mailsTo,
  makeOlder,
  newcomer,
  newestRecord,
  untilIdle,
  untilInvited,
} from '../support/hr-events.ts';
import { type LocalRun, startLocalRun } from '../support/local-run.ts';

let run: LocalRun;
beforeAll(async () => {
  run = await startLocalRun();
});
afterAll(() => run.close());

const MINUTE = 60_000;
const BINARY_TYPE = { 'content-type': 'application/octet-stream' };

/** What the door counted last. */
const results = () => counted(run.lines).at(-1)?.slice(1);

describe('what is signed and cannot be read is answered by 400:', () => {
  test.each([
    ['no JSON', 'invalid_json', '{"action":'],
    ['nothing', 'invalid_json', ''],
    ['a number', 'not_an_object', '7'],
    ['JSON a hundred deep', 'too_deep', `${'{"a":'.repeat(100)}1${'}'.repeat(100)}`],
    ['lists fifty thousand deep', 'too_deep', '['.repeat(50_000)],
  ])('%s', async (_, message, body) => {
    const answer = await comesToNothing(run, signedDelivery('greenhouse', body));
    expect(answer).toEqual({ status: 400, body: JSON.stringify({ message }) });
  });

  test('bytes that are no UTF-8', async () => {
    const body = Buffer.from('{"action":"hire_candidate","name":"\xff"}', 'latin1');
    const delivery = withHeaders(signedDelivery('greenhouse', body), BINARY_TYPE);
    const answer = await comesToNothing(run, delivery);
    expect(answer).toEqual({ status: 400, body: '{"message":"invalid_utf8"}' });
  });
});

describe('what asks for nothing is answered by 200, and counted:', () => {
  const joined = { event: 'contractor.joined', email: 'polluted@partner.example' };

  test.each([
    ['an event that no rule takes', { event: 'contractor.left', email: 'x@partner.example' }],
    ['an event of somebody without an address', { event: 'contractor.joined' }],
    ['an event of somebody whose address is null', { ...joined, email: null }],
    ['a list in a list', [[joined, joined]]],
  ])('%s', async (_, payload) => {
    const answer = await comesToNothing(run, signedDelivery('generic', JSON.stringify(payload)));
    expect(answer.status).toBe(200);
    expect(results()).toEqual(['ignored', 1]);
  });

  test('fields that only a __proto__ or a constructor has', async () => {
    const inner = JSON.stringify(joined);
    const body = `{"__proto__":${inner},"constructor":{"prototype":${inner}}}`;
    expect((await comesToNothing(run, signedDelivery('generic', body))).status).toBe(200);
    expect(results()).toEqual(['ignored', 1]);
    // Nor does what comes afterwards inherit them.
    expect((await comesToNothing(run, signedDelivery('generic', '{}'))).status).toBe(200);
    expect(results()).toEqual(['ignored', 1]);
  });
});

describe('one invitation comes of', () => {
  test('a genuine signature among ten', async () => {
    const person = newcomer();
    const delivery = deliveryOf('svix', person);
    const all = [...forgeries(9), String(delivery.headers['svix-signature'])].join(' ');
    await invitesOnce(run, withHeaders(delivery, { 'svix-signature': all }));
    await untilInvited(run, person.email);
  });

  test('a replay within the window', async () => {
    const delivery = deliveryOf('standard-webhooks', newcomer(), Date.now() - 4 * MINUTE);
    await invitesOnce(run, delivery, delivery, delivery);
    expect(results()).toEqual(['duplicate', 1]);
  });

  test('a replay after the window, which is refused', async () => {
    const person = newcomer();
    await invitesOnce(run, deliveryOf('standard-webhooks', person));
    const late = deliveryOf('standard-webhooks', person, Date.now() - 6 * MINUTE);
    expect((await comesToNothing(run, late)).status).toBe(401);
  });

  test('a replay of what has no window, after a year', async () => {
    const delivery = deliveryOf('deel', newcomer());
    await invitesOnce(run, delivery);
    await makeOlder(run, await newestRecord(run), 365 * 24 * 3600);
    expect((await comesToNothing(run, delivery)).status).toBe(200);
    expect(results()).toEqual(['duplicate', 1]);
  });

  test('the same delivery twenty times at once', async () => {
    const person = newcomer();
    const delivery = deliveryOf('merge', person);
    const executions = (await eventExecutions(run)).length;
    // Once more after a 5xx, as senders do: on a busy machine the table may be too slow for twenty.
    const deliver = async (): Promise<number> => {
      const { status } = await run.deliver(delivery);
      return status < 500 ? status : deliver();
    };
    const statuses = await Promise.all(Array.from({ length: 20 }, deliver));
    expect(new Set(statuses)).toEqual(new Set([200]));
    await untilIdle(run);
    expect((await eventExecutions(run)).length).toBe(executions + 1);
    expect(await mailsTo(run, person.email)).toBe(1);
  });

  test('a body that its sender marks as binary, which the gateway delivers in base64', async () => {
    await invitesOnce(run, withHeaders(deliveryOf('merge', newcomer()), BINARY_TYPE));
  });

  test('a form', async () => {
    const { email } = newcomer();
    const body = new URLSearchParams({ event: 'contractor.joined', email }).toString();
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    await invitesOnce(run, withHeaders(signedDelivery('generic', body), type));
    await untilInvited(run, email);
  });
});

describe('several events of one delivery', () => {
  test('become an invitation each', async () => {
    const people = [newcomer(), newcomer(), newcomer()];
    const events = people.map((person) => oktaEvent(person));
    expect((await run.deliver(oktaDelivery('okta', events))).status).toBe(200);
    expect(results()).toEqual(['accepted', 3]);
    for (const { email } of people) await untilInvited(run, email);
  });

  test('are more than a thousand, after an import: the one that a rule takes goes out', async () => {
    const person = newcomer();
    const others = Array.from({ length: 1999 }, (_, index) => ({
      uuid: `other-${index}`,
      eventType: 'user.session.start',
    }));
    const start = run.lines.length;
    const delivery = oktaDelivery('okta', [...others, oktaEvent(person)]);
    expect((await run.deliver(delivery)).status).toBe(200);
    expect(counted(run.lines.slice(start))).toHaveLength(2);
    expect(counted(run.lines.slice(start))).toEqual(
      expect.arrayContaining([
        ['okta', 'accepted', 1],
        ['okta', 'ignored', 1999],
      ]),
    );
    await untilInvited(run, person.email);
  });

  test('of which ten keep a rule busy beyond its time: the others are all taken', async () => {
    const slow = Array.from({ length: 10 }, () => oktaEvent(newcomer(), `${'a'.repeat(60)}!`));
    const quick = [newcomer(), newcomer(), newcomer()];
    const events = [...slow, ...quick.map((person) => oktaEvent(person, 'Robin Quillon'))];
    const start = run.lines.length;
    expect((await run.deliver(oktaDelivery('okta-names', events))).status).toBe(200);
    expect(counted(run.lines.slice(start))).toEqual(
      expect.arrayContaining([
        ['okta-names', 'accepted', 3],
        ['okta-names', 'ignored', 10],
      ]),
    );
    for (const { email } of quick) await untilInvited(run, email);
  });

  test('one of which keeps a rule busy beyond its time: the others go out', async () => {
    const [slow, quick] = [newcomer(), newcomer()];
    const start = run.lines.length;
    const events = [oktaEvent(slow, `${'a'.repeat(60)}!`), oktaEvent(quick, 'Robin Quillon')];
    expect((await run.deliver(oktaDelivery('okta-names', events))).status).toBe(200);
    await untilInvited(run, quick.email);
    await untilIdle(run);
    expect(await mailsTo(run, slow.email)).toBe(0);

    const lines = run.lines.slice(start);
    const named = lines.filter((line) => line.includes('"expression_failed"'));
    expect(named.map((line) => JSON.parse(line).message)).toEqual([
      {
        event: 'expression_failed',
        source: 'okta-names',
        rule: 0,
        field: 'when',
        reason: 'time_limit',
        count: 1,
      },
    ]);
    expect(counted(lines)).toHaveLength(2);
    expect(counted(lines)).toEqual(
      expect.arrayContaining([
        ['okta-names', 'ignored', 1],
        ['okta-names', 'accepted', 1],
      ]),
    );
    const failed = lines.find((line) => line.includes('"FailedExpressions"'));
    expect(JSON.parse(failed ?? '{}')).toMatchObject({
      source: 'okta-names',
      FailedExpressions: 1,
    });
  });
});
