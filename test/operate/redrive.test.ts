import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { redrive as redriveCommand } from '../../infra/operate/redrive.ts';
import { deliveryOf } from '../support/deliveries.ts';
import { eventRecords, mailsTo, newcomer, newestRecord, untilIdle } from '../support/hr-events.ts';
import { CHANNEL, type LocalRun, startLocalRun } from '../support/local-run.ts';
import { operate } from '../support/operated.ts';
import { ASYNC, untilSettled } from '../support/queue.ts';

let run: LocalRun;
beforeAll(async () => {
  run = await startLocalRun();
});
afterAll(() => run.close());

const redrive = (...args: string[]) => operate(run, redriveCommand, ...args);

let people = 0;
const newEmail = () => `redriven.${++people}@partner.example`;
const queue = async (emails: string) => (await run.post({ channel: CHANNEL, emails }, ASYNC)).body;
const failWith = async (error: string) => {
  await run.sandbox('POST', 'faults', { error, times: 1 });
  const email = newEmail();
  const { id } = await queue(email);
  expect(await untilSettled(run, id)).toMatchObject({ status: 'failed', error: { code: error } });
  return { id: String(id), email };
};

describe('requests that failed', () => {
  test('are shown with their ids, and sent with --yes, by class, code and time', async () => {
    const refused = await failWith('not_in_channel');
    const other = await failWith('restricted_action');
    const wanted = ['--class', 'SlackRefused', '--code', 'not_in_channel'];

    const shown = await redrive(...wanted);
    expect(shown.code).toBe(0);
    expect(shown.output).toContain(`sent again: 1\n  ${refused.id} SlackRefused not_in_channel`);
    expect(shown.output).toContain('Nothing was changed. Add --yes');
    expect(shown.output).not.toContain(other.id);
    expect(await mailsTo(run, refused.email)).toBe(0);

    const later = await redrive(...wanted, '--since', '2099-01-01', '--yes');
    expect(later).toEqual({ code: 0, output: 'Nothing there is to be sent again.\n' });

    const sent = await redrive(...wanted, '--since', '2020-01-01T00:00:00Z', '--yes');
    expect(sent.output).toContain('Sent again: 1 of 1');
    expect(await untilSettled(run, refused.id)).toMatchObject({ status: 'sent' });
    expect(await mailsTo(run, refused.email)).toBe(1);
    expect((await run.get(`/invites/${other.id}`)).body.status).toBe('failed');

    expect((await redrive(...wanted, '--yes')).output).toBe('Nothing there is to be sent again.\n');
    expect(await mailsTo(run, refused.email)).toBe(1);
  });
});

describe('requests behind a block', () => {
  test('all wake at once, once the token is good', async () => {
    await run.sandbox('POST', 'faults', { error: 'token_revoked' });
    const [one, two] = [newEmail(), newEmail()];
    const ids = [(await queue(one)).id, (await queue(two)).id];
    const blocked = async () => (await run.get(`/invites/${ids[1]}`)).body.error;
    await expect.poll(blocked, { timeout: 15_000 }).toMatchObject({ code: 'token_revoked' });
    await run.sandbox('DELETE', 'faults');

    const shown = await redrive('--class', 'SlackCredentials');
    expect(shown.output).toMatch(
      /blocked since .*: SlackCredentials token_revoked\nRequests that wait and would be tried at once: 2/,
    );
    for (const id of ids) expect(shown.output).toContain(String(id));
    expect((await redrive('--class', 'SlackCredentials', '--yes')).output).toContain('2 of 2');
    for (const id of ids) expect(await untilSettled(run, id)).toMatchObject({ status: 'sent' });
    for (const email of [one, two]) expect(await mailsTo(run, email)).toBe(1);
  });
});

describe('an HR event that failed', () => {
  const makeFail = async (more: object) => {
    const person = newcomer();
    await run.deliver(deliveryOf('greenhouse', person));
    await untilIdle(run);
    const { invite, generation, ...record } = await newestRecord(run);
    const error = { M: { class: { S: 'Unavailable' }, code: { S: 'queue_lapsed' } } };
    await run.dynamo('PutItem', { Item: { ...record, status: { S: 'failed' }, error, ...more } });
    await run.dynamo('DeleteItem', { Key: { pk: { S: `invite#${invite?.S}` } } });
    await run.sandbox('POST', 'reset');
    return { person, id: String(record.pk?.S).slice('event#'.length) };
  };
  const statusOf = async (id: string) =>
    (await eventRecords(run)).find(({ pk }) => pk?.S === `event#${id}`)?.status?.S;

  test('begins anew while its invitation is kept, and is named where it is not', async () => {
    const lost = await makeFail({});
    const email = 'redriven.event@partner.example';
    const terms = { channel: { S: CHANNEL }, external_limited: { BOOL: true } };
    const kept = await makeFail({ invitation: { M: { ...terms, email: { S: email } } } });

    const { output } = await redrive('--class', 'Unavailable', '--yes');
    expect(output).toContain(`HR events that failed and would be tried again: 1\n  ${kept.id}`);
    expect(output).toMatch(new RegExp(`Not by this command[^:]*: 1\n {2}${lost.id}`));
    expect(output).toContain('Sent again: 1 of 1');
    await expect.poll(() => mailsTo(run, email), { timeout: 15_000 }).toBe(1);
    await expect.poll(() => statusOf(kept.id), { timeout: 15_000 }).toBe('sent');
    expect(await statusOf(lost.id)).toBe('failed');
  });
});

test.each([
  [[], 'Missing: --class'],
  [['--class', 'SlackCredential'], 'did you mean SlackCredentials?'],
  [['--class', 'OutcomeUnknown'], 'those invitations may be out'],
  [['--class', 'Defect', '--code', 'No Token'], '--code must be a code'],
  [['--class', 'Defect', '--since', 'yesterday'], '--since must be a date'],
  [['--class', 'Defect', '--since', '2026-02-30'], '--since must be a date'],
])('%j is refused in words', async (args, words) => {
  const { code, output } = await redrive(...args);
  expect(code).toBe(1);
  expect(output).toContain(words);
});
