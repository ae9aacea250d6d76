import { afterAll, beforeAll, expect, test } from 'vitest';
import { killBusy } from '../support/functions-again.ts';
import { impatient } from '../support/hr-events.ts';
import { CHANNEL, type LocalRun, startLocalRun } from '../support/local-run.ts';
import { ASYNC, executionsFor } from '../support/queue.ts';

let run: LocalRun;
beforeAll(async () => {
  run = await startLocalRun({ edit: impatient });
});
afterAll(() => run.close());

test('the task killed while Slack has the request: its turns wait for the lease, then the workflow ends, and nobody sends again', async () => {
  await run.sandbox('POST', 'faults', { hang: true, times: 1 });
  const request = { channel: CHANNEL, emails: ['unknown.outcome@partner.example'] };
  const { body } = await run.post(request, ASYNC);
  await expect.poll(() => run.slackCalls(), { timeout: 10_000 }).toBe(1);
  killBusy(run.stack.lambda, 'SlackConnectInvites-invite-turn');

  const historyOf = async () => {
    const [execution] = await executionsFor(run, body.id);
    const executionArn = execution?.executionArn as string;
    const { events } = await run.states('GetExecutionHistory', { executionArn, maxResults: 1000 });
    return JSON.stringify(events);
  };
  await expect.poll(historyOf, { timeout: 10_000 }).toContain('InProgress');
  expect((await executionsFor(run, body.id))[0]?.status).toBe('RUNNING');
  expect((await run.get(`/invites/${body.id}`)).body.status).toBe('sending');

  // The lease is over: nobody is at it any more.
  await run.dynamo('UpdateItem', {
    Key: { pk: { S: `invite#${body.id}` } },
    UpdateExpression: 'SET claim.#until = :past',
    ExpressionAttributeNames: { '#until': 'until' },
    ExpressionAttributeValues: { ':past': { N: '1' } },
  });
  await expect
    .poll(async () => (await executionsFor(run, body.id))[0], { timeout: 15_000 })
    .toMatchObject({ status: 'FAILED' });
  expect(await historyOf()).toContain('OutcomeUnknown');
  const [execution] = await executionsFor(run, body.id);
  const { executionArn = '' } = execution ?? {};
  expect(await run.states('DescribeExecution', { executionArn })).toMatchObject({
    status: 'FAILED',
    error: 'OutcomeUnknown',
  });

  expect((await run.get(`/invites/${body.id}`)).body.status).toBe('unknown');
  expect((await run.post(request, ASYNC)).body).toMatchObject({
    class: 'OutcomeUnknown',
    status: 409,
  });
  expect(await run.slackCalls()).toBe(1);
}, 60_000);
