import { describe, expect, test, vi } from 'vitest';
import { ledgerTable } from '../../functions/aws/ledger-table.ts';
import { gateTable } from '../../functions/aws/pace-table.ts';
import { inviteId } from '../../functions/invites/invite.ts';
import type { SlackResult } from '../../functions/slack/answer.ts';
import { INVOCATION } from '../support/invocation.ts';
import { newRequest } from '../support/requests.ts';
import { newTable } from '../support/tables.ts';
import { newWorld } from '../support/world.ts';

const limited = (code: 'ratelimited' | 'ratelimit'): SlackResult => ({
  kind: 'rate_limited',
  code,
  retryAfter: 30,
  warnings: [],
});

describe('Slack’s limit', () => {
  test('holds everybody off until it is over, and no ask is lost', async () => {
    const { send, stored, inviteShared, clock } = await newWorld();
    inviteShared.mockResolvedValueOnce(limited('ratelimited'));
    const [first, second] = [newRequest(), newRequest()];
    await expect(send(first)).rejects.toMatchObject({
      name: 'RateLimited',
      facts: { code: 'ratelimited', slackError: 'ratelimited', retryAfter: 30 },
    });
    clock.advance(10_000);
    const refused = send(second);
    await expect(refused).rejects.toMatchObject({
      name: 'RateLimited',
      facts: { code: 'gate_closed', retryAfter: 20, id: inviteId(second) },
    });
    await expect(refused).rejects.not.toHaveProperty('facts.slackError');
    expect(await stored(second)).toBeUndefined();
    expect(inviteShared).toHaveBeenCalledTimes(1);

    clock.advance(20_000);
    expect(await send(second)).toMatchObject({ outcome: 'sent' });
    expect(await send(first)).toMatchObject({ outcome: 'sent', invite: { attempts: 1 } });
  });

  test('on e-mails lets invitations by user id through', async () => {
    const { send, inviteShared } = await newWorld();
    inviteShared.mockResolvedValueOnce(limited('ratelimit'));
    await expect(send(newRequest())).rejects.toMatchObject({ facts: { code: 'ratelimit' } });
    await expect(send(newRequest())).rejects.toMatchObject({ facts: { code: 'gate_closed' } });
    const byId = newRequest({ recipient: { kind: 'user_id', value: 'U0ANN0002' } });
    expect(await send(byId)).toMatchObject({ outcome: 'sent' });
  });

  test('is told as it is even if the gate cannot be, and that is reported', async () => {
    const gateStore = gateTable(await newTable());
    const hold = () => Promise.reject(new Error('the table is away'));
    const { send, read, inviteShared, observe } = await newWorld({
      gateStore: { ...gateStore, hold },
    });
    inviteShared.mockResolvedValueOnce(limited('ratelimited'));
    const request = newRequest();
    await expect(send(request)).rejects.toMatchObject({ facts: { retryAfter: 30 } });
    expect(await read(request)).toMatchObject({ status: 'failed' });
    expect(observe.holdOffFailed.mock.calls).toEqual([['unexpected']]);
  });
});

describe('our own gate', () => {
  test('has an ask wait for its place, and says how long', async () => {
    const { send, observe } = await newWorld({
      pace: { ratePerMinute: 20, burst: 1 },
    });
    await send(newRequest());
    await send(newRequest());
    expect(observe.gateWait.mock.calls).toEqual([[0], [3000]]);
  });

  test('never has it wait until there is no time for a call', async () => {
    const { send, stored, inviteShared } = await newWorld({
      pace: { ratePerMinute: 20, burst: 1 },
    });
    await send(newRequest());
    const request = newRequest();
    // 2 s for the last write and 3 s for the call leave less than the interval of 3 s.
    await expect(send(request, 7999)).rejects.toMatchObject({ name: 'RateLimited' });
    expect(await stored(request)).toBeUndefined();
    expect(inviteShared).toHaveBeenCalledTimes(1);
    expect(await send(request, 8000)).toMatchObject({ outcome: 'sent' });
  });
});

describe('a function that has too little time left', () => {
  test('sends nothing, spends nothing, and leaves no invite', async () => {
    const { send, stored, inviteShared, readSecret, gateStore } = await newWorld();
    const request = newRequest();
    await expect(send(request, 4999)).rejects.toMatchObject({
      name: 'Unavailable',
      facts: { code: 'out_of_time', retryAfter: 1, id: inviteId(request) },
    });
    expect(await stored(request)).toBeUndefined();
    expect(inviteShared).not.toHaveBeenCalled();
    expect(readSecret).not.toHaveBeenCalled();
    expect((await gateStore.read(INVOCATION)).tat).toBe(0);
    expect(await send(request, 5000)).toMatchObject({ outcome: 'sent' });
  });

  test('because the secret took long: spends no place at the gate', async () => {
    const { send, stored, readSecret, clock, gateStore } = await newWorld();
    readSecret.mockImplementationOnce(async () => {
      clock.advance(10_000);
      return 'xoxb-good';
    });
    const request = newRequest();
    await expect(send(request, 12_000)).rejects.toMatchObject({ facts: { code: 'out_of_time' } });
    expect(await stored(request)).toBeUndefined();
    expect((await gateStore.read(INVOCATION)).tat).toBe(0);
  });

  test('because the mark took long: takes the mark back, and a resend is as it was', async () => {
    const ledgerStore = ledgerTable(await newTable());
    const write = vi.fn(ledgerStore.write);
    const { send, read, inviteShared, clock } = await newWorld({
      ledgerStore: { ...ledgerStore, write },
    });
    const request = newRequest();
    const { invite } = await send(request);
    write.mockImplementation(async (item, ...rest) => {
      const swapped = await ledgerStore.write(item, ...rest);
      if (item.invite?.status === 'sending') clock.advance(15_000);
      return swapped;
    });
    await expect(send({ ...request, resend: 1 })).rejects.toMatchObject({
      facts: { code: 'out_of_time' },
    });
    expect(await read(request)).toEqual(invite);
    expect(inviteShared).toHaveBeenCalledTimes(1);
  });
});
