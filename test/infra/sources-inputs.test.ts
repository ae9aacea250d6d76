import { describe, expect, it } from 'vitest';
import { PROVIDER_NAMES } from '../../functions/webhooks/providers.ts';
import { ConfigError } from '../../infra/config/error.ts';
import { loadConfig } from '../../infra/config/load.ts';

// What a source says of how its sender's deliveries are read, and of its lookup.

const CHANNEL = 'C0PARTNER01';
const RULE = { when: 'type = "hired"', invite: { channel: CHANNEL, email: 'email' } };
const HMAC = {
  hash: 'sha256',
  header: 'x-signature',
  encoding: 'hex',
  key: 'utf8',
  signed: [{ header: 'x-time' }, { header: 'x-event-id' }, 'body'],
};
const GENERIC = { provider: 'generic', rules: [RULE], auth: { header: { name: 'x-token' } } };
const LOOKUP = { url: 'https://api.example.com/people/{id}', email: 'email', id: 'id' };

const load = (source: object) =>
  loadConfig({ slackConnectInvites: { channels: { [CHANNEL]: {} }, sources: { acme: source } } });

/** The lines of the refusal, from the source's own key on. */
const refusal = (source: object): string[] => {
  try {
    load(source);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    const [, ...lines] = (error as Error).message.split('\n');
    return lines.map((line) => line.replace('  slackConnectInvites.sources.acme.', ''));
  }
  throw new Error('expected a refusal');
};

describe('a source of one’s own may say', () => {
  it.each<[string, object]>([
    ['where its events are: a path', { events: 'Report_Entry' }],
    ['a path of names with colons', { events: 'wd:Report_Data.wd:Report_Entry' }],
    ['an expression', { events: 'people[status = "hired"].{"email": mail}' }],
    ['where their id is', { eventId: 'meta.id' }],
    ['which header has it', { eventId: { header: 'X-Event-Id' } }],
    ['a signed header', { eventId: { header: 'x-event-id' }, auth: { hmac: HMAC } }],
    ['where their time is', { time: 'meta.at' }],
    ['what marks a test', { ignore: { path: 'test', equals: true } }],
    ['that in a text', { ignore: { path: 'meta.mode', equals: 'test' } }],
    ['a handshake by a header', { handshake: { header: 'X-Challenge', key: 'challenge' } }],
    ['one by the address', { handshake: { query: 'validationToken' } }],
    ['one by an echo', { handshake: { echo: 'X-Hook-Secret' } }],
    ['one by the body', { handshake: { body: 'challenge' } }],
    ['that its secret is in the events', { auth: { body: 'value.clientState' } }],
    [
      'that a header has parts',
      {
        auth: {
          hmac: {
            ...HMAC,
            signed: [{ header: 'x-signature', part: 't' }, 'body'],
            timestamp: { header: 'x-signature', part: 't', format: 'seconds' },
          },
        },
      },
    ],
    ['rules that read headers', { rules: [{ ...RULE, when: '$headers."x-event" = "hired"' }] }],
  ])('%s', (_name, more) => {
    expect(() => load({ ...GENERIC, ...more })).not.toThrow();
  });

  it('with names of headers in any case, which become lower case', () => {
    const { sources } = load({
      ...GENERIC,
      eventId: { header: 'X-Id' },
      handshake: { echo: 'X-S' },
    });
    expect(sources.acme).toMatchObject({ eventId: { header: 'x-id' }, handshake: { echo: 'x-s' } });
  });
});

