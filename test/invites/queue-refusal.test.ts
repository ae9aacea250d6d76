import { describe, expect, test, vi } from 'vitest';
import { ledgerTable } from '../../functions/aws/ledger-table.ts';
import { ownError } from '../../functions/errors/invite-error.ts';
import type { SlackResult } from '../../functions/slack/answer.ts';
import { refusedWith } from '../support/fakes.ts';
import { newRequest } from '../support/requests.ts';
import { newTable } from '../support/tables.ts';
import { newWorld, type World } from '../support/world.ts';
import { FINAL_REFUSALS } from './final-refusals.world.ts';

const unavailable = (code: 'secret_unavailable' | 'table_unavailable') =>
  ownError(code, { reason: 'Error' });
const rateLimited: SlackResult = {
  kind: 'rate_limited',
  code: 'ratelimited',
  retryAfter: 7,
  warnings: [],
};

const RETRYABLE: [code: string, errorClass: string, befall: (world: World) => void][] = [
  [
    'ratelimited',
    'RateLimited',
    ({ inviteShared }) => inviteShared.mockResolvedValueOnce(rateLimited),
  ],
  [
    'service_unavailable',
    'SlackUnavailable',
    ({ inviteShared }) => inviteShared.mockResolvedValueOnce(refusedWith('service_unavailable')),
  ],
  [
    'slack_unreachable',
    'SlackUnavailable',
    ({ inviteShared }) =>
      inviteShared.mockResolvedValueOnce({ kind: 'not_sent', reason: 'unreachable' }),
  ],
  [
    'secret_unavailable',
    'Unavailable',
    ({ readSecret }) => readSecret.mockRejectedValueOnce(unavailable('secret_unavailable')),
  ],
];

describe('what can be tried again', () => {
  test.each(RETRYABLE)(
    '%s: the ask stays in the queue, and shows %s',
    async (code, name, befall) => {
      const world = await newWorld();
      const { enqueue, turn, read, stored, observe } = world;
      const request = newRequest();
      const queued = await enqueue(request);
      const before = await stored(request);
      befall(world);
      await expect(turn(queued)).rejects.toMatchObject({ name, facts: { code, id: queued.id } });
      const error = { class: name, code, at: '2030-01-01T00:00:00.000Z' };
      expect(await read(request)).toMatchObject({ status: 'queued', attempts: 0, error });
      expect(await stored(request)).toMatchObject({ queue: before?.queue });
      expect((await stored(request))?.claim).toBeUndefined();
      expect(observe.queueWait).not.toHaveBeenCalled();
    },
  );

  test.each(RETRYABLE)('%s: the next turn sends, and the error goes', async (_, __, befall) => {
    const world = await newWorld();
    const request = newRequest();
    const queued = await world.enqueue(request);
    befall(world);
    await world.turn(queued).catch(() => undefined);
    world.clock.advance(7000);
    expect(await world.turn(queued)).toMatchObject({ outcome: 'sent', invite: { attempts: 1 } });
    expect((await world.read(request))?.error).toBeUndefined();
  });

  test('a table that fails before the mark: nothing is sent, and the error is shown', async () => {
    const store = ledgerTable(await newTable());
    const write = vi.fn(store.write);
    const { enqueue, turn, read, inviteShared } = await newWorld({
      ledgerStore: { ...store, write },
    });
    const request = newRequest();
    const queued = await enqueue(request);
    write.mockImplementationOnce(store.write); // the claim
    write.mockRejectedValueOnce(unavailable('table_unavailable'));
    await expect(turn(queued)).rejects.toMatchObject({ facts: { code: 'table_unavailable' } });
    expect(inviteShared).not.toHaveBeenCalled();
    const error = { class: 'Unavailable', code: 'table_unavailable' };
    expect(await read(request)).toMatchObject({ status: 'queued', error });
  });

  test('an error that is shown already stays while the gate is closed', async () => {
    const { enqueue, turn, read, inviteShared, clock } = await newWorld({
      pace: { ratePerMinute: 20, burst: 1 },
    });
    inviteShared.mockResolvedValueOnce(refusedWith('service_unavailable'));
    const request = newRequest();
    const queued = await enqueue(request);
    await turn(queued).catch(() => undefined);
    const before = await read(request);
    clock.advance(1000);
    await expect(turn(queued)).rejects.toMatchObject({ facts: { code: 'gate_closed' } });
    expect(await read(request)).toEqual({ ...before, expected_at: expect.any(String) });
  });
});

describe('what is final', () => {
  test.each(FINAL_REFUSALS)(
    '%s: the invite has failed, and shows %s',
    async (code, name, befall) => {
      const world = await newWorld();
      const { enqueue, turn, read, stored, clock } = world;
      const request = newRequest({ reference: 'HR-1' });
      const queued = await enqueue(request);
      befall(world);
      clock.advance(1000);
      await turn(queued).catch(() => undefined);
      expect(await read(request)).toMatchObject({
        status: 'failed',
        attempts: 0,
        error: { class: name, code, at: '2030-01-01T00:00:01.000Z' },
        reference: 'HR-1',
        created_at: '2030-01-01T00:00:00.000Z',
      });
      expect((await stored(request))?.queue).toBeUndefined();
    },
  );

  test('is counted as the end of the wait', async () => {
    const { enqueue, turn, inviteShared, observe, clock } = await newWorld();
    inviteShared.mockResolvedValueOnce(refusedWith('restricted_action'));
    const queued = await enqueue(newRequest());
    clock.advance(1000);
    await turn(queued).catch(() => undefined);
    expect(observe.queueWait.mock.calls).toEqual([[1000]]);
  });

  test('may be asked for again, with waiting or without', async () => {
    const { enqueue, turn, queue, send, inviteShared } = await newWorld();
    const [one, other] = [newRequest(), newRequest()];
    inviteShared.mockResolvedValueOnce(refusedWith('restricted_action'));
    await turn(await enqueue(one)).catch(() => undefined);
    inviteShared.mockResolvedValueOnce(refusedWith('restricted_action'));
    await turn(await enqueue(other)).catch(() => undefined);
    expect(await queue(one)).toMatchObject({ status: 'queued' });
    expect(await send(other)).toMatchObject({ outcome: 'sent' });
  });
});

describe('an unknown outcome', () => {
  test('takes the ask out of the queue, and counts as an attempt', async () => {
    const { enqueue, turn, read, stored, inviteShared } = await newWorld();
    inviteShared.mockResolvedValueOnce({ kind: 'unknown', reason: 'timeout' });
    const request = newRequest();
    const queued = await enqueue(request);
    await expect(turn(queued)).rejects.toMatchObject({ name: 'OutcomeUnknown', status: 504 });
    const error = { class: 'OutcomeUnknown', code: 'no_usable_answer' };
    expect(await read(request)).toMatchObject({ status: 'unknown', attempts: 1, error });
    expect((await stored(request))?.queue).toBeUndefined();
  });

  test('is not put into the queue again but by a resend', async () => {
    const { enqueue, turn, queue, inviteShared } = await newWorld();
    inviteShared.mockResolvedValueOnce({ kind: 'unknown', reason: 'timeout' });
    const request = newRequest();
    await turn(await enqueue(request)).catch(() => undefined);
    await expect(queue(request)).rejects.toMatchObject({ name: 'OutcomeUnknown', status: 409 });
    const resent = await turn(await enqueue({ ...request, resend: 1 }));
    expect(resent).toMatchObject({ outcome: 'sent', invite: { attempts: 2 } });
  });
});
