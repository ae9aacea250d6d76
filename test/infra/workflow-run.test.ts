import { describe, expect, test } from 'vitest';
import { templateOf } from '../support/assemblies.ts';
import { definitionOf, RETRIES } from './definition.ts';
import { createExecute, ours, throttled, thrown, times, unavailable } from './execution.ts';

const ASK = { id: 'inv1_UGcKg2hw8VGpaRkPSy6Ihh_H4IZD8-cA', generation: 1763866400123 };
const TURN = { ...ASK, not_before: '2025-11-23T03:00:00Z' };
const SENT = { id: ASK.id, status: 'sent' };

const execute = createExecute(definitionOf(await templateOf()), ASK, {
  TakeTicket: [{ not_before: '2025-11-23T03:00:00Z' }],
  Invite: [SENT],
  GiveUp: [{}],
});

describe('an execution', () => {
  test('takes a ticket, waits for its turn, and ends with what the function answers', async () => {
    const { output, entered } = await execute();
    expect(entered.map(({ name }) => name)).toEqual(['TakeTicket', 'WaitForTurn', 'Invite']);
    expect(output).toEqual(SENT);
  });

  test('waits until the time of its ticket', async () => {
    const { entered, waits } = await execute({
      TakeTicket: [{ not_before: '2025-11-23T09:00:00Z' }],
    });
    expect(entered[1]?.input).toEqual({ ...ASK, not_before: '2025-11-23T09:00:00Z' });
    expect(waits).toEqual([6 * 3_600]);
  });

  test.each(['RateLimited', 'InProgress', 'Blocked'] as const)(
    'waits as long as %s says, and asks the same again with the same ticket',
    async (name) => {
      const error = (retryAfter: number) => ours(name, { code: 'c', detail: 'd', retryAfter });
      const { output, calls, waits } = await execute({ Invite: [error(3), error(3_600), SENT] });
      expect(output).toEqual(SENT);
      expect(calls).toEqual({ TakeTicket: [ASK], Invite: [TURN, TURN, TURN], GiveUp: [] });
      expect(waits).toEqual([0, 3, 3_600]);
    },
  );

  test('is not worn out by waiting as told', async () => {
    const error = () => ours('RateLimited', { code: 'c', detail: 'd', retryAfter: 1 });
    const { output } = await execute({ Invite: [...times(100, error), SENT] });
    expect(output).toEqual(SENT);
  });

  test('ends with a final class, its problem as the cause, after it was noted', async () => {
    const error = ours('Conflict', { code: 'channel_archived', detail: 'd', id: ASK.id });
    const { failure, calls, end } = await execute({ Invite: [error] });
    expect(end).toBe('Failed');
    expect(failure).toEqual({ error: 'Conflict', cause: error.text });
    expect(calls.GiveUp).toEqual([{ ...ASK, give_up: 'Conflict' }]);
  });

  test('has days of retries for Slack, and throttling of Lambda does not use them up', async () => {
    const Invite = [...times(600, unavailable), ...times(600, throttled), SENT];
    expect((await execute({ Invite })).output).toEqual(SENT);
  });

  test.each([
    'Sandbox.Timedout',
    'Runtime.ExitError',
    'Lambda.Unknown',
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.ClientExecutionTimeoutException',
    'Lambda.TooManyRequestsException',
    'States.Timeout',
    'Runtime.ImportModuleError',
    'Runtime.OutOfMemory',
    'Lambda.ResourceConflictException',
  ])('goes on after %s, wherever it happens', async (name) => {
    const fault = () => thrown(name, 'It happens');
    const ticket = { not_before: '2025-11-23T03:00:00Z' };
    const answers = { TakeTicket: [fault(), ticket], Invite: [fault(), SENT] };
    const { output, calls } = await execute(answers);
    expect(output).toEqual(SENT);
    expect(calls).toEqual({ TakeTicket: [ASK, ASK], Invite: [TURN, TURN], GiveUp: [] });
  });
});

describe('giving up', () => {
  test('comes after days of retries, and tells the ledger the class', async () => {
    const { failure, calls, end } = await execute({ Invite: [unavailable()] });
    expect(calls.Invite).toHaveLength(RETRIES + 1);
    expect(calls.GiveUp).toEqual([{ ...ASK, give_up: 'SlackUnavailable' }]);
    expect(end).toBe('Failed');
    expect(failure).toMatchObject({ error: 'SlackUnavailable', cause: unavailable().text });
  });

  test('comes as late for a function that cannot even start, and the execution ends under its name', async () => {
    const crash = thrown('Runtime.ImportModuleError', 'Cannot find module');
    const { failure, calls, end } = await execute({ Invite: [crash] });
    expect(calls.Invite).toHaveLength(RETRIES + 1);
    expect(calls.GiveUp).toEqual([{ ...ASK, give_up: 'Runtime.ImportModuleError' }]);
    expect(end).toBe('Failed');
    expect(failure).toMatchObject({ error: 'Runtime.ImportModuleError', cause: crash.text });
  });

  test('comes without a ticket, too', async () => {
    const { calls, end } = await execute({ TakeTicket: [throttled()] });
    expect(calls.TakeTicket).toHaveLength(RETRIES + 1);
    expect(calls.Invite).toEqual([]);
    expect(calls.GiveUp).toEqual([{ ...ASK, give_up: 'Lambda.TooManyRequestsException' }]);
    expect(end).toBe('Failed');
  });

  test('waits for the claim that a dead function left behind', async () => {
    const claimed = ours('InProgress', { code: 'in_progress', detail: 'd', retryAfter: 25 });
    const crash = thrown('Runtime.ImportModuleError', 'Cannot find module');
    const { calls, end } = await execute({ Invite: [crash], GiveUp: [claimed, claimed, {}] });
    expect(calls.GiveUp).toHaveLength(3);
    expect(end).toBe('Failed');
  });

  test('that fails itself leaves the execution its own error', async () => {
    const GiveUp = [thrown('Runtime.ExitError', 'Runtime exited')];
    const { failure, end } = await execute({ Invite: [unavailable()], GiveUp });
    expect(end).toBe('Failed');
    expect(failure).toMatchObject({ error: 'SlackUnavailable', cause: unavailable().text });
  });
});
