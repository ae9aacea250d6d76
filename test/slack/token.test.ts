import { describe, expect, test, vi } from 'vitest';
import { createTokenSource } from '../../functions/slack/token.ts';

const MINUTE = 60_000;
const secretOf = (token: string) => JSON.stringify({ token });

/** A source over a secret that each read finds at its next value, the last one for ever. */
const sourceOver = (...secrets: string[]) => {
  const clock = { now: 1_000_000 };
  const read = vi.fn(async () => (secrets.length > 1 ? secrets.shift() : secrets[0]) ?? '');
  return { clock, read, source: createTokenSource(read, () => clock.now) };
};

describe('a secret holds a token', () => {
  test.each([
    ['in JSON', '{"token":"xoxb-1-a"}', 'xoxb-1-a'],
    ['in JSON with other fields and spaces', ' {"a":1,\n"token":" xoxb-1-a "}\n', 'xoxb-1-a'],
    ['bare', 'xoxb-1-a', 'xoxb-1-a'],
    ['bare, with a line end', 'xoxb-1-a\r\n', 'xoxb-1-a'],
    ['in JSON behind a byte order mark', '\ufeff{"token":"xoxb-1-a"}', 'xoxb-1-a'],
    ['bare, behind a byte order mark', '\ufeffxoxb-1-a', 'xoxb-1-a'],
    ['in quotes', '"xoxb-1-a"', 'xoxb-1-a'],
    ['in quotes, all of it padded', ' \ufeff"\txoxb-1-a\u00a0"\r\n', 'xoxb-1-a'],
    ['in single quotes', "'xoxb-1-a'", 'xoxb-1-a'],
    ['as the value of a key of the console', '{"SLACK_BOT_TOKEN":"xoxb-1-a"}', 'xoxb-1-a'],
    ['quoted in the value of a key', '{"token":"\\"xoxb-1-a\\""}', 'xoxb-1-a'],
    ['beside others that are none', '{"a":"xapp-1","b":"xoxb-1-a","c":7}', 'xoxb-1-a'],
    ['of the bot beside that of a user', '{"a":"xoxp-1","b":"xoxb-1-a"}', 'xoxb-1-a'],
    ['under the key token beside another', '{"old":"xoxb-0","token":"xoxb-1-a"}', 'xoxb-1-a'],
    ['of the kind that rotates', 'xoxe.xoxb-1-Mi0yLTEyMzQ', 'xoxe.xoxb-1-Mi0yLTEyMzQ'],
    ['of the kind that rotates, in JSON', secretOf('xoxe.xoxb-1-a_b'), 'xoxe.xoxb-1-a_b'],
  ])('%s', async (_name, secret, token) => {
    expect(await sourceOver(secret).source.get()).toBe(token);
  });

  test.each([
    ['empty', ''],
    ['what Secrets Manager generates', "Kd8#p!x:{Q2~v}Z;w,R7'm>c@Y4^b=T"],
    ['a placeholder', 'PUT-TOKEN-HERE'],
    ['an empty object', '{}'],
    ['an empty token', '{"token":""}'],
    ['two tokens', '{"a":"xoxb-1-a","b":"xoxb-2-b"}'],
    ['null', 'null'],
    ['a list', '["xoxb-1-a"]'],
    ['an invisible character within', 'xoxb-1\u200b-a'],
    ['a token of a wrong type', '{"token":["xoxb-1-a"]}'],
    ['null as token', '{"token":null}'],
    ['broken JSON', '{"token":"xoxb-1-a"'],
    ['the prefix alone', 'xoxb-'],
    ['two lines', 'xoxb-1-a\nxoxb-2-b'],
    ['a header smuggled in', secretOf('xoxb-1-a\r\nx-evil: 1')],
    ['other characters', 'xoxb-1-ä'],
    ['a token of 10 kB', `xoxb-${'1'.repeat(10_000)}`],
    ['a signing secret', '8f742231b10e8888abcd99yyyzzz85a5'],
  ])('not when it is %s', async (_name, secret) => {
    expect(await sourceOver(secret).source.get()).toBeUndefined();
  });
});

