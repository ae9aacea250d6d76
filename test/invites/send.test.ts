import { describe, expect, test, vi } from 'vitest';
import { ledgerTable } from '../../functions/aws/ledger-table.ts';
import { getItem } from '../../functions/aws/table.ts';
import type { ErrorClass } from '../../functions/errors/classes.ts';
import { inviteId, type Status } from '../../functions/invites/invite.ts';
import type { SlackResult } from '../../functions/slack/answer.ts';
import { ACCEPTED, OPEN, refusedWith } from '../support/fakes.ts';
import { INVOCATION } from '../support/invocation.ts';
import { newRequest } from '../support/requests.ts';
import { newTable } from '../support/tables.ts';
import { newWorld } from '../support/world.ts';

const limited = (code: 'ratelimited' | 'ratelimit'): SlackResult => ({
  kind: 'rate_limited',
  code,
  retryAfter: 7,
  warnings: [],
});

describe('an answer of Slack’s', () => {
  test.each<{
    answer: string;
    result: SlackResult;
    error: ErrorClass;
    code: string;
    status: Status;
    calledAgain: boolean;
  }>([
    {
      answer: 'a refusal by code',
      result: refusedWith('restricted_action'),
      error: 'SlackRefused',
      code: 'restricted_action',
      status: 'failed',
      calledAgain: true,
    },
    {
      answer: 'a code that the page does not list',
      result: refusedWith('already_invited'),
      error: 'SlackRefused',
      code: 'already_invited',
      status: 'failed',
      calledAgain: true,
    },
    {
      answer: 'a code that leaves the outcome open',
      result: refusedWith('fatal_error'),
      error: 'OutcomeUnknown',
      code: 'fatal_error',
      status: 'unknown',
      calledAgain: false,
    },
    {
      answer: 'a service that is away',
      result: refusedWith('service_unavailable'),
      error: 'SlackUnavailable',
      code: 'service_unavailable',
      status: 'failed',
      calledAgain: true,
    },
    {
      answer: 'a request that was not sent',
      result: { kind: 'not_sent', reason: 'unreachable' },
      error: 'SlackUnavailable',
      code: 'slack_unreachable',
      status: 'failed',
      calledAgain: true,
    },
    {
      answer: 'no usable answer',
      result: { kind: 'unknown', reason: 'timeout' },
      error: 'OutcomeUnknown',
      code: 'no_usable_answer',
      status: 'unknown',
      calledAgain: false,
    },
    {
      answer: 'the limit on e-mails',
      result: limited('ratelimit'),
      error: 'RateLimited',
      code: 'ratelimit',
      status: 'failed',
      calledAgain: true,
    },
  ])('$answer: $error, and the invite is $status', async ({ result, calledAgain, ...expected }) => {
    const { send, read, inviteShared, clock } = await newWorld();
    const request = newRequest();
    inviteShared.mockResolvedValueOnce(result);
    await expect(send(request)).rejects.toMatchObject({
      name: expected.error,
      facts: { code: expected.code, id: inviteId(request) },
    });
    expect(await read(request)).toMatchObject({
      status: expected.status,
      error: { class: expected.error, code: expected.code },
    });

    clock.advance(7000);
    const again = send(request);
    if (calledAgain) expect(await again).toMatchObject({ outcome: 'sent' });
    else await expect(again).rejects.toMatchObject({ name: 'OutcomeUnknown', status: 409 });
    expect(inviteShared).toHaveBeenCalledTimes(calledAgain ? 2 : 1);
  });

  test('of yes makes the invite sent, and the next ask returns it', async () => {
    const { send, inviteShared, observe } = await newWorld();
    const request = newRequest();
    const { invite, outcome } = await send(request);
    expect(outcome).toBe('sent');
    expect(invite).toMatchObject({ id: inviteId(request), status: 'sent', attempts: 1 });
    expect(await send(request)).toEqual({ invite, outcome: 'existing' });
    expect(inviteShared).toHaveBeenCalledTimes(1);
    expect(observe.gateWait).toHaveBeenCalledTimes(1);
    expect(observe.slackLatency).toHaveBeenCalledTimes(1);
    expect(observe.unrecorded).not.toHaveBeenCalled();
  });

  test('of already_in_channel is an outcome, and the next ask asks Slack again', async () => {
    const { send, inviteShared } = await newWorld();
    inviteShared.mockResolvedValue(refusedWith('already_in_channel'));
    const request = newRequest();
    for (let time = 0; time < 2; time += 1) {
      expect(await send(request)).toMatchObject({
        outcome: 'already_in_channel',
        invite: { status: 'already_in_channel', attempts: 0 },
      });
    }
    expect(inviteShared).toHaveBeenCalledTimes(2);
  });

  test('has its warnings told', async () => {
    const { send, inviteShared, observe } = await newWorld();
    inviteShared.mockResolvedValueOnce({ ...ACCEPTED, warnings: ['missing_charset'] });
    await send(newRequest());
    expect(observe.warnings).toHaveBeenCalledWith(['missing_charset']);
  });

  test('an unknown outcome tells the number that sends, and it does', async () => {
    const { send, inviteShared } = await newWorld();
    const request = newRequest();
    inviteShared.mockResolvedValueOnce({ kind: 'unknown', reason: 'timeout' });
    const { facts } = await send(request).then(
      () => expect.unreachable(),
      (error) => error,
    );
    expect(facts.attempts).toBe(1);
    const resend = { ...request, resend: facts.attempts };
    expect(await send(resend)).toMatchObject({ outcome: 'sent', invite: { attempts: 2 } });
    expect(await send(resend)).toMatchObject({ outcome: 'existing' });
    expect(inviteShared).toHaveBeenCalledTimes(2);
  });
});

