import { beforeEach, describe, expect, test } from 'vitest';
import { createEvaluate, createSandbox } from '../../functions/webhooks/expression.ts';
import { lookup } from '../../functions/webhooks/lookup.ts';
import { createAccessTokens } from '../../functions/webhooks/lookup-request.ts';
import type { Lookup, TokenRequest } from '../../functions/webhooks/source.ts';
import { httpAnswer, startHostileServer } from '../support/hostile-server.ts';

const evaluate = createEvaluate(createSandbox());
const TOKEN: TokenRequest = { url: 'https://api.example.com/v2/auth/token', client: 'form' };
const LOOKUP: Lookup = {
  url: 'https://api.example.com/v2/persons/{id}',
  headers: { Authorization: 'Bearer {token}' },
  token: TOKEN,
  email: 'email',
};

let now: number;
beforeEach(() => {
  now = 0;
});

const token = (text: string, more = {}) =>
  httpAnswer(200, JSON.stringify({ access_token: text, token_type: 'bearer', ...more }));
const person = httpAnswer(200, JSON.stringify({ email: 'casey@partner.example' }));

/** An API and its tokens. @param answers of the token's address, the last one for ever. */
const startApi = async (
  answers: string[],
  personOf: (request: string) => string = () => person,
) => {
  const tokens = createAccessTokens(() => now);
  const server = await startHostileServer({
    onRequest: (socket) => {
      const request = server.received.at(-1) ?? '';
      const isToken = request.startsWith('POST /v2/auth/token');
      const [next = ''] = answers.length > 1 ? answers.splice(0, 1) : answers;
      socket.write(isToken ? next : personOf(request));
    },
  });
  const origin = new URL(`http://127.0.0.1:${server.port}`);
  return {
    look: (settings: Lookup = LOOKUP, credential: string | undefined = 'papi-1:s3cret') =>
      lookup(settings, '42', { credential, evaluate, tokens, origin, timeoutMs: 2000 }),
    received: server.received,
    tokensAsked: () => server.received.filter((one) => one.startsWith('POST /v2/auth/token')),
  };
};

const bodyOf = (request = '') =>
  Object.fromEntries(new URLSearchParams(request.split('\r\n\r\n')[1]));