describe('reading', () => {
  test('is done once in five minutes', async () => {
    const { source, read, clock } = sourceOver('xoxb-1', 'xoxb-2');
    expect(await source.get()).toBe('xoxb-1');
    clock.now += 5 * MINUTE - 1;
    expect(await source.get()).toBe('xoxb-1');
    expect(read).toHaveBeenCalledTimes(1);
    clock.now += 1;
    expect(await source.get()).toBe('xoxb-2');
    expect(read).toHaveBeenCalledTimes(2);
  });

  test('is done once for all who ask at the same time', async () => {
    const { source, read } = sourceOver('xoxb-1', 'xoxb-2');
    const tokens = await Promise.all(Array.from({ length: 10 }, () => source.get()));
    expect(tokens).toEqual(Array(10).fill('xoxb-1'));
    expect(read).toHaveBeenCalledTimes(1);
  });

  test('that fails is told to all who asked, and is done again for the next', async () => {
    const { source, read } = sourceOver('xoxb-1');
    const failure = new Error('throttled');
    read.mockRejectedValueOnce(failure);
    const asked = await Promise.allSettled([source.get(), source.get()]);
    expect(asked.map((one) => one.status === 'rejected' && one.reason)).toEqual([failure, failure]);
    expect(await source.get()).toBe('xoxb-1');
    expect(read).toHaveBeenCalledTimes(2);
  });

  test('that finds no token is done again with the next ask', async () => {
    const { source } = sourceOver('nothing yet', 'xoxb-1');
    expect(await source.get()).toBeUndefined();
    expect(await source.get()).toBe('xoxb-1');
  });
});

describe('after Slack refused the token', () => {
  test('the secret is read once more, within the five minutes too', async () => {
    const { source, read } = sourceOver('xoxb-1', 'xoxb-2');
    await source.get();
    expect(await source.refresh('xoxb-1')).toBe('xoxb-2');
    expect(await source.get()).toBe('xoxb-2');
    expect(read).toHaveBeenCalledTimes(2);
  });

  test('the same token again says that nothing changed', async () => {
    const { source, read } = sourceOver('xoxb-1');
    await source.get();
    expect(await source.refresh('xoxb-1')).toBe('xoxb-1');
    expect(read).toHaveBeenCalledTimes(2);
  });

  test('all whose token was refused share one read', async () => {
    const { source, read } = sourceOver('xoxb-1', 'xoxb-2', 'xoxb-3');
    await source.get();
    const tokens = await Promise.all(Array.from({ length: 10 }, () => source.refresh('xoxb-1')));
    expect(tokens).toEqual(Array(10).fill('xoxb-2'));
    expect(read).toHaveBeenCalledTimes(2);
  });

  test('one that comes later is given what another has read, without a read', async () => {
    const { source, read } = sourceOver('xoxb-1', 'xoxb-2', 'xoxb-3');
    await source.get();
    await source.refresh('xoxb-1');
    expect(await source.refresh('xoxb-1')).toBe('xoxb-2');
    expect(read).toHaveBeenCalledTimes(2);
  });

  test('it is not used again, even if reading the secret fails', async () => {
    const { source, read } = sourceOver('xoxb-1', 'xoxb-2');
    await source.get();
    read.mockRejectedValueOnce(new Error('throttled'));
    await expect(source.refresh('xoxb-1')).rejects.toThrow('throttled');
    expect(await source.get()).toBe('xoxb-2');
  });

  test('it does not serve either while Secrets Manager is away', async () => {
    const { clock, read } = sourceOver('xoxb-1');
    const away = new Error('away');
    const told = vi.fn();
    const source = createTokenSource(read, () => clock.now, { isAway: () => true, told });
    await source.get();
    clock.now += 30 * MINUTE;
    read.mockRejectedValueOnce(away);
    expect(await source.get()).toBe('xoxb-1');
    expect(told).toHaveBeenCalledTimes(1);
    read.mockRejectedValueOnce(away);
    await expect(source.refresh('xoxb-1')).rejects.toBe(away);
    read.mockRejectedValueOnce(away);
    await expect(source.get()).rejects.toBe(away);
  });

  test('a secret that was emptied holds none', async () => {
    const { source } = sourceOver('xoxb-1', '');
    await source.get();
    expect(await source.refresh('xoxb-1')).toBeUndefined();
  });
});