describe('the request to Slack', () => {
  test('carries the recipient and the terms of the ask', async () => {
    const { send, inviteShared } = await newWorld();
    await send(newRequest({ recipient: { kind: 'email', value: 'Ann@partner.example' } }));
    await send(
      newRequest({
        recipient: { kind: 'user_id', value: 'U0ANN0001' },
        external_limited: false,
      }),
    );
    const channel = 'C0PARTNER01';
    expect(inviteShared.mock.calls.map(([token, args]) => [token, args])).toEqual([
      ['xoxb-good', { channel, emails: ['Ann@partner.example'], external_limited: true }],
      ['xoxb-good', { channel, user_ids: ['U0ANN0001'], external_limited: false }],
    ]);
  });

  test('has ten seconds, or what is left before the last write', async () => {
    const { send, inviteShared } = await newWorld();
    await send(newRequest(), 18_000);
    await send(newRequest(), 9000);
    expect(inviteShared.mock.calls.map(([, , timeout]) => timeout)).toEqual([10_000, 7000]);
  });
});

describe('url and conf_code', () => {
  const url = 'https://join.slack.com/share/secret-way-in';
  const conf_code = 'CONF-SECRET';
  const answer = { ...ACCEPTED.answer, url, conf_code };

  test('are handed out once, with external_limited=false, and kept nowhere', async () => {
    const { table, send, inviteShared } = await newWorld();
    inviteShared.mockResolvedValue({ ...ACCEPTED, answer });
    const request = newRequest({ external_limited: false });
    const first = await send(request);
    expect(first.secrets).toEqual({ url, conf_code });
    expect(JSON.stringify(first.invite)).not.toContain('secret-way-in');
    expect((await send(request)).secrets).toBeUndefined();
    const item = JSON.stringify(await getItem(table, `invite#${inviteId(request)}`, INVOCATION));
    expect(item).toContain('I0SENT');
    expect(item).not.toMatch(/secret-way-in|CONF-SECRET/);
  });

  test('are not handed out otherwise, even if Slack gave them', async () => {
    const { send, inviteShared } = await newWorld();
    inviteShared.mockResolvedValue({ ...ACCEPTED, answer });
    expect((await send(newRequest())).secrets).toBeUndefined();
  });
});

test('a refusal by policy spends nothing: no token, no access to the table', async () => {
  const untouched = () => expect.unreachable();
  const ledgerStore = { read: untouched, write: untouched, remove: untouched };
  const policy = { ...OPEN, channels: { '*': { emailDomains: ['other.example'] } } };
  const { send, readSecret } = await newWorld({ ledgerStore, policy });
  const request = newRequest();
  await expect(send(request)).rejects.toMatchObject({
    name: 'NotAllowed',
    facts: { code: 'email_domain_not_allowed', id: inviteId(request) },
  });
  expect(readSecret).not.toHaveBeenCalled();
});

test('a failure that nobody foresaw during the call leaves the outcome unknown', async () => {
  const { send, read, inviteShared, clock } = await newWorld();
  const request = newRequest();
  inviteShared.mockRejectedValueOnce(new TypeError('a defect'));
  await expect(send(request)).rejects.toThrow('a defect');
  clock.advance(25_000);
  expect(await read(request)).toMatchObject({ status: 'unknown' });
});

test('what Slack said stands even if the ledger cannot be told, and that is reported', async () => {
  const store = ledgerTable(await newTable());
  const write = vi.fn(store.write);
  const { send, read, inviteShared, observe, clock } = await newWorld({
    ledgerStore: { ...store, write },
  });
  const request = newRequest();
  inviteShared.mockImplementationOnce(async () => {
    write.mockRejectedValue(new Error('the table is away'));
    return ACCEPTED;
  });
  expect(await send(request)).toMatchObject({ outcome: 'sent', invite: { status: 'sent' } });
  expect(observe.unrecorded.mock.calls).toEqual([['unexpected']]);
  clock.advance(25_000);
  expect(await read(request)).toMatchObject({ status: 'unknown', attempts: 1 });
});

describe('the connection to Slack', () => {
  test('is opened beside the claim, and is the one of the call', async () => {
    const world = await newWorld();
    await world.send(newRequest());
    expect(world.connections.open).toHaveBeenCalledTimes(1);
    expect(world.inviteShared.mock.calls[0]?.[3]).toBe(
      world.connections.open.mock.results[0]?.value,
    );
    expect(world.connections.count()).toBe(0);
  });

  test('is given up where nothing is to be sent, or somebody else is at work on it', async () => {
    const world = await newWorld();
    const request = newRequest();
    await world.send(request);
    await world.send(request);
    const other = { ...request, external_limited: false };
    await expect(world.send(other)).rejects.toThrow();
    expect(world.connections.open).toHaveBeenCalledTimes(3);
    expect(world.connections.count()).toBe(0);
    expect(world.inviteShared).toHaveBeenCalledTimes(1);
  });

  test('is not opened for what the policy refuses', async () => {
    const world = await newWorld({ policy: { ...OPEN, channels: {} } });
    await expect(world.send(newRequest())).rejects.toThrow();
    expect(world.connections.open).not.toHaveBeenCalled();
  });

  test('is closed where the token or the gate lets nothing through', async () => {
    const world = await newWorld();
    world.readSecret.mockRejectedValueOnce(new Error('away'));
    await expect(world.send(newRequest())).rejects.toThrow();
    expect(world.connections.open).toHaveBeenCalledTimes(1);
    expect(world.connections.count()).toBe(0);
  });
});
