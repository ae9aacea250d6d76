import { describe, expect, test } from 'vitest';
import { type DeliveryAuth, verify } from '../../functions/webhooks/verify.ts';
import { post } from '../support/verify-deliveries.ts';

const SECRET = 'correct-horse-battery';

const result = (
  auth: DeliveryAuth,
  header: string | undefined,
  secrets: string[],
  name = 'authorization',
) => verify(auth, secrets, post({ [name]: header }, '{}'), 0);

describe('a static header', () => {
  const token: DeliveryAuth = { header: { name: 'x-token' } };
  const bearer: DeliveryAuth = { header: { name: 'authorization', prefix: 'Bearer ' } };

  test.each([
    ['the secret', SECRET, [SECRET]],
    ['the second of two secrets', SECRET, ['old', SECRET]],
  ])('takes %s', (_name, header, secrets) => {
    expect(result(token, header, secrets, 'x-token')).toBe('verified');
  });

  test('takes the secret behind its prefix', () => {
    expect(result(bearer, `Bearer ${SECRET}`, [SECRET])).toBe('verified');
  });

  test.each([
    ['another text', 'x', 'bad_credentials'],
    ['the beginning of the secret', SECRET.slice(0, -1), 'bad_credentials'],
    ['the secret and more', `${SECRET}x`, 'bad_credentials'],
    ['the secret in other case', SECRET.toUpperCase(), 'bad_credentials'],
    ['the secret twice', `${SECRET},${SECRET}`, 'bad_credentials'],
    ['nothing', undefined, 'missing_header'],
    ['an empty header', '', 'missing_header'],
  ])('refuses %s', (_name, header, refusal) => {
    expect(result(token, header, [SECRET], 'x-token')).toBe(refusal);
  });

  test.each([
    ['no prefix', SECRET],
    ['another prefix', `Basic ${SECRET}`],
    ['the prefix alone', 'Bearer '],
  ])('refuses %s where a prefix is due', (_name, header) => {
    expect(result(bearer, header, [SECRET])).toBe('bad_credentials');
  });

  test('refuses the prefix alone beside an empty secret', () => {
    expect(result(bearer, 'Bearer ', ['', SECRET])).toBe('bad_credentials');
  });

  test.each([
    ['none', []],
    ['an empty one', ['']],
  ])('refuses with %s for a secret', (_name, secrets) => {
    expect(result(token, SECRET, secrets, 'x-token')).toBe('no_secret');
  });

  test.each([
    ['16 bytes', 'sixteen-bytes-16'],
    ['16 bytes in 15 letters', 'fünfzehn-Zeich.'],
  ])('takes a secret of %s', (_name, secret) => {
    expect(result(token, secret, [secret], 'x-token')).toBe('verified');
  });

  test.each([
    ['a letter', '1', 'short_secret'],
    ['15 bytes', 'fifteen-bytes-1', 'short_secret'],
    ['a blank', ' ', 'no_secret'],
    ['a line break', '\n', 'no_secret'],
    ['the beginning of a form', 'SIGNING-SECRET', 'short_secret'],
  ])('has no secret in %s, which could be guessed', (_name, secret, reason) => {
    expect(result(token, secret, [secret], 'x-token')).toBe(reason);
  });
});

describe('HTTP Basic', () => {
  const basic: DeliveryAuth = { basic: true };
  const SECRETS = ['workday:correct horse'];
  // printf 'workday:correct horse' | openssl base64 -A
  const CREDENTIALS = 'd29ya2RheTpjb3JyZWN0IGhvcnNl';

  test.each(['Basic', 'basic', 'BASIC'])('takes user and password behind %s', (scheme) => {
    expect(result(basic, `${scheme} ${CREDENTIALS}`, SECRETS)).toBe('verified');
  });

  test('takes a password with colons in it', () => {
    // printf 'a:b:c-and-some-more' | openssl base64 -A
    const header = 'Basic YTpiOmMtYW5kLXNvbWUtbW9yZQ==';
    expect(result(basic, header, ['a:b:c-and-some-more'])).toBe('verified');
  });

  test.each([
    // printf 'workday:correct' | openssl base64 -A, and likewise below
    ['another password', 'Basic d29ya2RheTpjb3JyZWN0'],
    ['another user', 'Basic dTpjb3JyZWN0IGhvcnNl'],
    ['the user alone', 'Basic d29ya2RheQ=='],
    ['the credentials without base64', 'Basic workday:correct horse'],
    ['another scheme', `Bearer ${CREDENTIALS}`],
    ['no scheme', CREDENTIALS],
    ['something before the scheme', `x Basic ${CREDENTIALS}`],
    ['the scheme alone', 'Basic '],
    ['the header twice', `Basic ${CREDENTIALS},Basic ${CREDENTIALS}`],
  ])('refuses %s', (_name, header) => {
    expect(result(basic, header, SECRETS)).toBe('bad_credentials');
  });

  test('refuses a missing header', () => {
    expect(result(basic, undefined, SECRETS)).toBe('missing_header');
  });

  test.each([
    ['an empty one', '', 'no_secret'],
    ['a user without a password', 'workday-integration:', 'no_secret'],
    ['neither user nor password', ':', 'short_secret'],
    ['no colon', 'workday-integration', 'no_secret'],
    ['15 bytes in all', 'workday:1234567', 'short_secret'],
  ])('refuses with %s for a secret', (_name, secret, reason) => {
    const header = `Basic ${Buffer.from(secret).toString('base64')}`;
    expect(result(basic, header, [secret])).toBe(reason);
  });
});
