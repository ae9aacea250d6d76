import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CHANNEL, type LocalRun, startLocalRun } from '../support/local-run.ts';
import { ASYNC, delayLane, executionsFor, openLane, untilSettled } from '../support/queue.ts';

let run: LocalRun;
beforeAll(async () => {
  run = await startLocalRun();
});
afterAll(() => run.close());
beforeEach(async () => {
  await run.sandbox('POST', 'reset');
  await openLane(run);
});

let people = 0;
const newRequest = (more: object = {}) => ({
  channel: CHANNEL,
  emails: [`patient.${++people}@partner.example`],
  ...more,
});

describe('an ask that can wait', () => {
  test('is 202 with its place, then queued, then what became of it', async () => {
    await run.get('/invites'); // a cold start takes its time
    await delayLane(run, 5);
    const { status, headers, body } = await run.post(newRequest({ reference: 'ticket-1' }), ASYNC);
    expect(status).toBe(202);
    expect(headers.get('location')).toBe(`/invites/${body.id}`);
    expect(headers.get('preference-applied')).toBe('respond-async');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toMatchObject({ status: 'queued', attempts: 0, reference: 'ticket-1' });

    const { place, expected_at, ...shown } = (await run.get(`/invites/${body.id}`)).body;
    const { place: _, expected_at: foreseen, ...told } = body;
    expect(shown).toEqual(told);
    expect(place).toBeGreaterThan(1);
    for (const time of [expected_at, foreseen]) {
      expect(Math.abs(Date.parse(String(time)) - Date.parse(String(body.created_at)))).toBeLessThan(
        6000,
      );
    }
    expect(await run.slackCalls()).toBe(0);

    expect(await untilSettled(run, body.id)).toMatchObject({
      status: 'sent',
      attempts: 1,
      reference: 'ticket-1',
      source: body.source,
      created_at: body.created_at,
    });
    expect(await run.slackCalls()).toBe(1);
  });

  test('shows the error that it ended with', async () => {
    await run.sandbox('POST', 'faults', { error: 'channel_archived', times: 1 });
    const { body } = await run.post(newRequest(), ASYNC);
    expect(await untilSettled(run, body.id)).toMatchObject({
      status: 'failed',
      error: { class: 'Conflict', code: 'channel_archived' },
    });
    await expect.poll(async () => (await executionsFor(run, body.id))[0]?.status).toBe('FAILED');
  });

  test('is answered at once where nothing is to be sent', async () => {
    const request = newRequest();
    await run.post(request);
    const { status, headers, body } = await run.post(request, ASYNC);
    expect([status, body.status]).toEqual([200, 'sent']);
    expect(headers.get('preference-applied')).toBeNull();
    expect(await executionsFor(run, body.id)).toEqual([]);
  });

  test('is refused with external_limited=false, whose url nobody would get', async () => {
    const { status, body } = await run.post(newRequest({ external_limited: false }), ASYNC);
    expect(status).toBe(422);
    expect(body.errors).toEqual([
      { field: 'external_limited', detail: expect.stringContaining('must not be false') },
    ]);
  });

  test('is refused by the policy at the door', async () => {
    const { status, body } = await run.post(newRequest({ emails: 'x@elsewhere.example' }), ASYNC);
    expect([status, body.code]).toEqual([403, 'email_domain_not_allowed']);
  });

  test('asked again while it waits is 202 by every door, with resend or without, and goes out once', async () => {
    await delayLane(run, 8);
    const request = newRequest();
    const { body } = await run.post(request, ASYNC);
    for (const [more, headers] of [
      [{}, ASYNC],
      [{}, {}],
      [{ resend: 0 }, {}],
    ]) {
      const again = await run.post({ ...request, ...more }, headers as Record<string, string>);
      expect([again.status, again.body.status]).toEqual([202, 'queued']);
      expect(again.headers.get('location')).toBe(`/invites/${body.id}`);
    }
    expect((await run.post({ ...request, resend: 7 }, ASYNC)).body.code).toBe('resend_ahead');
    expect((await run.task(request)).payload).toMatchObject({ id: body.id, status: 'queued' });
    await untilSettled(run, body.id);
    expect(await run.slackCalls()).toBe(1);
    expect(await executionsFor(run, body.id)).toHaveLength(1);
  });

  test('a resend of a live invite waits too, and is carried out once', async () => {
    const request = newRequest();
    await run.post(request);
    const { status, body } = await run.post({ ...request, resend: 1 }, ASYNC);
    expect([status, body.status, body.attempts]).toEqual([202, 'queued', 1]);
    expect(await untilSettled(run, body.id)).toMatchObject({ status: 'sent', attempts: 2 });
    expect((await run.post({ ...request, resend: 1 }, ASYNC)).status).toBe(200);
    expect(await run.slackCalls()).toBe(2);
  });

  test("waits out Slack's 429 and goes out afterwards", async () => {
    await run.sandbox('POST', 'faults', { status: 429, retry_after: 2, times: 1 });
    const { body } = await run.post(newRequest(), ASYNC);
    expect(await untilSettled(run, body.id)).toMatchObject({ status: 'sent', attempts: 1 });
    expect(await run.slackCalls()).toBe(2);
    await run.dynamo('DeleteItem', { Key: { pk: { S: 'gate#conversations.inviteShared' } } });
  });
});

