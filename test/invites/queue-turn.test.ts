import { describe, expect, test, vi } from 'vitest';
import { ledgerTable } from '../../functions/aws/ledger-table.ts';
import { inviteId } from '../../functions/invites/invite.ts';
import { OPEN, refusedWith } from '../support/fakes.ts';
import { newRequest } from '../support/requests.ts';
import { newTable } from '../support/tables.ts';
import { newWorld } from '../support/world.ts';

describe('a turn', () => {
  test('sends the ask as it was asked', async () => {
    const { enqueue, turn, read, inviteShared, clock } = await newWorld();
    const request = newRequest({ reference: 'HR-1' });
    const queued = await enqueue(request);
    clock.advance(60_000);
    const { invite, outcome, secrets } = await turn(queued);
    expect(outcome).toBe('sent');
    expect(secrets).toBeUndefined();
    expect(invite).toMatchObject({ status: 'sent', attempts: 1, reference: 'HR-1' });
    expect(await read(request)).toEqual(invite);
    const { channel, recipient } = request;
    const asked = { channel, external_limited: true, emails: [recipient.value] };
    expect(inviteShared.mock.calls).toEqual([['xoxb-good', asked, 10_000, expect.anything()]]);
  });

  test('sends to a user id, too', async () => {
    const { enqueue, turn, inviteShared } = await newWorld();
    const request = newRequest({ recipient: { kind: 'user_id', value: 'U0ANN0003' } });
    await turn(await enqueue(request));
    expect(inviteShared.mock.calls[0]?.[1]).toMatchObject({ user_ids: ['U0ANN0003'] });
  });

  test('keeps when and by whom it was asked for', async () => {
    const { queue, enqueue, turn, clock } = await newWorld();
    const request = newRequest();
    const { created_at, source } = await queue(request);
    clock.advance(60_000);
    const { invite } = await turn(await enqueue(request));
    expect(invite).toMatchObject({ created_at, source });
  });

  test('takes the ask out of the queue, and says how long it was there', async () => {
    const { enqueue, turn, stored, observe, clock } = await newWorld();
    const request = newRequest();
    const queued = await enqueue(request);
    clock.advance(60_000);
    await turn(queued);
    expect((await stored(request))?.queue).toBeUndefined();
    expect(observe.queueWait.mock.calls).toEqual([[60_000]]);
  });

  test('for somebody who is in the channel already is an outcome', async () => {
    const { enqueue, turn, read, inviteShared } = await newWorld();
    inviteShared.mockResolvedValueOnce(refusedWith('already_in_channel'));
    const request = newRequest();
    const queued = await enqueue(request);
    expect(await turn(queued)).toMatchObject({ outcome: 'already_in_channel' });
    expect(await read(request)).toMatchObject({ status: 'already_in_channel', attempts: 0 });
    expect(await turn(queued)).toMatchObject({ outcome: 'existing' });
  });

  test('is held against the policy of its own time', async () => {
    const { enqueue, enforce, turn, read, stored, inviteShared, readSecret } = await newWorld();
    const request = newRequest();
    const queued = await enqueue(request);
    enforce({ ...OPEN, channels: {} });
    await expect(turn(queued)).rejects.toMatchObject({
      name: 'NotAllowed',
      facts: { code: 'channel_not_allowed', id: inviteId(request) },
    });
    expect(await read(request)).toMatchObject({
      status: 'failed',
      error: { class: 'NotAllowed', code: 'channel_not_allowed' },
    });
    expect((await stored(request))?.queue).toBeUndefined();
    expect(inviteShared).not.toHaveBeenCalled();
    expect(readSecret).not.toHaveBeenCalled();
  });
});

describe('a turn repeated, since its answer was lost,', () => {
  test('returns what came of the first, and sends nothing', async () => {
    const { enqueue, turn, inviteShared, observe } = await newWorld();
    const queued = await enqueue(newRequest());
    const { invite } = await turn(queued);
    expect(await turn(queued)).toEqual({ invite, outcome: 'existing' });
    expect(inviteShared).toHaveBeenCalledTimes(1);
    expect(observe.queueWait).toHaveBeenCalledTimes(1);
  });

  test('ends with the error that the first ended with', async () => {
    const { enqueue, turn, inviteShared } = await newWorld();
    inviteShared.mockResolvedValue(refusedWith('restricted_action'));
    const queued = await enqueue(newRequest());
    const refused = { name: 'SlackRefused', facts: { code: 'restricted_action', id: queued.id } };
    for (let time = 0; time < 2; time += 1)
      await expect(turn(queued)).rejects.toMatchObject(refused);
    expect(inviteShared).toHaveBeenCalledTimes(1);
  });

  test('ends with the error also where an earlier invitation still stands', async () => {
    const { send, enqueue, turn, inviteShared } = await newWorld();
    const request = newRequest();
    await send(request);
    const queued = await enqueue({ ...request, resend: 1 });
    inviteShared.mockResolvedValue(refusedWith('restricted_action'));
    for (let time = 0; time < 2; time += 1) {
      await expect(turn(queued)).rejects.toMatchObject({ name: 'SlackRefused' });
    }
  });

  test('is told that the outcome is unknown, if it is', async () => {
    const { enqueue, turn, inviteShared } = await newWorld();
    inviteShared.mockResolvedValue({ kind: 'unknown', reason: 'timeout' });
    const queued = await enqueue(newRequest());
    const unknown = { name: 'OutcomeUnknown', facts: { attempts: 1, id: queued.id } };
    for (let time = 0; time < 2; time += 1)
      await expect(turn(queued)).rejects.toMatchObject(unknown);
    expect(inviteShared).toHaveBeenCalledTimes(1);
  });
});

test('a write of the outcome that fails is reported, and nothing is sent again', async () => {
  const store = ledgerTable(await newTable());
  const write = vi.fn(store.write);
  const world = await newWorld({ ledgerStore: { ...store, write } });
  const { enqueue, turn, inviteShared, observe, clock } = world;
  const queued = await enqueue(newRequest());
  inviteShared.mockImplementationOnce(async () => {
    write.mockRejectedValueOnce(new Error('the table is away'));
    return refusedWith('service_unavailable');
  });
  await expect(turn(queued)).rejects.toMatchObject({ name: 'SlackUnavailable' });
  expect(observe.unrecorded).toHaveBeenCalledTimes(1);
  clock.advance(25_000);
  await expect(turn(queued)).rejects.toMatchObject({ name: 'OutcomeUnknown' });
  expect(inviteShared).toHaveBeenCalledTimes(1);
});
