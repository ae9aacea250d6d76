import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lookupHeaders, lookupOrigin, lookupUrl } from '../../functions/webhooks/lookup-request.ts';
import { runs } from '../support/depth.ts';

const headersWith = (templates: Record<string, string>, credential: string | undefined) =>
  lookupHeaders(templates, { credential, token: undefined });

const IN_PATH = 'https://api.example.com/v1/employees/{id}/?fields=homeEmail';
const IN_QUERY = 'https://api.example.com/v1/people?id={id}&fields=homeEmail';

describe('the address of a lookup', () => {
  it.each([
    ['42', '42'],
    ['a1b2-c3', 'a1b2-c3'],
    ['a/b', 'a%2Fb'],
    ['../admin', '..%2Fadmin'],
    ['a?b=c&d#e', 'a%3Fb%3Dc%26d%23e'],
    ['a b', 'a%20b'],
    ["o'hara", 'o%27hara'],
    ['%2e%2e', '%252e%252e'],
    ['@evil.test', '%40evil.test'],
    ['Zoë', 'Zo%C3%AB'],
    ['a\r\nb', 'a%0D%0Ab'],
    ['$&', '%24%26'],
    ['{id}', '%7Bid%7D'],
  ])('has the id %j in it as %s', (id, encoded) => {
    expect(lookupUrl(IN_PATH, id)?.href).toBe(IN_PATH.replace('{id}', () => encoded));
    expect(lookupUrl(IN_QUERY, id)?.href).toBe(IN_QUERY.replace('{id}', () => encoded));
  });

  it.each([
    ['no id at all', ''],
    ['an id that is the folder itself', '.'],
    ['an id that is the folder above', '..'],
    ['0, which BambooHR takes for the owner of the key', '0'],
    ['half a character', '\ud800'],
    ['an id longer than any', '1'.repeat(201)],
  ])('is none for %s', (_name, id) => {
    expect(lookupUrl(IN_PATH, id)).toBeUndefined();
  });

  it('is on the same host, and says the same beside the id, whatever the id is', () => {
    const ids = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({
        unit: fc.constantFrom('.', '/', '\\', '%', '2', 'e', '@', ':', '?', '#', '{', '}'),
      }),
    );
    fc.assert(
      fc.property(ids, fc.constantFrom(IN_PATH, IN_QUERY), (id, template) => {
        const url = lookupUrl(template, id);
        if (!url) return;
        const [before = '', after = ''] = template.split('{id}');
        expect(url.host).toBe('api.example.com');
        expect(url.href.startsWith(before)).toBe(true);
        expect(url.href.endsWith(after)).toBe(true);
        const middle = url.href.slice(before.length, url.href.length - after.length);
        expect(middle).toMatch(/^[\w.~%-]+$/);
        expect(decodeURIComponent(middle)).toBe(id);
      }),
      runs(2000),
    );
  });

  it('keeps its path and query where another origin stands in', () => {
    const url = lookupUrl(IN_PATH, '//evil.test', new URL('http://127.0.0.1:4000/ignored?x=1'));
    expect(url?.href).toBe('http://127.0.0.1:4000/v1/employees/%2F%2Fevil.test/?fields=homeEmail');
  });
});

describe('the origin that stands in', () => {
  it.each([undefined, ''])('is none when nothing is given (%j)', (override) => {
    expect(lookupOrigin(override)).toBeUndefined();
  });

  it.each(['http://127.0.0.1:4000', 'http://localhost:4000', 'https://[::1]:4000'])(
    'may be on this machine: %s',
    (override) => {
      expect(lookupOrigin(override)?.origin).toBe(override);
    },
  );

  it.each([
    'https://evil.test',
    'http://127.0.0.1.evil.test/',
    'http://127.0.0.1@evil.test/',
    'http://0.0.0.0:4000',
    'http://169.254.169.254/',
    'ftp://127.0.0.1/',
    'localhost:4000',
    'no url',
  ])('may not be %s', (override) => {
    expect(() => lookupOrigin(override)).toThrow(/LOOKUP_ORIGIN must be .* of this machine/);
  });
});

describe('the headers of a lookup', () => {
  it.each([
    ['Bearer {secret}', 'Bearer k3y:x'],
    ['Basic {secret:base64}', 'Basic azN5Ong='], // printf k3y:x | base64
    ['{secret}{secret}', 'k3y:xk3y:x'],
    ['fixed', 'fixed'],
  ])('are %s with the credential in it', (template, value) => {
    expect(headersWith({ Authorization: template }, 'k3y:x')).toEqual({ authorization: value });
  });

  it('take the credential as it is, patterns of a replacement included', () => {
    expect(headersWith({ 'x-key': '{secret}' }, "$&$1$'{secret}")).toEqual({
      'x-key': "$&$1$'{secret}",
    });
  });

  it('encode a credential of another script as UTF-8', () => {
    // printf 'zoë:x' | base64
    expect(headersWith({ authorization: 'Basic {secret:base64}' }, 'zoë:x')).toEqual({
      authorization: 'Basic em/Dqzp4',
    });
  });

  it.each([
    ['there is none', undefined],
    ['it is empty', ''],
    ['it would begin another header', 'key\r\nx-evil: 1'],
    ['it is in another script', 'schlüssel'],
  ])('are none when they need a credential and %s', (_name, credential) => {
    expect(headersWith({ authorization: 'Bearer {secret}' }, credential)).toBeUndefined();
  });

  it('need no credential that no template asks for', () => {
    expect(headersWith({ accept: 'application/vnd.example+json' }, undefined)).toEqual({
      accept: 'application/vnd.example+json',
    });
  });
});