describe('the age of its events', () => {
  const ALL = PROVIDER_NAMES.filter((name) => name !== 'finch');

  it.each(ALL)('can be limited for %s', (provider) => {
    const auth = provider === 'generic' && { auth: GENERIC.auth };
    const source = { provider, rules: [RULE], ...auth, maxAge: 604_800 };
    expect(load(source).sources.acme).toMatchObject({ maxAge: 604_800 });
  });

  it('cannot be where an event does not say when it happened', () => {
    expect(refusal({ provider: 'finch', rules: [RULE], maxAge: 604_800 })).toEqual([
      expect.stringContaining(
        'maxAge: found 604800; allowed: nothing: an event of "finch" does not say when it happened',
      ),
    ]);
  });

  it.each([0, 59, 34_560_001, 3600.5, '7d', 'P7D', null, true])('is not %j', (maxAge) => {
    expect(refusal({ ...GENERIC, maxAge })).toEqual([
      expect.stringContaining(
        'allowed: a whole number from 60 to 34560000 seconds, such as 604800 for 7 days',
      ),
    ]);
  });
});

it.each(['okta', 'personio'])('%s may have its secret in another header', (provider) => {
  const auth = { header: { name: 'x-secret' } };
  expect(() => load({ provider, rules: [RULE], auth })).not.toThrow();
});

describe('refused is', () => {
  it.each<[string, object, string]>([
    [
      'an expression for events that is none',
      { events: 'a[' },
      'events: found "a["; allowed: a JSONata expression over the whole delivery',
    ],
    [
      'an id in a header that nobody signs',
      { eventId: { header: 'x-other' }, auth: { hmac: HMAC } },
      'eventId.header: found "x-other"; allowed: a header that is one of the signed parts',
    ],
    [
      'an id in a header of a sender that proves itself in the body',
      { eventId: { header: 'x-id' }, auth: { body: 'secret' } },
      'eventId.header: found "x-id"; allowed: a header that is one of the signed parts',
    ],
    [
      'a time that is no path',
      { time: 'a..b' },
      'time: found "a..b"; allowed: a path over one event',
    ],
    [
      'a mark without a value',
      { ignore: { path: 'test' } },
      'ignore.equals: found nothing; allowed: a text, a number, true or false',
    ],
    [
      'a mark that is an expression',
      { ignore: 'test = true' },
      'ignore: found "test = true"; allowed: an object with path and equals',
    ],
    [
      'two handshakes',
      { handshake: { query: 'a', echo: 'b' } },
      'handshake: found {"query":"a","echo":"b"}; allowed: exactly one of',
    ],
    [
      'a challenge in a body that nobody has proved',
      { handshake: { body: 'challenge' }, auth: { body: 'secret' } },
      'handshake.body: found "challenge"; allowed: nothing',
    ],
    [
      'a part of a header that has none',
      { auth: { hmac: { ...HMAC, signed: [{ header: 'x', part: 't=' }, 'body'] } } },
      'auth.hmac.signed.0.part: found "t="',
    ],
    [
      'the time of another part than is signed',
      {
        auth: {
          hmac: {
            ...HMAC,
            signed: [{ header: 'x-t' }, 'body'],
            timestamp: { header: 'x-t', part: 't', format: 'seconds' },
          },
        },
      },
      'auth.hmac.timestamp.header: found "x-t"; allowed: a header that is one of the signed parts',
    ],
    ['two ways to prove oneself', { auth: { basic: true, body: 'secret' } }, 'auth: found'],
  ])('%s', (_name, more, line) => {
    const lines = refusal({ ...GENERIC, ...more });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(line);
  });

  it.each(['events', 'eventId', 'time', 'ignore', 'handshake'])(
    '%s for a provider whose row says it',
    (key) => {
      const value = { ignore: { path: 'a', equals: 1 }, handshake: { query: 'a' } }[key] ?? 'a';
      const [line, ...more] = refusal({ provider: 'deel', rules: [RULE], [key]: value });
      expect(more).toEqual([]);
      expect(line).toContain(`${key} is for "generic" only, leave it out for "deel"`);
    },
  );

  it.each([
    ['deel', { basic: true }, 'nothing: the scheme of "deel" is fixed, leave it out'],
    ['okta', { basic: true }, 'a header in which "okta" sends the secret, or leave it out'],
  ])('auth for %s: %j', (provider, auth, line) => {
    expect(refusal({ provider, rules: [RULE], auth })).toEqual([expect.stringContaining(line)]);
  });

  it.each([
    ['$eval("1")', '$eval is not there: it would run what an event says'],
    ['$map([1], $eval)', '$eval is not there'],
    ['left = null', 'write $not($exists(…)) for what is not there'],
    ['"" = left', 'write $not($exists(…)) for what is not there'],
    ['$exists(a[b = null])', 'write $not($exists(…)) for what is not there'],
  ])('the condition %s', (when, line) => {
    const [first, ...more] = refusal({ ...GENERIC, rules: [{ ...RULE, when }] });
    expect(more).toEqual([]);
    expect(first).toContain(line);
  });

  it.each(['left != null', 'x = "null"', '$exists(left)'])('not the condition %s', (when) => {
    expect(() => load({ ...GENERIC, rules: [{ ...RULE, when }] })).not.toThrow();
  });
});

