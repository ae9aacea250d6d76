import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROBE_MS } from '../../functions/lib/times.ts';
import { deliveryOf } from '../support/deliveries.ts';
import { eventRecords, mailsTo, newcomer } from '../support/hr-events.ts';
import { CHANNEL, type LocalRun, startLocalRun, TOKEN } from '../support/local-run.ts';
import { ASYNC } from '../support/queue.ts';

/** Who waits looks again within a second; when a probe is due says the block. */
const restless = (template: string): string =>
  template.replaceAll(
    String.raw`\"Seconds\":\"{% $states.input.retry_after %}\"`,
    String.raw`\"Seconds\":1`,
  );

const BLOCK = { Key: { pk: { S: 'block#conversations.inviteShared' } } };

let run: LocalRun;
beforeAll(async () => {
  run = await startLocalRun({ edit: restless });
});
afterAll(() => run.close());

const block = async () =>
  (await run.dynamo('GetItem', { ...BLOCK, ConsistentRead: true })).Item as
    | Record<string, { S?: string; N?: string }>
    | undefined;
/** The minute until the next probe is over. */
const passInterval = async () => {
  const probedAt = Number((await block())?.probed_at?.N);
  await run.dynamo('UpdateItem', {
    ...BLOCK,
    UpdateExpression: 'SET probed_at = :then',
    ExpressionAttributeValues: { ':then': { N: String(probedAt - PROBE_MS) } },
  });
};
const statusesOf = async () => (await eventRecords(run)).map(({ status }) => status?.S);

describe('without a token', () => {
  const people = [1, 2, 3].map((n) => `blocked.${n}@partner.example`);
  const hired = [newcomer(), newcomer()];
  const everybody = [...people, ...hired.map(({ email }) => email)];
  let ids: unknown[];

  test('requests are queued and HR events taken, and nothing ends', async () => {
    await run.putToken('a random string, as CloudFormation makes it');
    const answers = await Promise.all(
      people.map((emails) => run.post({ channel: CHANNEL, emails }, ASYNC)),
    );
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    ids = answers.map(({ body }) => body.id);
    for (const person of hired) {
      expect((await run.deliver(deliveryOf('greenhouse', person))).status).toBe(200);
    }
    await expect.poll(statusesOf, { timeout: 15_000 }).toEqual(['queued', 'queued']);
    await expect.poll(block, { timeout: 15_000 }).toMatchObject({ code: { S: 'no_token' } });
  });

  test('each of them says what it waits for, and whom to call', async () => {
    for (const id of ids) {
      const { body } = await run.get(`/invites/${id}`);
      expect(body).toMatchObject({
        status: 'queued',
        attempts: 0,
        error: {
          class: 'SlackCredentials',
          code: 'no_token',
          detail: expect.stringMatching(/token.*The operator of this deployment has to do that\.$/),
        },
      });
    }
  });

  test('so they do in a list, and to the same request again; none of them says when its turn comes', async () => {
    const { body } = await run.get('/invites?status=queued');
    const waiting = body.invites as Record<string, unknown>[];
    expect(waiting.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
    const [emails] = people;
    const again = await run.post({ channel: CHANNEL, emails }, ASYNC);
    expect(again.status).toBe(202);
    for (const invite of [...waiting, again.body]) {
      expect(invite).toMatchObject({ status: 'queued', error: { code: 'no_token' } });
      expect(invite).not.toHaveProperty('expected_at');
      expect(invite).not.toHaveProperty('place');
    }
  });

  test('one of them at a time tries, once in an interval', async () => {
    const probes = () =>
      run.lines.filter((line) => line.startsWith('{"_aws"') && line.includes('"no_token"')).length;
    const looks = () => run.lines.filter((line) => line.includes('"Blocked"')).length;
    const [before, looked] = [probes(), looks()];
    await passInterval();
    await expect.poll(probes, { timeout: 15_000 }).toBe(before + 1);
    const since = looks();
    await expect.poll(looks, { timeout: 30_000 }).toBeGreaterThan(since + 5);
    expect(since).toBeGreaterThan(looked);
    expect(probes()).toBe(before + 1);
  });

  test('a token that is put in sends all five, without anybody asking again', async () => {
    await run.putToken(TOKEN);
    await passInterval();
    for (const email of everybody) {
      await expect.poll(() => mailsTo(run, email), { timeout: 30_000 }).toBe(1);
    }
    expect(await run.slackCalls()).toBe(5);
    expect(await block()).toBeUndefined();
    await expect.poll(statusesOf, { timeout: 15_000 }).toEqual(['sent', 'sent']);
    for (const id of ids) expect((await run.get(`/invites/${id}`)).body.status).toBe('sent');
  });
});
