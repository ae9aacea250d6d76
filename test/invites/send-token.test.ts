import { describe, expect, test } from 'vitest';
import { ownError } from '../../functions/errors/invite-error.ts';
import { ACCEPTED, refusedWith } from '../support/fakes.ts';
import { INVOCATION } from '../support/invocation.ts';
import { newRequest } from '../support/requests.ts';
import { newWorld } from '../support/world.ts';

describe('a token that Slack refuses', () => {
  test.each([
    'invalid_auth',
    'not_authed',
    'account_inactive',
    'token_expired',
    'token_revoked',
    'missing_scope',
    'not_allowed_token_type',
    'is_bot',
    'two_factor_setup_required',
  ])('with %s is read once more, and another one is tried once: the ask is sent', async (code) => {
    const { send, inviteShared, readSecret, observe } = await newWorld();
    readSecret.mockResolvedValueOnce('xoxb-old').mockResolvedValue('xoxb-new');
    inviteShared.mockImplementation(async (token) =>
      token === 'xoxb-new' ? ACCEPTED : refusedWith(code),
    );
    const { outcome, invite } = await send(newRequest());
    expect(outcome).toBe('sent');
    expect(invite).toMatchObject({ status: 'sent', attempts: 1 });
    expect(inviteShared.mock.calls.map(([token]) => token)).toEqual(['xoxb-old', 'xoxb-new']);
    expect(observe.tokenRefresh).toHaveBeenCalledTimes(1);
    // Every call passes the gate, the second one too.
    expect(observe.gateWait).toHaveBeenCalledTimes(2);

    await send(newRequest());
    expect(readSecret).toHaveBeenCalledTimes(2);
  });

  test('and that the secret still holds is not tried again', async () => {
    const { send, read, inviteShared, readSecret } = await newWorld();
    inviteShared.mockResolvedValue(refusedWith('token_revoked'));
    const request = newRequest();
    await expect(send(request)).rejects.toMatchObject({
      name: 'SlackCredentials',
      facts: { code: 'token_revoked', slackError: 'token_revoked' },
    });
    expect(readSecret).toHaveBeenCalledTimes(2);
    expect(inviteShared).toHaveBeenCalledTimes(1);
    expect(await read(request)).toMatchObject({ status: 'failed', attempts: 0 });
  });

  test('twice in a row ends the ask', async () => {
    const { send, inviteShared, readSecret } = await newWorld();
    readSecret.mockResolvedValueOnce('xoxb-old').mockResolvedValueOnce('xoxb-older');
    inviteShared.mockResolvedValue(refusedWith('invalid_auth'));
    await expect(send(newRequest())).rejects.toMatchObject({ name: 'SlackCredentials' });
    expect(inviteShared).toHaveBeenCalledTimes(2);
  });

  test('by the workspace’s policy is not read again', async () => {
    const { send, inviteShared, readSecret } = await newWorld();
    inviteShared.mockResolvedValue(refusedWith('restricted_action'));
    await expect(send(newRequest())).rejects.toMatchObject({ name: 'SlackRefused' });
    expect(readSecret).toHaveBeenCalledTimes(1);
  });

  test.each([
    ['the secret is away', 'Unavailable'],
    ['there is no time for another call', 'Unavailable'],
    ['the gate has no place', 'RateLimited'],
  ])('and then %s: nothing was sent, and the ledger knows', async (hindrance, name) => {
    const { send, read, inviteShared, readSecret, gate, clock } = await newWorld();
    inviteShared.mockImplementationOnce(async () => {
      readSecret.mockResolvedValueOnce('xoxb-new');
      if (hindrance === 'the secret is away') {
        readSecret.mockReset();
        readSecret.mockRejectedValueOnce(ownError('secret_unavailable', { reason: 'Error' }));
      }
      if (hindrance === 'there is no time for another call') clock.advance(14_000);
      if (hindrance === 'the gate has no place') {
        await gate.holdOff('ratelimited', 30, INVOCATION);
      }
      return refusedWith('token_expired');
    });
    const request = newRequest();
    await expect(send(request)).rejects.toMatchObject({ name });
    expect(await read(request)).toMatchObject({ status: 'failed', attempts: 0 });
    expect(inviteShared).toHaveBeenCalledTimes(1);
  });

  test('too late for another call is not read again', async () => {
    const { send, inviteShared, readSecret, clock } = await newWorld();
    inviteShared.mockImplementationOnce(async () => {
      clock.advance(14_000);
      return refusedWith('token_expired');
    });
    await expect(send(newRequest())).rejects.toMatchObject({ facts: { code: 'out_of_time' } });
    expect(readSecret).toHaveBeenCalledTimes(1);
  });
});

test.each(['{"token":7}', '{"a":"b"}', 'nothing'])(
  'a token that Slack refuses is not blamed where another one was put in that cannot be read: %s',
  async (secret) => {
    const { send, inviteShared, readSecret } = await newWorld();
    inviteShared.mockResolvedValue(refusedWith('token_revoked'));
    readSecret.mockResolvedValueOnce('xoxb-old').mockResolvedValue(secret);
    for (const _ of [1, 2]) {
      await expect(send(newRequest())).rejects.toMatchObject({
        name: 'SlackCredentials',
        facts: {
          code: 'no_token',
          detail: expect.stringContaining('as JSON with the member token'),
        },
      });
    }
  },
);