describe('a lookup', () => {
  const withLookup = (lookup: object) => ({ ...GENERIC, lookup: { ...LOOKUP, ...lookup } });
  const TOKEN = { url: 'https://login.example.com/token', client: 'form' };
  const BEARER = { Authorization: 'Bearer {token}' };

  it.each<[string, object]>([
    ['has the id in its body', { url: 'https://api.example.com/info', body: { id: '{id}' } }],
    [
      'has it deep in its body',
      { url: 'https://api.example.com/info', body: { a: [{ b: 'x-{id}' }] } },
    ],
    ['has it in both', { body: { id: '{id}' } }],
    [
      'has GraphQL in its body',
      { body: { query: 'query($id: ID!) { employee(id: $id) { email } }' } },
    ],
    ['buys a token', { token: TOKEN, headers: BEARER }],
    [
      'buys it by HTTP Basic, with a scope',
      {
        token: {
          ...TOKEN,
          client: 'basic',
          parameters: { scope: 'people:read', audience: 'https://api' },
        },
        headers: BEARER,
      },
    ],
  ])('may be one that %s', (_name, more) => {
    expect(() => load(withLookup(more))).not.toThrow();
  });

  it.each<[string, object, string]>([
    [
      'has no id at all',
      { url: 'https://api.example.com/info' },
      'here it stands neither in url nor in body, so that everybody would be the same person',
    ],
    ['has it twice in the address', { url: 'https://api.example.com/{id}/{id}' }, 'may stand once'],
    [
      'has // behind the host',
      { url: 'https://api.example.com//evil.example/{id}' },
      'with no // after the host',
    ],
    [
      'has {secret} in its body',
      { body: { key: '{secret}', id: '{id}' } },
      'lookup.body: found {"key":"{secret}","id":"{id}"}; allowed:',
    ],
    [
      'has another name for the id',
      { body: { id: '{personId}' } },
      '{personId} stands for nothing here',
    ],
    [
      'has a token and no place for it',
      { token: TOKEN },
      'lookup.headers: found nothing; allowed: headers with {token} in one of them',
    ],
    [
      'has a place for a token and none',
      { headers: BEARER },
      'lookup.token: found nothing; allowed: an object with url and client, since a header has {token}',
    ],
    [
      'buys it without TLS',
      { token: { ...TOKEN, url: 'http://login.example.com/token' }, headers: BEARER },
      'lookup.token.url: found',
    ],
    [
      'does not say how',
      { token: { url: TOKEN.url }, headers: BEARER },
      'lookup.token.client: found nothing; allowed: "basic" or "form"',
    ],
    [
      'has a credential among the parameters',
      { token: { ...TOKEN, parameters: { client_secret: 's3cret-marker' } }, headers: BEARER },
      'the client is the credential in the secret, as "id:secret"',
    ],
    [
      'says another grant',
      { token: { ...TOKEN, parameters: { grant_type: 'password' } }, headers: BEARER },
      'grant_type is client_credentials',
    ],
  ])('may not be one that %s', (_name, more, line) => {
    const lines = refusal(withLookup(more));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(line);
    expect(lines[0]).not.toContain('s3cret-marker');
  });
});
