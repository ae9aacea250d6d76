import { describe, expect, test } from 'vitest';
import { templateOf } from '../support/assemblies.ts';
import { WITH_SOURCES } from './configurations.ts';
import { definitionOf } from './definition.ts';
import { createExecute, Failure, SILENT, thrown } from './execution.ts';

const ASK = { id: 'inv1_UGcKg2hw8VGpaRkPSy6Ihh_H4IZD8-cA', generation: 1763866400123 };
const EVENT = { event: 'evt1_9CiumM71cMRXftaLehGStrL5LdlNvCZN' };
const SENT = { id: ASK.id, status: 'sent' };

const template = await templateOf(WITH_SOURCES);
const USUAL = {
  TakeTicket: [{ not_before: '2025-11-23T03:00:00Z' }],
  Invite: [SENT],
  GiveUp: [{}],
};
const executeInvite = createExecute(definitionOf(template, 'invites'), ASK, USUAL);
const executeEvent = createExecute(definitionOf(template, 'events'), EVENT, {
  MakeInvite: [{ ...EVENT, ...ASK }],
  ...USUAL,
  GiveUpEvent: [EVENT],
  NoteSent: [EVENT],
  NoteNotSent: [EVENT],
});

/** What a task may fail with beside an error of ours: the name that it has, and its cause. */
const FAULTS: [string, Failure, string | undefined][] = [
  [
    'Lambda.Unknown',
    new Failure('{"errorMessage":"not a type"}'),
    'The cause could not be determined because Lambda did not return an error type. Returned payload: {"errorMessage":"not a type"}',
  ],
  [
    'Runtime.ExitError',
    new Failure(
      '{"errorType":"Runtime.ExitError","errorMessage":"Runtime exited with error: signal: killed"}',
    ),
    '{"errorType":"Runtime.ExitError","errorMessage":"Runtime exited with error: signal: killed"}',
  ],
];

describe.each(FAULTS)('%s', (error, failure, cause) => {
  test.each(['TakeTicket', 'Invite'] as const)(
    'of %s is given up in the end, noted, and the end of the execution',
    async (task) => {
      const run = await executeInvite({ [task]: [failure] });
      expect(run.calls.GiveUp).toEqual([{ ...ASK, give_up: error }]);
      expect(run.end).toBe('Failed');
      expect(run.failure).toEqual({ error, cause });
    },
  );

  test.each(['TakeTicket', 'Invite'] as const)(
    'of the note leaves the execution the error of %s',
    async (task) => {
      const conflict = thrown('Conflict', 'it was sent already');
      const run = await executeInvite({ [task]: [conflict], GiveUp: [failure] });
      expect(run.end).toBe('Failed');
      expect(run.failure).toEqual({ error: 'Conflict', cause: conflict.text });
    },
  );

  test('of MakeInvite is given up in the end, noted, and the end of the execution', async () => {
    const run = await executeEvent({ MakeInvite: [failure] });
    expect(run.calls.GiveUpEvent).toEqual([{ ...EVENT, give_up: error }]);
    expect(run.end).toBe('Failed');
    expect(run.failure).toEqual({ error, cause });
  });

  test('of the note about an event leaves the execution its own error', async () => {
    const unavailable = thrown('SlackUnavailable', 'nobody answered');
    const run = await executeEvent({ MakeInvite: [unavailable], GiveUpEvent: [failure] });
    expect(run.failure).toEqual({ error: 'SlackUnavailable', cause: unavailable.text });
  });
});

describe('a function that never answers', () => {
  test.each(['TakeTicket', 'Invite'] as const)(
    'as %s is called until the execution ends by itself: the sweep goes on',
    async (task) => {
      const run = await executeInvite({ [task]: [SILENT] });
      expect(run.calls[task].length).toBeGreaterThan(1000);
      expect(run.calls.GiveUp).toEqual([]);
      expect(run.output).toBeUndefined();
    },
  );

  test('does not keep an execution from its own error', async () => {
    const conflict = thrown('Conflict', 'it was sent already');
    const run = await executeInvite({ Invite: [conflict], GiveUp: [SILENT] });
    expect(run.failure).toEqual({ error: 'Conflict', cause: conflict.text });
  });
});

test.each(['InvalidRequest', 'NotFound', 'Defect'])(
  'a final class of MakeInvite, %s, ends the execution whatever its message is',
  async (name) => {
    for (const message of ['', 'not JSON', '{"retry_after":', 'null', '[]']) {
      const error = thrown(name, message);
      const run = await executeEvent({ MakeInvite: [error] });
      expect(run.calls.GiveUpEvent).toEqual([]);
      expect(run.failure).toEqual({ error: name, cause: error.text });
    }
  },
);

describe('an error that says how long to wait', () => {
  const told = (name: string, message: string) => thrown(name, message);
  const problem = (members: object) => JSON.stringify({ class: 'RateLimited', ...members });

  test.each([
    ['a problem', problem({ retry_after: 7 }), 7],
    ['a problem with white space', JSON.stringify({ a: 1, retry_after: 3 }, undefined, 2), 3],
    ['a problem, a day', problem({ retry_after: 86_400 }), 86_400],
    [
      'a problem whose detail speaks of it',
      problem({ detail: 'after retry_after 9 s', retry_after: 4 }),
      4,
    ],
    ['a problem without it', problem({}), 60],
    ['null', problem({ retry_after: null }), 60],
    ['text', problem({ retry_after: 'soon' }), 60],
    ['no JSON', 'not JSON', 60],
    ['half of JSON', '{"retry_after":', 60],
    ['nothing', '', 60],
    ['a list', '[1,2]', 60],
  ])('by %s is waited for', async (_, message, seconds) => {
    for (const name of ['RateLimited', 'InProgress', 'Blocked']) {
      const run = await executeInvite({ Invite: [told(name, message), SENT] });
      expect(run.output).toEqual(SENT);
      expect(run.waits).toEqual([0, seconds]);
    }
  });

  test.each([
    [
      'whose cause has another shape',
      '{"errorType":"RateLimited","errorMessage":{"retry_after":1}}',
    ],
    ['whose cause has no message', '{"errorType":"RateLimited"}'],
  ])('and %s is waited for', async (_, text) => {
    const run = await executeInvite({ Invite: [new Failure(text), SENT] });
    expect(run.output).toEqual(SENT);
    expect(run.waits[1]).toBeGreaterThan(0);
  });
});

describe('the price, in states entered', () => {
  test('of an invitation is 3, and of each further wait 2', async () => {
    expect((await executeInvite()).entered).toHaveLength(3);
    const later = thrown('RateLimited', '{"retry_after":1}');
    expect((await executeInvite({ Invite: [later, later, SENT] })).entered).toHaveLength(7);
  });

  test('of an event is 3 more', async () => {
    expect((await executeEvent()).entered).toHaveLength(6);
  });

  test('in events of the history: 14 for an invitation, 7 for each further wait', async () => {
    expect((await executeInvite()).events).toHaveLength(14);
    const later = thrown('RateLimited', '{"retry_after":1}');
    expect((await executeInvite({ Invite: [later, SENT] })).events).toHaveLength(21);
  });
});