describe('the history of an execution', () => {
  test('holds ids, states and codes: no address, url, reference or caller', async () => {
    const faults = [{ error: 'not_in_channel' }, { error: 'internal_error' }];
    const ids = [(await run.post(newRequest({ reference: 'secret-ticket' }), ASYNC)).body.id];
    await untilSettled(run, ids[0]);
    for (const fault of faults) {
      await run.sandbox('POST', 'faults', { ...fault, times: 1 });
      const { body } = await run.post(newRequest({ reference: 'secret-ticket' }), ASYNC);
      await untilSettled(run, body.id);
      ids.push(body.id);
    }
    for (const id of ids) {
      const [execution] = await executionsFor(run, id);
      const { executionArn } = execution as { executionArn: string };
      await expect.poll(async () => (await executionsFor(run, id))[0]?.status).not.toBe('RUNNING');
      const described = await run.states('DescribeExecution', { executionArn });
      const generation = Number(execution?.name.split('-').at(-1));
      expect(JSON.parse(String(described.input))).toEqual({ id, generation });
      const history = await run.states('GetExecutionHistory', { executionArn });
      expect((history.events as object[]).length).toBeGreaterThan(8);
      const all = JSON.stringify([described, history]);
      for (const secret of [
        'partner.example',
        'patient',
        'secret-ticket',
        'user/local',
        'https://join',
      ]) {
        expect(all).not.toContain(secret);
      }
    }
  });
});

describe('the task door', () => {
  test('puts an ask into the queue for a caller who starts the workflow', async () => {
    const request = newRequest();
    const { payload } = await run.task({ ...request, queue: true });
    const execution = payload.execution as { name: string; input: object };
    expect(payload).toEqual({ id: payload.id, status: 'queued', execution });
    expect(execution.name).toBe(
      `${payload.id}-${(execution.input as { generation: number }).generation}`,
    );
    expect(await executionsFor(run, payload.id)).toEqual([]);
    expect((await run.get(`/invites/${payload.id}`)).body.status).toBe('queued');

    // Whoever asks for the same starts it.
    expect((await run.post(request)).status).toBe(202);
    expect(await untilSettled(run, payload.id)).toMatchObject({ status: 'sent' });
    expect((await run.task({ ...request, queue: true })).payload).toEqual({
      id: payload.id,
      status: 'sent',
    });
  });

  test('never sends for an execution of an older generation', async () => {
    await delayLane(run, 60);
    const { body } = await run.post(newRequest(), ASYNC);
    const { functionError, payload } = await run.turn({
      id: body.id,
      generation: 1,
      not_before: new Date().toISOString(),
    });
    expect(functionError).toBe('Unhandled');
    expect(payload).toMatchObject({ errorType: 'Conflict' });
    expect(String(payload.errorMessage)).toContain('"superseded"');
    expect(await run.slackCalls()).toBe(0);
  });
});
