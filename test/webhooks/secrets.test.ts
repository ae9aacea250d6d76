import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { ownError } from '../../functions/errors/invite-error.ts';
import { secretAway } from '../../functions/telemetry/metrics.ts';
import { createLookupCredentials, createSecrets } from '../../functions/webhooks/secrets.ts';

const MINUTE_MS = 60_000;

/** The secret as it stands in Secrets Manager, and the function's clock. */
const setUp = (secret: unknown) => {
  let text = typeof secret === 'string' ? secret : JSON.stringify(secret);
  let now = 1_000_000;
  const read = vi.fn(async () => text);
  return {
    read,
    secrets: createSecrets(read, () => now),
    put: (value: unknown) => {
      text = JSON.stringify(value);
    },
    pass: (ms: number) => {
      now += ms;
    },
  };
};
test('while Secrets Manager is away, the last reading serves, but not against a signature that it does not know', async () => {
  let now = 1_000_000;
  const away = ownError('webhook_secret_unavailable', { reason: 'TimeoutError' });
  const read = vi.fn(async () => '{"acme-hr":"one"}');
  const printed = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const secrets = createSecrets(
    read,
    () => now,
    secretAway({ stack: 'Acme', functionName: 'hr-webhook' }),
  );
  await secrets.of('acme-hr');
  now += 59 * MINUTE_MS;
  read.mockRejectedValue(away);
  expect(await secrets.of('acme-hr')).toEqual({ signing: ['one'] });
  const records = printed.mock.calls.map(([line]) => JSON.parse(String(line)));
  printed.mockRestore();
  expect(records).toMatchObject([{ stack: 'Acme', function: 'hr-webhook', StaleSecret: 1 }]);
  await expect(secrets.renewed('acme-hr')).rejects.toBe(away);
  now += MINUTE_MS;
  await expect(secrets.of('acme-hr')).rejects.toBe(away);
});

const secretsIn = (secret: unknown, source = 'acme-hr') => setUp(secret).secrets.of(source);