describe('the token of a lookup', () => {
  test('is bought with the credential, and goes into the header', async () => {
    const api = await startApi([token('t-1', { expires_in: 86_400 })]);
    expect(await api.look()).toEqual({ email: 'casey@partner.example' });
    const [grant, question] = api.received;
    expect(bodyOf(grant)).toEqual({
      grant_type: 'client_credentials',
      client_id: 'papi-1',
      client_secret: 's3cret',
    });
    expect(grant).toContain('content-type: application/x-www-form-urlencoded');
    expect(grant).not.toMatch(/^authorization:/im);
    expect(question).toMatch(/^GET \/v2\/persons\/42 /);
    expect(question).toContain('authorization: Bearer t-1\r\n');
  });

  test('may be bought by HTTP Basic, each part written as in a form, with fields of one’s own', async () => {
    const api = await startApi([token('t-1')]);
    const asked: TokenRequest = { ...TOKEN, client: 'basic', parameters: { scope: 'people:read' } };
    await api.look({ ...LOOKUP, token: asked }, 'id:a:b/c');
    expect(bodyOf(api.received[0])).toEqual({
      grant_type: 'client_credentials',
      scope: 'people:read',
    });
    // printf 'id:a%3Ab%2Fc' | openssl base64 -A
    expect(api.received[0]).toContain('authorization: Basic aWQ6YSUzQWIlMkZj\r\n');
  });

  test.each([
    ['a day', 86_400, 86_340_000],
    ['ten minutes', 600, 540_000],
    ['ten minutes, told as a text', '600', 540_000],
    ['a time that nobody tells', undefined, 300_000],
  ])('is kept while it lives: %s', async (_name, seconds, keptMs) => {
    const api = await startApi([token('t-1', { expires_in: seconds })]);
    await api.look();
    now = keptMs - 1;
    await api.look();
    expect(api.tokensAsked()).toHaveLength(1);
    now = keptMs;
    await api.look();
    expect(api.tokensAsked()).toHaveLength(2);
  });

  test('is not that of another credential', async () => {
    const api = await startApi([token('t-1'), token('t-2')]);
    await api.look();
    await api.look(LOOKUP, 'papi-2:s3cret');
    expect(api.tokensAsked()).toHaveLength(2);
  });

  test('that is kept and was taken back is bought once more', async () => {
    const accepted = (request: string) =>
      request.includes('Bearer t-2') ? person : httpAnswer(401, '');
    const api = await startApi([token('t-1'), token('t-2')], (request) =>
      now === 0 ? person : accepted(request),
    );
    await api.look();
    now = 1;
    expect(await api.look()).toEqual({ email: 'casey@partner.example' });
    expect(api.tokensAsked()).toHaveLength(2);
  });

  test('that is new and refused is not bought again', async () => {
    const api = await startApi([token('t-1')], () => httpAnswer(401, ''));
    expect(await api.look()).toEqual({ failed: 'unauthorized', retryable: false });
    expect(api.tokensAsked()).toHaveLength(1);
  });

  test.each([
    [400, 'token_refused', false],
    [401, 'token_refused', false],
    [404, 'token_refused', false],
    [302, 'token_refused', false],
    [408, 'token_unavailable', true],
    [429, 'token_unavailable', true],
    [500, 'token_unavailable', true],
  ])('is none after HTTP %i: %s', async (status, failed, retryable) => {
    const api = await startApi([httpAnswer(status, '{"error":"qx-marker"}')]);
    expect(await api.look()).toEqual({ failed, retryable });
    expect(api.received).toHaveLength(1);
  });

  test.each([
    ['no JSON', httpAnswer(200, 'qx-marker')],
    ['no token', httpAnswer(200, '{}')],
    ['null', httpAnswer(200, 'null')],
    ['a number for a token', httpAnswer(200, '{"access_token":7}')],
    ['a token that no header can carry', token('a\r\nb')],
  ])('is none in an answer with %s', async (_name, answer) => {
    const api = await startApi([answer]);
    expect(await api.look()).toEqual({ failed: 'token_refused', retryable: false });
  });

  test('says when to try again, where it is told', async () => {
    const api = await startApi([httpAnswer(429, '', { 'retry-after': '30' })]);
    expect(await api.look()).toEqual({
      failed: 'token_unavailable',
      retryable: true,
      retryAfter: 30,
    });
  });

  test.each([undefined, '', 'no-colon', ':no-id'])(
    'is not asked for with the credential %j',
    async (credential) => {
      const api = await startApi([token('t-1')]);
      const tokens = createAccessTokens();
      const origin = new URL('http://127.0.0.1:1');
      const result = await lookup(LOOKUP, '42', { credential, evaluate, tokens, origin });
      expect(result).toEqual({ failed: 'no_credential', retryable: false });
      expect(api.received).toEqual([]);
    },
  );

  test('is asked for at the host of the configuration, whatever its path', async () => {
    const api = await startApi([token('t-1')]);
    await api.look({ ...LOOKUP, token: { ...TOKEN, url: 'https://api.example.com//evil.test/x' } });
    expect(api.received[0]).toMatch(/^POST \/\/evil\.test\/x /);
  });
});

describe('the id in the body of a lookup', () => {
  const asked = async (body: Record<string, unknown>, id = '42') => {
    const server = await startHostileServer({ onRequest: (socket) => void socket.write(person) });
    const settings: Lookup = {
      url: 'https://api.ashbyhq.com/candidate.info',
      headers: { Authorization: 'Basic {secret:base64}' },
      body,
      email: 'email',
    };
    const origin = new URL(`http://127.0.0.1:${server.port}`);
    const tokens = createAccessTokens();
    await lookup(settings, id, { credential: 'k:', evaluate, tokens, origin });
    return server.received[0]?.split('\r\n\r\n')[1];
  };

  test.each([
    [{ id: '{id}' }, '{"id":"42"}'],
    [{ requests: [{ individual_id: '{id}' }] }, '{"requests":[{"individual_id":"42"}]}'],
    [{ a: 'p-{id}-{id}', n: 1, b: null }, '{"a":"p-42-42","n":1,"b":null}'],
  ])('stands where its place is: %j', async (body, sent) => {
    expect(await asked(body)).toBe(sent);
  });

  test('cannot write anything else, whatever it is', async () => {
    const id = '"},"x":{"$&';
    expect(JSON.parse((await asked({ id: '{id}' }, id)) ?? '')).toEqual({ id });
  });
});

test('of several addresses in an answer the first that can be used is taken', async () => {
  const answer = httpAnswer(
    200,
    JSON.stringify({ emails: [null, '', 'a@p.example', 'b@p.example'] }),
  );
  const server = await startHostileServer({ onRequest: (socket) => void socket.write(answer) });
  const settings: Lookup = { url: 'https://api.example.com/{id}', email: 'emails' };
  const origin = new URL(`http://127.0.0.1:${server.port}`);
  const means = { credential: undefined, evaluate, tokens: createAccessTokens(), origin };
  expect(await lookup(settings, '42', means)).toEqual({ email: 'a@p.example', leftOut: 1 });
});
