import { describe, expect, test } from 'vitest';
import { inviteId } from '../../functions/invites/invite.ts';
import { ACCEPTED, refusedWith } from '../support/fakes.ts';
import { leasedUntil } from '../support/invocation.ts';
import { newRequest } from '../support/requests.ts';
import { newWorld } from '../support/world.ts';
import { FINAL_REFUSALS } from './final-refusals.world.ts';

/** An invitation that was sent, and its next resend. */
const sent = async () => {
  const world = await newWorld();
  const request = newRequest({ reference: 'HR-1' });
  world.inviteShared.mockResolvedValueOnce({
    ...ACCEPTED,
    answer: { invite_id: 'I0FIRST', is_legacy_shared_channel: false },
  });
  const { invite } = await world.send(request);
  world.clock.advance(3_600_000);
  const { reference: _, ...resend } = { ...request, resend: 1 };
  return { ...world, request, resend, invite };
};

describe('a resend that waits', () => {
  test('shows that it waits, and what it knows of the invitation before', async () => {
    const { queue, read, resend, invite } = await sent();
    const { slack, reference, attempts, created_at } = invite;
    const shown = await queue(resend);
    expect(shown).toMatchObject({ status: 'queued', slack, reference, attempts, created_at });
    expect(shown.updated_at).toBe('2030-01-01T01:00:00.000Z');
    expect(await read(resend)).toEqual(shown);
  });

  test('is not started by a plain request of somebody else, which finds the invitation before', async () => {
    const { enqueue, queue, send, read, request, resend, invite, inviteShared } = await sent();
    await enqueue(resend);
    expect(await queue(request)).toMatchObject({ status: 'sent', attempts: invite.attempts });
    expect(await send(request)).toMatchObject({ outcome: 'existing', invite: { status: 'sent' } });
    expect(inviteShared).toHaveBeenCalledTimes(1);
    expect(await read(resend)).toMatchObject({ status: 'queued' });
  });

  test('once sent counts one attempt more, and the same resend sends nothing', async () => {
    const { enqueue, turn, queue, read, resend, invite, inviteShared } = await sent();
    const { reference, created_at } = invite;
    await turn(await enqueue(resend));
    const shown = { status: 'sent', attempts: 2, slack: ACCEPTED.answer, reference, created_at };
    expect(await read(resend)).toMatchObject(shown);
    expect(await queue(resend)).toMatchObject({ status: 'sent', attempts: 2 });
    expect(inviteShared).toHaveBeenCalledTimes(2);
  });

  test.each(FINAL_REFUSALS)(
    'and fails with %s leaves the invitation as it was',
    async (code, name, befall) => {
      const world = await sent();
      const { enqueue, turn, read, resend, invite, send } = world;
      const queued = await enqueue(resend);
      // The token of the first call would still be known.
      world.clock.advance(600_000);
      befall(world);
      await turn(queued).catch(() => undefined);
      const at = '2030-01-01T01:10:00.000Z';
      expect(await read(resend)).toEqual({
        ...invite,
        error: { class: name, code, at },
        updated_at: at,
      });
      expect(await send(resend)).toMatchObject({ outcome: 'sent', invite: { attempts: 2 } });
    },
  );

  test('and is given up leaves the invitation as it was', async () => {
    const { enqueue, giveUp, read, resend, invite, clock } = await sent();
    const queued = await enqueue(resend);
    clock.advance(6 * 86_400_000);
    await giveUp(queued, 'SlackUnavailable');
    const at = '2030-01-07T01:00:00.000Z';
    const error = { class: 'SlackUnavailable', code: 'given_up', at };
    expect(await read(resend)).toEqual({ ...invite, error, updated_at: at });
  });

  test('after a refusal that can be tried again still falls back on the invitation', async () => {
    const { enqueue, turn, giveUp, read, resend, invite, inviteShared, clock } = await sent();
    const queued = await enqueue(resend);
    inviteShared.mockResolvedValueOnce(refusedWith('service_unavailable'));
    await turn(queued).catch(() => undefined);
    expect(await read(resend)).toMatchObject({ status: 'queued', attempts: 1 });
    clock.advance(6 * 86_400_000);
    await giveUp(queued, 'SlackUnavailable');
    const { slack, expires_at } = invite;
    expect(await read(resend)).toMatchObject({ status: 'sent', attempts: 1, slack, expires_at });
  });

  test('with an unknown outcome is unknown, and counts', async () => {
    const { enqueue, turn, read, resend, inviteShared } = await sent();
    const queued = await enqueue(resend);
    inviteShared.mockResolvedValueOnce({ kind: 'unknown', reason: 'timeout' });
    await turn(queued).catch(() => undefined);
    expect(await read(resend)).toMatchObject({ status: 'unknown', attempts: 2 });
  });

  test('after a function died in the call before it leaves that outcome unknown', async () => {
    const { ledger, clock, enqueue, giveUp, read } = await newWorld();
    const request = newRequest();
    const asked = await ledger.claim(request, leasedUntil(clock.now() + 25_000));
    if ('claim' in asked) await asked.claim.sending({ door: 'invite-task' });
    clock.advance(25_000);
    const queued = await enqueue({ ...request, resend: 1 });
    clock.advance(6 * 86_400_000);
    await giveUp(queued, 'SlackUnavailable');
    expect(await read(request)).toMatchObject({ id: inviteId(request), status: 'unknown' });
  });
});