describe("a source's secrets", () => {
  test.each([
    ['one text', 'one', { signing: ['one'] }],
    ['a list, for a rotation', ['one', 'two'], { signing: ['one', 'two'] }],
    ['one text in an object', { signing: 'one' }, { signing: ['one'] }],
    ['a list in an object', { signing: ['one', 'two'] }, { signing: ['one', 'two'] }],
    ['a text beside what is no secret', { signing: 'one', lookup: 'k' }, { signing: ['one'] }],
  ])('may be %s', async (_, own, secrets) => {
    expect(await secretsIn({ 'acme-hr': own, other: 'x' })).toEqual(secrets);
  });

  test.each([
    [['one', 'two'], { signing: ['one', 'two'] }],
    [{ signing: ['one\n'] }, { signing: ['one'] }],
  ])("may be the text that the console's key and value make of them: %j", async (own, secrets) => {
    expect(await secretsIn({ 'acme-hr': ` ${JSON.stringify(own)}\n` })).toEqual(secrets);
  });

  test.each(['[one', '{one}'])('may begin like JSON: %s', async (own) => {
    expect(await secretsIn({ 'acme-hr': own })).toEqual({ signing: [own] });
  });

  test.each([
    ['an empty text', '', []],
    ['an empty list', [], []],
    ['empty texts in a list', ['', 'one', ''], ['one']],
    ['what is no text in a list', [1, null, { a: 1 }, ['x'], 'one'], ['one']],
    ['a number', 1, []],
    ['true', true, []],
    ['null', null, []],
    ['an empty object', {}, []],
    ['an object of another shape', { secret: 'one' }, []],
    ['an object for a signing secret', { signing: { one: 'one' } }, []],
  ])('are none of %s', async (_, own, signing) => {
    expect(await secretsIn({ 'acme-hr': own })).toEqual({ signing });
  });

  test.each([
    ['a line break', 'SECRET\n'],
    ['a blank', ' SECRET '],
    ['a tab and a no-break space', '\tSECRET\u00a0'],
    ['a BOM', '\ufeffSECRET\r\n'],
  ])('are without %s around them', async (_, padded) => {
    const given = (text: string) => padded.replace('SECRET', text);
    const whole = given(JSON.stringify({ 'acme-hr': given('one'), other: [given('two')] }));
    expect(await secretsIn(whole)).toEqual({ signing: ['one'] });
    expect(await secretsIn(whole, 'other')).toEqual({ signing: ['two'] });
    const credentials = given(JSON.stringify({ 'acme-hr': given('key:x') }));
    expect(await createLookupCredentials(async () => credentials)('acme-hr')).toBe('key:x');
  });

  test('keep the white space within them', async () => {
    expect(await secretsIn({ 'acme-hr': 'user:correct horse' })).toEqual({
      signing: ['user:correct horse'],
    });
  });

  test.each(['', ' ', '\n', '\ufeff'])('are none of the blank %j', async (blank) => {
    expect(await secretsIn({ 'acme-hr': { signing: blank } })).toEqual({ signing: [] });
    const credentials = JSON.stringify({ 'acme-hr': blank });
    expect(await createLookupCredentials(async () => credentials)('acme-hr')).toBeUndefined();
  });

  test('are never those of another source', async () => {
    const secret = { 'acme-hr': 'one', 'acme-hr-2': 'two' };
    expect(await secretsIn(secret, 'acme-hr-2')).toEqual({ signing: ['two'] });
    expect(await secretsIn(secret, 'acme')).toEqual({ signing: [] });
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'are none where a source is called %s and has none of its own',
    async (name) => {
      expect(await secretsIn({ 'acme-hr': 'one' }, name)).toEqual({ signing: [] });
      expect(await secretsIn({ 'acme-hr': { signing: 'one' } }, name)).toEqual({ signing: [] });
    },
  );

  test('are its own where a source is called constructor', async () => {
    expect(await secretsIn({ constructor: 'one' }, 'constructor')).toEqual({ signing: ['one'] });
  });

  test('are none of a __proto__ in the secret', async () => {
    const text = '{"__proto__": {"acme-hr": "one", "signing": "one"}}';
    expect(await secretsIn(text)).toEqual({ signing: [] });
    expect(await secretsIn('{"acme-hr": {"__proto__": {"signing": "one"}}}')).toEqual({
      signing: [],
    });
  });
});

describe("a lookup's credential", () => {
  const credentialIn = (secret: unknown, source = 'acme-hr') => {
    const text = typeof secret === 'string' ? secret : JSON.stringify(secret);
    return createLookupCredentials(async () => text)(source);
  };

  test('is the text of its source', async () => {
    expect(await credentialIn({ 'acme-hr': 'user:key', other: 'x' })).toBe('user:key');
  });

  test.each([
    ['an empty text', { 'acme-hr': '' }],
    ['a number', { 'acme-hr': 7 }],
    ['a list', { 'acme-hr': ['key'] }],
    ['an object', { 'acme-hr': { lookup: 'key' } }],
    ['another source', { other: 'key' }],
    ['what is not JSON', 'Zl$;@9'],
  ])('is none in %s', async (_, secret) => {
    expect(await credentialIn(secret)).toBeUndefined();
    expect(await credentialIn(secret, 'constructor')).toBeUndefined();
  });
});

describe('a secret that holds no sources', () => {
  test.each([
    ['nothing', ''],
    ['the random text that a new secret has', 'Zl$;@9,uYt^?:4hG*R{m!x"q2'],
    ['broken JSON', '{"acme-hr": "one"'],
    ['a text in JSON', '"one"'],
    ['a list', '["one"]'],
    ['null', 'null'],
    ['a number', '7'],
  ])('such as %s, is no secret for anybody', async (_, text) => {
    expect(await secretsIn(text)).toEqual({ signing: [] });
  });

  test('never throws, and never gives an empty text, whatever it is', async () => {
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc.anything().map((own) => JSON.stringify({ 'acme-hr': own }) ?? ''),
      fc
        .record({ signing: fc.anything(), lookup: fc.anything() }, { requiredKeys: [] })
        .map((own) => JSON.stringify({ 'acme-hr': own })),
    );
    await fc.assert(
      fc.asyncProperty(anything, async (text) => {
        const { signing } = await secretsIn(text);
        expect(signing.every((secret) => typeof secret === 'string' && secret !== '')).toBe(true);
      }),
    );
  });
});

