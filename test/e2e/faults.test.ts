import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { DOMAIN_MARGIN_MS, MIN_CALL_MS, SETTLE_MS } from '../../functions/lib/times.ts';
import { startFunctionsAgain } from '../support/functions-again.ts';
import { CHANNEL, type LocalRun, startLocalRun, TOKEN } from '../support/local-run.ts';

let run: LocalRun;
beforeAll(async () => {
  run = await startLocalRun();
});
afterAll(() => run.close());
beforeEach(async () => {
  await run.sandbox('POST', 'reset');
  await openGate();
});

/** Ends the time for which a 429 holds everybody off. */
const openGate = () =>
  run.dynamo('DeleteItem', { Key: { pk: { S: 'gate#conversations.inviteShared' } } });

let people = 0;
const newRequest = () => ({ channel: CHANNEL, emails: [`faulty.${++people}@partner.example`] });

describe('when Slack certainly did nothing, asking again sends', () => {
  test.each([
    [{ error: 'restricted_action' }, 403, 'SlackRefused', 'restricted_action'],
    [{ error: 'channel_not_found' }, 404, 'NotFound', 'channel_not_found'],
    [{ error: 'channel_archived' }, 409, 'Conflict', 'channel_archived'],
    [{ error: 'invalid_email' }, 422, 'InvalidRequest', 'invalid_email'],
    [{ error: 'missing_scope' }, 502, 'SlackCredentials', 'missing_scope'],
    [{ error: 'token_expired' }, 502, 'SlackCredentials', 'token_expired'],
    [{ error: 'service_unavailable' }, 503, 'SlackUnavailable', 'service_unavailable'],
    [{ error: 'invalid_arguments' }, 500, 'Defect', 'invalid_arguments'],
    [
      { body: '{"ok":false,"error":"already_invited"}', status: 200 },
      403,
      'SlackRefused',
      'already_invited',
    ],
  ])('%j', async (fault, status, errorClass, slackError) => {
    const request = newRequest();
    await run.sandbox('POST', 'faults', { ...fault, times: 1 });
    const refused = await run.post(request);

    expect(refused).toMatchObject({
      status,
      body: { status, class: errorClass, code: slackError, slack_error: slackError },
    });
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(await run.get(`/invites/${refused.body.id}`)).toMatchObject({
      body: { status: 'failed', attempts: 0, error: { class: errorClass, code: slackError } },
    });
    expect(await run.post(request)).toMatchObject({ status: 201, body: { attempts: 1 } });
  });
});

describe('when it may have happened, nothing is sent again without a resend', () => {
  test.each([
    [{ error: 'fatal_error' }, 'fatal_error'],
    [{ error: 'internal_error' }, 'internal_error'],
    [{ status: 500 }, 'no_usable_answer'],
    [{ drop: 'before' }, 'no_usable_answer'],
    [{ drop: 'after' }, 'no_usable_answer'],
    [{ body: '<html>Bad gateway</html>', status: 200 }, 'no_usable_answer'],
    [{ body: '{"ok":true,"invite_', status: 200 }, 'no_usable_answer'],
    [{ body: '', status: 200 }, 'no_usable_answer'],
  ])('%j', async (fault, code) => {
    const request = newRequest();
    await run.sandbox('POST', 'faults', { ...fault, times: 1 });

    const met = await run.post(request);
    expect(met).toMatchObject({
      status: 504,
      body: { class: 'OutcomeUnknown', code, retryable: false, attempts: 1 },
    });
    expect(met.body.detail).not.toMatch(/html|gateway/i);
    expect(await run.post(request)).toMatchObject({
      status: 409,
      body: { class: 'OutcomeUnknown', code: 'outcome_unknown', attempts: 1 },
    });
    expect(await run.slackCalls()).toBe(1);
    expect(await run.post({ ...request, resend: 1 })).toMatchObject({
      status: 201,
      body: { status: 'sent', attempts: 2 },
    });
  });

  test('a Slack that never answers is given up before the function ends', async () => {
    // Half as long as the stack's, of which a busy machine may take three seconds before the call.
    const timeoutMs = DOMAIN_MARGIN_MS + SETTLE_MS + MIN_CALL_MS + 3000;
    const functions = await startFunctionsAgain(run, { timeoutMs });
    onTestFinished(functions.close);
    await functions.post(newRequest()); // what only the first call of a process takes is over then
    await run.sandbox('POST', 'faults', { hang: true, times: 1 });

    const start = performance.now();
    const met = await functions.post(newRequest());
    const took = performance.now() - start;
    expect(met).toMatchObject({ status: 504, body: { class: 'OutcomeUnknown' } });
    expect(took).toBeGreaterThanOrEqual(MIN_CALL_MS);
    expect(run.lines.filter((line) => line.includes('Sandbox.Timedout'))).toEqual([]);
  });

  test('a slow answer is waited for', async () => {
    await run.sandbox('POST', 'faults', { delay_ms: 700, times: 1 });
    expect(await run.post(newRequest())).toMatchObject({ status: 201 });
  });
});

