import { describe, expect, test } from 'vitest';
import { templateOf } from '../support/assemblies.ts';
import { WITH_SOURCES } from './configurations.ts';
import { definitionOf, RETRIES } from './definition.ts';
import { createExecute, ours, throttled, thrown, times, unavailable } from './execution.ts';

const EVENT = { event: 'evt1_9CiumM71cMRXftaLehGStrL5LdlNvCZN' };
const ASK = { id: 'inv1_UGcKg2hw8VGpaRkPSy6Ihh_H4IZD8-cA', generation: 1763866400123 };
const QUEUED = { ...EVENT, ...ASK };
const TURN = { ...ASK, not_before: '2025-11-23T03:00:00Z' };
const SENT = { id: ASK.id, status: 'sent' };
const NEVER = { TakeTicket: [], Invite: [] };

const pending = (seconds: number) => ({ ...EVENT, pending_seconds: seconds });

const definition = definitionOf(await templateOf(WITH_SOURCES), 'events');
const execute = createExecute(definition, EVENT, {
  MakeInvite: [QUEUED],
  TakeTicket: [{ not_before: '2025-11-23T03:00:00Z' }],
  Invite: [SENT],
  GiveUp: [{}],
  GiveUpEvent: [EVENT],
  NoteSent: [EVENT],
  NoteNotSent: [EVENT],
});
const NOTE = { ...EVENT, ended: true };

const namesOf = (entered: { name: string }[]) => entered.map(({ name }) => name);

describe('an event', () => {
  test('becomes an ask, which takes a ticket, waits for its turn and goes out', async () => {
    const { output, calls, entered } = await execute();
    expect(namesOf(entered)).toEqual([
      'MakeInvite',
      'WhatNow',
      'TakeTicket',
      'WaitForTurn',
      'Invite',
      'NoteSent',
    ]);
    expect(calls).toEqual({
      MakeInvite: [EVENT],
      TakeTicket: [ASK],
      Invite: [TURN],
      GiveUp: [],
      GiveUpEvent: [],
      NoteSent: [NOTE],
      NoteNotSent: [],
    });
    expect(output).toEqual(SENT);
  });

  test('has ended well also where that cannot be noted', async () => {
    const NoteSent = [thrown('Runtime.ImportModuleError', 'Cannot find module')];
    const { output, end } = await execute({ NoteSent });
    expect(end).toBe('SentUnnoted');
    expect(output).toEqual(SENT);
  });

  test('waits while there is no address, each time as long as it is told, and is looked at again', async () => {
    const { output, calls, entered } = await execute({
      MakeInvite: [pending(30), pending(60), pending(14_400), QUEUED],
    });
    expect(output).toEqual(SENT);
    expect(calls.MakeInvite).toEqual([EVENT, EVENT, EVENT, EVENT]);
    const waits = entered.filter(({ name }) => name === 'WaitForEmail');
    expect(waits.map(({ input }) => input)).toEqual([pending(30), pending(60), pending(14_400)]);
  });

  test('has all its retries again after each wait', async () => {
    const MakeInvite = [...times(10, unavailable), pending(30), ...times(10, unavailable), QUEUED];
    expect((await execute({ MakeInvite })).output).toEqual(SENT);
  });

  test('whose invitation exists already ends without a ticket', async () => {
    const { output, calls, end } = await execute({ MakeInvite: [{ ...EVENT, id: ASK.id }] });
    expect(end).toBe('NothingToSend');
    expect(calls).toMatchObject(NEVER);
    expect(output).toEqual({ ...EVENT, id: ASK.id });
  });

  test.each(['InProgress', 'RateLimited', 'SlackUnavailable', 'Unavailable'] as const)(
    'is tried again after %s',
    async (name) => {
      const error = ours(name, { code: 'c', detail: 'd', retryAfter: 3 });
      const { output, calls } = await execute({ MakeInvite: [error, QUEUED] });
      expect(calls.MakeInvite).toEqual([EVENT, EVENT]);
      expect(output).toEqual(SENT);
    },
  );

  test('ends with a final class, its problem as the cause, which the record has already', async () => {
    const error = ours('NotFound', { code: 'no_email', detail: 'd' });
    const { failure, calls, end } = await execute({ MakeInvite: [pending(30), error] });
    expect(end).toBe('Failed');
    expect(failure).toMatchObject({ error: 'NotFound', cause: error.text });
    expect(calls).toMatchObject({ ...NEVER, GiveUp: [], GiveUpEvent: [] });
  });

  test('ends as its invitation does', async () => {
    const error = ours('Conflict', { code: 'channel_archived', detail: 'd', id: ASK.id });
    const { failure, calls } = await execute({ Invite: [error] });
    expect(failure).toMatchObject({ error: 'Conflict', cause: error.text });
    expect(calls).toMatchObject({ GiveUp: [{ give_up: 'Conflict' }], GiveUpEvent: [] });
    expect(calls).toMatchObject({ NoteSent: [], NoteNotSent: [NOTE] });
  });
});

describe('giving up', () => {
  test('an event comes after days of retries, and is noted in its record', async () => {
    const { failure, calls, end } = await execute({ MakeInvite: [unavailable()] });
    expect(calls.MakeInvite).toHaveLength(RETRIES + 1);
    expect(calls).toMatchObject({
      ...NEVER,
      GiveUp: [],
      GiveUpEvent: [{ ...EVENT, give_up: 'SlackUnavailable' }],
    });
    expect(end).toBe('Failed');
    expect(failure).toMatchObject({ error: 'SlackUnavailable', cause: unavailable().text });
  });

  test('an event comes as late for a function that cannot even start', async () => {
    const crash = thrown('Runtime.ImportModuleError', 'Cannot find module');
    const { failure, calls, end } = await execute({ MakeInvite: [crash] });
    expect(calls.MakeInvite).toHaveLength(RETRIES + 1);
    expect(calls.GiveUpEvent).toEqual([{ ...EVENT, give_up: 'Runtime.ImportModuleError' }]);
    expect(end).toBe('Failed');
    expect(failure).toMatchObject({ error: 'Runtime.ImportModuleError', cause: crash.text });
  });

  test('an event that cannot be noted leaves the execution its own error', async () => {
    const GiveUpEvent = [thrown('Runtime.ImportModuleError', 'Cannot find module')];
    const { failure, end } = await execute({ MakeInvite: [throttled()], GiveUpEvent });
    expect(end).toBe('Failed');
    expect(failure).toMatchObject({ error: 'Lambda.TooManyRequestsException' });
  });

  test('an event is noted after faults of Lambda, and its class kept', async () => {
    const GiveUpEvent = [throttled(), unavailable(), EVENT];
    const { calls, end } = await execute({ MakeInvite: [unavailable()], GiveUpEvent });
    expect(calls.GiveUpEvent).toHaveLength(3);
    expect(end).toBe('Failed');
  });

  test('an invitation is noted in the ledger, and the record ends as that does', async () => {
    const { calls, end } = await execute({ Invite: [unavailable()] });
    expect(calls.GiveUp).toEqual([{ ...ASK, give_up: 'SlackUnavailable' }]);
    expect(calls).toMatchObject({ GiveUpEvent: [], NoteNotSent: [NOTE] });
    expect(end).toBe('Failed');
  });
});