test('a secret that holds no token yet sends nothing and leaves no invite', async () => {
  const { send, stored, inviteShared, readSecret } = await newWorld();
  readSecret.mockResolvedValueOnce('a random string');
  const request = newRequest();
  await expect(send(request)).rejects.toMatchObject({
    name: 'SlackCredentials',
    facts: { code: 'no_token' },
  });
  expect(await stored(request)).toBeUndefined();
  expect(inviteShared).not.toHaveBeenCalled();
  expect(await send(request)).toMatchObject({ outcome: 'sent' });
});

describe('with a workspace configured', () => {
  const workspace = 'T0ACMECORP1';

  test('its token is looked at once a process, and only another one is looked at again', async () => {
    const { send, workspaceOf, readSecret, clock } = await newWorld({ workspace });
    await send(newRequest());
    await send(newRequest());
    expect(workspaceOf).toHaveBeenCalledTimes(1);
    readSecret.mockResolvedValue('xoxb-other');
    clock.advance(5 * 60_000);
    await send(newRequest());
    expect(workspaceOf.mock.calls.map(([token]) => token)).toEqual(['xoxb-good', 'xoxb-other']);
  });

  test('a token of another one invites nobody, and is looked at once too', async () => {
    const { send, stored, workspaceOf, inviteShared } = await newWorld({ workspace });
    workspaceOf.mockResolvedValue({ teamId: 'T0OTHER0001' });
    const request = newRequest();
    for (const _ of [1, 2]) {
      await expect(send(request)).rejects.toMatchObject({
        name: 'SlackCredentials',
        facts: { code: 'wrong_workspace' },
      });
    }
    expect(inviteShared).not.toHaveBeenCalled();
    expect(workspaceOf).toHaveBeenCalledTimes(1);
    expect(await stored(request)).toBeUndefined();
  });

  test('a token that was rotated to another one’s invites nobody', async () => {
    const { send, workspaceOf, inviteShared, readSecret } = await newWorld({ workspace });
    readSecret.mockResolvedValueOnce('xoxb-old').mockResolvedValue('xoxb-astray');
    workspaceOf.mockImplementation(async (token) => ({
      teamId: token === 'xoxb-old' ? workspace : 'T0OTHER0001',
    }));
    inviteShared.mockResolvedValue(refusedWith('token_revoked'));
    await expect(send(newRequest())).rejects.toMatchObject({
      facts: { code: 'wrong_workspace' },
    });
    expect(inviteShared).toHaveBeenCalledTimes(1);
  });

  test('a token that is refused there already is read once more', async () => {
    const { send, workspaceOf, inviteShared, readSecret, observe } = await newWorld({ workspace });
    readSecret.mockResolvedValueOnce('xoxb-old');
    workspaceOf.mockResolvedValueOnce({ code: 'token_revoked' });
    expect(await send(newRequest())).toMatchObject({ outcome: 'sent' });
    expect(inviteShared.mock.calls.map(([token]) => token)).toEqual(['xoxb-good']);
    expect(observe.tokenRefresh).toHaveBeenCalledTimes(1);
  });

  test.each([
    ['no usable answer', {}, 'SlackUnavailable', 'workspace_not_verified'],
    ['a limit', { code: 'ratelimited' }, 'SlackUnavailable', 'workspace_not_verified'],
    ['a lasting refusal', { code: 'token_expired' }, 'SlackCredentials', 'token_expired'],
    ['a type of token', { code: 'not_allowed_token_type' }, 'SlackCredentials', undefined],
  ])('%s there sends nothing, and is not remembered', async (_, answer, name, code) => {
    const { send, stored, workspaceOf, inviteShared } = await newWorld({ workspace });
    workspaceOf.mockResolvedValueOnce(answer);
    const request = newRequest();
    const facts = { code: code ?? answer.code };
    await expect(send(request)).rejects.toMatchObject({ name, facts });
    expect(inviteShared).not.toHaveBeenCalled();
    expect(await stored(request)).toBeUndefined();
    expect(await send(request)).toMatchObject({ outcome: 'sent' });
  });

  test('the look has what time is left when it comes, and without enough it is not done', async () => {
    const { send, workspaceOf, readSecret, clock } = await newWorld({ workspace });
    const takes = (ms: number) =>
      readSecret.mockImplementationOnce(async () => {
        clock.advance(ms);
        return 'xoxb-good';
      });
    takes(14_000);
    await expect(send(newRequest())).rejects.toMatchObject({ facts: { code: 'out_of_time' } });
    expect(workspaceOf).not.toHaveBeenCalled();
    clock.advance(5 * 60_000);
    takes(9000);
    await send(newRequest());
    expect(workspaceOf.mock.calls).toEqual([['xoxb-good', 7000]]);
  });
});