describe('when Slack says 429', () => {
  test.each([[{ status: 429, retry_after: 60 }], [{ error: 'ratelimited', retry_after: 60 }]])(
    '%j: every door waits as long as Slack said, and Slack is not asked meanwhile',
    async (fault) => {
      await run.sandbox('POST', 'faults', { ...fault, times: 1 });
      const request = newRequest();
      const met = await run.post(request);
      expect(met).toMatchObject({
        status: 429,
        body: {
          class: 'RateLimited',
          slack_error: 'ratelimited',
          retry_after: 60,
          retryable: true,
        },
      });
      expect(met.headers.get('retry-after')).toBe('60');

      const [http, task] = await Promise.all([run.post(newRequest()), run.task(newRequest())]);
      expect(http).toMatchObject({ status: 429, body: { code: 'gate_closed' } });
      expect(http.body).not.toHaveProperty('slack_error');
      expect(Number(http.headers.get('retry-after'))).toBeGreaterThan(30);
      expect(Number(http.headers.get('retry-after'))).toBeLessThanOrEqual(60);
      expect(task.payload.errorType).toBe('RateLimited');
      expect(await run.slackCalls()).toBe(1);

      await openGate();
      expect(await run.post(request)).toMatchObject({ status: 201, body: { attempts: 1 } });
    },
  );

  test('ratelimit holds off e-mail invitations', async () => {
    await run.sandbox('POST', 'faults', { error: 'ratelimit', retry_after: 60, times: 1 });
    expect(await run.post(newRequest())).toMatchObject({
      status: 429,
      body: { slack_error: 'ratelimit' },
    });
    expect(await run.post(newRequest())).toMatchObject({
      status: 429,
      body: { code: 'gate_closed' },
    });
    expect(await run.slackCalls()).toBe(1);
  });
});

describe('a token', () => {
  test('that was rotated between two calls is read once more', async () => {
    expect(await run.post(newRequest())).toMatchObject({ status: 201 });
    await run.sandbox('POST', 'world', {
      tokens: { 'xoxb-local-acme-invites': { state: 'revoked' } },
    });
    await run.putToken('{"token":"xoxb-local-acme-rotated"}');

    expect(await run.post(newRequest())).toMatchObject({ status: 201 });
    expect(await run.slackCalls()).toBe(3);
    await run.putToken(TOKEN);
  });

  test('that is not there yet is SlackCredentials, and the invite does not come to be', async () => {
    const { task } = await withToken('Z7d-random-text-of-a-new-secret');
    const request = newRequest();
    const { payload } = await task(request);
    expect(payload.errorType).toBe('SlackCredentials');
    const { code, id } = JSON.parse(String(payload.errorMessage));
    expect(code).toBe('no_token');
    expect(await run.get(`/invites/${id}`)).toMatchObject({ status: 404 });
    expect(await run.slackCalls()).toBe(0);

    await run.putToken(TOKEN);
    expect((await task(request)).payload).toMatchObject({ status: 'sent', attempts: 1 });
  });

  test('without the scope is used no longer than until a better one is in the secret', async () => {
    const { task } = await withToken('xoxb-local-acme-noscope');
    const refused = await task(newRequest());
    expect(JSON.parse(String(refused.payload.errorMessage)).code).toBe('missing_scope');

    await run.putToken(TOKEN);
    expect((await task(newRequest())).payload).toMatchObject({ status: 'sent', attempts: 1 });
    expect(await run.slackCalls()).toBe(3);
  });

  /** Fresh processes, which know no token yet, with this one in the secret. */
  const withToken = async (token: string) => {
    await run.putToken(token);
    const functions = await startFunctionsAgain(run);
    onTestFinished(async () => {
      await functions.close();
      await run.putToken(TOKEN);
    });
    return functions;
  };
});
