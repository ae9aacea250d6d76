import { beforeAll, describe, expect, test, vi } from 'vitest';
import { ledgerTable } from '../../functions/aws/ledger-table.ts';
import { gateTable } from '../../functions/aws/pace-table.ts';
import type { Table } from '../../functions/aws/table.ts';
import { inviteId } from '../../functions/invites/invite.ts';
import type { SlackResult } from '../../functions/slack/answer.ts';
import { INVOCATION } from '../support/invocation.ts';
import { newRequest } from '../support/requests.ts';
import { newTable } from '../support/tables.ts';
import { createSending } from './sending.ts';

let table: Table;
beforeAll(async () => {
  table = await newTable();
});

const stores = async () => ({
  ledgerStore: ledgerTable(table),
  gateStore: gateTable(await newTable()),
});

const limited = (code: 'ratelimited' | 'ratelimit'): SlackResult => ({
  kind: 'rate_limited',
  code,
  retryAfter: 30,
  warnings: [],
});

describe('Slack’s limit', () => {
  test('holds everybody off until it is over, and no ask is lost', async () => {
    const { ask, stored, inviteShared, clock } = createSending(await stores());
    inviteShared.mockResolvedValueOnce(limited('ratelimited'));
    const [first, second] = [newRequest(), newRequest()];
    await expect(ask(first)).rejects.toMatchObject({
      name: 'RateLimited',
      facts: { code: 'ratelimited', slackError: 'ratelimited', retryAfter: 30 },
    });
    clock.advance(10_000);
    const refused = ask(second);
    await expect(refused).rejects.toMatchObject({
      name: 'RateLimited',
      facts: { code: 'gate_closed', retryAfter: 20, id: inviteId(second) },
    });
    await expect(refused).rejects.not.toHaveProperty('facts.slackError');
    expect(await stored(second)).toBeUndefined();
    expect(inviteShared).toHaveBeenCalledTimes(1);

    clock.advance(20_000);
    expect(await ask(second)).toMatchObject({ outcome: 'sent' });
    expect(await ask(first)).toMatchObject({ outcome: 'sent', invite: { attempts: 1 } });
  });

  test('on e-mails lets invitations by user id through', async () => {
    const { ask, inviteShared } = createSending(await stores());
    inviteShared.mockResolvedValueOnce(limited('ratelimit'));
    await expect(ask(newRequest())).rejects.toMatchObject({ facts: { code: 'ratelimit' } });
    await expect(ask(newRequest())).rejects.toMatchObject({ facts: { code: 'gate_closed' } });
    const byId = newRequest({ recipient: { kind: 'user_id', value: 'U0ANN0002' } });
    expect(await ask(byId)).toMatchObject({ outcome: 'sent' });
  });

  test('is told as it is even if the gate cannot be, and that is reported', async () => {
    const { gateStore, ledgerStore } = await stores();
    const hold = () => Promise.reject(new Error('the table is away'));
    const { ask, read, inviteShared, observe } = createSending({
      ledgerStore,
      gateStore: { ...gateStore, hold },
    });
    inviteShared.mockResolvedValueOnce(limited('ratelimited'));
    const request = newRequest();
    await expect(ask(request)).rejects.toMatchObject({ facts: { retryAfter: 30 } });
    expect(await read(request)).toMatchObject({ status: 'failed' });
    expect(observe.holdOffFailed.mock.calls).toEqual([['unexpected']]);
  });
});

describe('our own gate', () => {
  test('has an ask wait for its place, and says how long', async () => {
    const { ask, observe } = createSending({
      ...(await stores()),
      pace: { ratePerMinute: 20, burst: 1 },
    });
    await ask(newRequest());
    await ask(newRequest());
    expect(observe.gateWait.mock.calls).toEqual([[0], [3000]]);
  });

  test('never has it wait until there is no time for a call', async () => {
    const { ask, stored, inviteShared } = createSending({
      ...(await stores()),
      pace: { ratePerMinute: 20, burst: 1 },
    });
    await ask(newRequest());
    const request = newRequest();
    // 2 s for the last write and 3 s for the call leave less than the interval of 3 s.
    await expect(ask(request, 7999)).rejects.toMatchObject({ name: 'RateLimited' });
    expect(await stored(request)).toBeUndefined();
    expect(inviteShared).toHaveBeenCalledTimes(1);
    expect(await ask(request, 8000)).toMatchObject({ outcome: 'sent' });
  });
});

describe('a function that has too little time left', () => {
  test('sends nothing, spends nothing, and leaves no invite', async () => {
    const { gateStore, ledgerStore } = await stores();
    const { ask, stored, inviteShared, readSecret } = createSending({ ledgerStore, gateStore });
    const request = newRequest();
    await expect(ask(request, 4999)).rejects.toMatchObject({
      name: 'Unavailable',
      facts: { code: 'out_of_time', retryAfter: 1, id: inviteId(request) },
    });
    expect(await stored(request)).toBeUndefined();
    expect(inviteShared).not.toHaveBeenCalled();
    expect(readSecret).not.toHaveBeenCalled();
    expect((await gateStore.read(INVOCATION)).tat).toBe(0);
    expect(await ask(request, 5000)).toMatchObject({ outcome: 'sent' });
  });

  test('because the secret took long: spends no place at the gate', async () => {
    const { gateStore, ledgerStore } = await stores();
    const { ask, stored, readSecret, clock } = createSending({ ledgerStore, gateStore });
    readSecret.mockImplementationOnce(async () => {
      clock.advance(10_000);
      return 'xoxb-good';
    });
    const request = newRequest();
    await expect(ask(request, 12_000)).rejects.toMatchObject({ facts: { code: 'out_of_time' } });
    expect(await stored(request)).toBeUndefined();
    expect((await gateStore.read(INVOCATION)).tat).toBe(0);
  });

  test('because the mark took long: takes the mark back, and a resend is as it was', async () => {
    const { gateStore, ledgerStore } = await stores();
    const write = vi.fn(ledgerStore.write);
    const { ask, read, inviteShared, clock } = createSending({
      ledgerStore: { ...ledgerStore, write },
      gateStore,
    });
    const request = newRequest();
    const { invite } = await ask(request);
    write.mockImplementation(async (item, ...rest) => {
      const swapped = await ledgerStore.write(item, ...rest);
      if (item.invite?.status === 'sending') clock.advance(15_000);
      return swapped;
    });
    await expect(ask({ ...request, resend: 1 })).rejects.toMatchObject({
      facts: { code: 'out_of_time' },
    });
    expect(await read(request)).toEqual(invite);
    expect(inviteShared).toHaveBeenCalledTimes(1);
  });
});