describe('the secrets are kept', () => {
  test('for five minutes, for all sources', async () => {
    const { secrets, read, pass } = setUp({ one: 'x', two: 'y' });
    await secrets.of('one');
    pass(5 * MINUTE_MS - 1);
    expect(await secrets.of('two')).toEqual({ signing: ['y'] });
    expect(read).toHaveBeenCalledTimes(1);
  });

  test('no longer', async () => {
    const { secrets, read, pass, put } = setUp({ one: 'x' });
    await secrets.of('one');
    put({ one: 'z' });
    pass(5 * MINUTE_MS);
    expect(await secrets.of('one')).toEqual({ signing: ['z'] });
    expect(read).toHaveBeenCalledTimes(2);
  });

  test('for five minutes from the reading’s end', async () => {
    const { secrets, read, pass } = setUp({ one: 'x' });
    read.mockImplementationOnce(async () => {
      pass(2000);
      return '{"one": "x"}';
    });
    await secrets.of('one');
    pass(5 * MINUTE_MS - 1);
    await secrets.of('one');
    expect(read).toHaveBeenCalledTimes(1);
  });

  test('and read once, however many ask at the same time', async () => {
    const { secrets, read } = setUp({ one: 'x', two: 'y' });
    const asked = [secrets.of('one'), secrets.of('two'), secrets.renewed('one'), secrets.of('one')];
    expect((await Promise.all(asked)).map(({ signing }) => signing)).toEqual([
      ['x'],
      ['y'],
      ['x'],
      ['x'],
    ]);
    expect(read).toHaveBeenCalledTimes(1);
  });

  test('but not for the next process', async () => {
    const { read } = setUp({ one: 'x' });
    await createSecrets(read).of('one');
    await createSecrets(read).of('one');
    expect(read).toHaveBeenCalledTimes(2);
  });
});

describe('a reading that fails', () => {
  const unavailable = ownError('webhook_secret_unavailable', { reason: 'Error' });

  test('fails for everybody who asks at that moment, as it is', async () => {
    const { secrets, read } = setUp({ one: 'x' });
    read.mockRejectedValueOnce(unavailable);
    const asked = await Promise.allSettled([secrets.of('one'), secrets.renewed('one')]);
    expect(asked).toEqual([
      { status: 'rejected', reason: unavailable },
      { status: 'rejected', reason: unavailable },
    ]);
    expect(read).toHaveBeenCalledTimes(1);
  });

  test('is not remembered', async () => {
    const { secrets, read } = setUp({ one: 'x' });
    read.mockRejectedValueOnce(unavailable);
    await secrets.of('one').catch(() => undefined);
    expect(await secrets.of('one')).toEqual({ signing: ['x'] });
  });

  test('does not make known secrets unknown', async () => {
    const { secrets, read, pass } = setUp({ one: 'x' });
    await secrets.of('one');
    pass(2 * MINUTE_MS);
    read.mockRejectedValueOnce(unavailable);
    await expect(secrets.renewed('one')).rejects.toBe(unavailable);
    expect(await secrets.of('one')).toEqual({ signing: ['x'] });
    expect(read).toHaveBeenCalledTimes(2);
  });
});

describe('secrets that did not fit a delivery', () => {
  test('are read anew once they are a minute old', async () => {
    const { secrets, put, pass } = setUp({ one: 'x' });
    await secrets.of('one');
    put({ one: ['x', 'y'] });
    pass(MINUTE_MS);
    expect(await secrets.renewed('one')).toEqual({ signing: ['x', 'y'] });
  });

  test('are known to everybody then', async () => {
    const { secrets, put, pass, read } = setUp({ one: 'x', two: 'x' });
    await secrets.of('one');
    put({ one: 'y', two: 'y' });
    pass(MINUTE_MS);
    await secrets.renewed('one');
    expect(await secrets.of('two')).toEqual({ signing: ['y'] });
    expect(read).toHaveBeenCalledTimes(2);
  });

  test('are read no more than once a minute, however many forged deliveries come', async () => {
    const { secrets, read, pass } = setUp({ one: 'x' });
    await secrets.of('one');
    for (let second = 0; second < 600; second += 1) {
      pass(1000);
      await secrets.renewed(second % 2 ? 'one' : 'two');
    }
    expect(read).toHaveBeenCalledTimes(1 + 10);
  });

  test('are not read again right after the first reading', async () => {
    const { secrets, read } = setUp({ one: 'x' });
    expect(await secrets.renewed('one')).toEqual({ signing: ['x'] });
    expect(await secrets.renewed('one')).toEqual({ signing: ['x'] });
    expect(read).toHaveBeenCalledTimes(1);
  });
});
