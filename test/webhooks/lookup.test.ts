import type { Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { createEvaluate, createSandbox } from '../../functions/webhooks/expression.ts';
import { type LookupMeans, lookup } from '../../functions/webhooks/lookup.ts';
import { createAccessTokens, LOOKUP_FAILURES } from '../../functions/webhooks/lookup-request.ts';
import type { Lookup } from '../../functions/webhooks/source.ts';
import { httpAnswer, startAnsweringServer, startHostileServer } from '../support/hostile-server.ts';

const LOOKUP: Lookup = {
  url: 'https://api.example.com/v1/employees/{id}?fields=homeEmail',
  headers: { Authorization: 'Bearer {secret}' },
  email: 'homeEmail',
};
const CREDENTIAL = 'k3y-marker';
/** Stands in whatever the servers say beside the facts: no result may repeat it. */
const MARKER = 'qx-marker';

const evaluate = createEvaluate(createSandbox());

/** One lookup at a server of this machine. */
const ask = async (
  port: number,
  {
    lookup: settings = LOOKUP,
    id = '42',
    ...means
  }: Partial<LookupMeans> & { lookup?: Lookup; id?: string } = {},
) => {
  const origin = new URL(`http://127.0.0.1:${port}`);
  const defaults = { credential: CREDENTIAL, evaluate, tokens: createAccessTokens(), origin };
  const result = await lookup(settings, id, { ...defaults, ...means });
  expect(JSON.stringify(result)).not.toMatch(/qx-marker|k3y-marker/);
  return result;
};

/** What a lookup makes of an answer. */
const resultOf = async (answer: string, given: Parameters<typeof ask>[1] = {}) =>
  ask((await startAnsweringServer(answer)).port, given);

const json = (value: unknown) => httpAnswer(200, JSON.stringify(value));

describe('a lookup', () => {
  it('gives the address that its expression finds in the answer', async () => {
    expect(await resultOf(json({ homeEmail: 'casey@partner.example', note: MARKER }))).toEqual({
      email: 'casey@partner.example',
    });
  });

  it('sends one GET with the credential, and asks for JSON', async () => {
    const server = await startAnsweringServer(json({}));
    await ask(server.port, { id: 'a/b' });
    expect(server.received).toHaveLength(1);
    const [head = '', ...lines] = server.received[0]?.split('\r\n') ?? [];
    expect(head).toBe('GET /v1/employees/a%2Fb?fields=homeEmail HTTP/1.1');
    expect(lines).toEqual(
      expect.arrayContaining([
        'authorization: Bearer k3y-marker',
        'accept: application/json',
        'user-agent: slack-connect-invites',
      ]),
    );
  });

  it('leaves out the space around an address', async () => {
    expect(await resultOf(json({ homeEmail: ' casey@partner.example\n' }))).toEqual({
      email: 'casey@partner.example',
    });
  });

  it('asks by POST where there is a body to send', async () => {
    const server = await startAnsweringServer(json({ homeEmail: 'casey@partner.example' }));
    const lookup = { ...LOOKUP, body: { fields: ['root.email', 'home/email'] } };
    expect(await ask(server.port, { lookup })).toEqual({ email: 'casey@partner.example' });
    const [head = '', ...lines] = server.received[0]?.split('\r\n') ?? [];
    expect(head).toBe('POST /v1/employees/42?fields=homeEmail HTTP/1.1');
    expect(lines).toContain('content-type: application/json');
    expect(lines.at(-1)).toBe('{"fields":["root.email","home/email"]}');
  });

  it('lets the configuration ask for another type', async () => {
    const server = await startAnsweringServer(json({}));
    const headers = { Accept: 'application/vnd.example+json' };
    await ask(server.port, { lookup: { ...LOOKUP, headers } });
    expect(server.received[0]?.match(/^accept: .*$/gim)).toEqual([
      'accept: application/vnd.example+json',
    ]);
  });

  it('needs no headers', async () => {
    const { url, email } = LOOKUP;
    const answer = json({ homeEmail: 'casey@partner.example' });
    expect(await resultOf(answer, { lookup: { url, email }, credential: undefined })).toEqual({
      email: 'casey@partner.example',
    });
  });
});

describe('no address yet:', () => {
  it.each([
    ['the field is not there', json({ id: '42' })],
    ['it is null', json({ homeEmail: null })],
    ['it is empty', json({ homeEmail: '' })],
    ['it is blank', json({ homeEmail: ' ' })],
    ['the answer is null', json(null)],
    ['the answer is an empty list', json([])],
    ['the answer is empty', httpAnswer(200, '')],
    ['there is no answer to have', 'HTTP/1.1 204 No Content\r\n\r\n'],
  ])('%s', async (_name, answer) => {
    expect(await resultOf(answer)).toEqual({ pending: 'no_email' });
  });

  it('the person is not there', async () => {
    expect(await resultOf(httpAnswer(404, `<html>${MARKER}`))).toEqual({ pending: 'not_found' });
  });
});

describe('a lookup fails', () => {
  it.each([
    [400, 'refused', false],
    [401, 'unauthorized', false],
    [403, 'unauthorized', false],
    [405, 'refused', false],
    [406, 'refused', false],
    [408, 'unavailable', true],
    [410, 'refused', false],
    [429, 'rate_limited', true],
    [500, 'unavailable', true],
    [502, 'unavailable', true],
    [503, 'unavailable', true],
    [201, 'refused', false],
    [206, 'refused', false],
  ])('with HTTP %i as %s', async (status, failed, retryable) => {
    const body = JSON.stringify({ homeEmail: MARKER });
    expect(await resultOf(httpAnswer(status, body))).toEqual({ failed, retryable });
  });

  it.each([
    [429, '30', 30],
    [503, '30', 30],
    [429, '86400', 3600],
    [429, '0', 0],
    [429, 'Wed, 21 Oct 2026 07:28:00 GMT', undefined],
    [429, '-1', undefined],
    [429, '1e3', undefined],
    [429, '9'.repeat(400), undefined],
  ])('with HTTP %i and retry-after %s: %s seconds', async (status, header, retryAfter) => {
    const result = await resultOf(httpAnswer(status, '', { 'Retry-After': header }));
    expect(result).toMatchObject({ retryable: true });
    expect(result).toHaveProperty('failed');
    expect('retryAfter' in result ? result.retryAfter : undefined).toBe(retryAfter);
  });

  it.each([
    ['HTML', `<!doctype html><p>${MARKER}`],
    ['XML', `<employee id="42"><field id="homeEmail">${MARKER}</field></employee>`],
    ['cut off', `{"homeEmail":"${MARKER}`],
    ['in another encoding', Buffer.from('{"homeEmail":"zo\xeb"}', 'latin1').toString('latin1')],
    ['two answers in one', '{}{}'],
  ])('on what is not JSON: %s', async (_name, body) => {
    const server = await startHostileServer({
      onRequest: (socket) => void socket.write(httpAnswer(200, body), 'latin1'),
    });
    expect(await ask(server.port)).toEqual({ failed: 'not_json', retryable: false });
  });

  it.each([
    ['gives a list of objects', '[{"a":homeEmail},{"b":1}]'],
    ['gives a number', '$length(homeEmail)'],
    ['gives true', 'homeEmail = homeEmail'],
    ['is an error', '$nonesuch()'],
    ['says what it found', '$error(homeEmail)'],
    [
      'runs over its time limit',
      '$contains(homeEmail & "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", /(a+)+$/)',
    ],
  ])('when the expression for the address %s', async (_name, email) => {
    const answer = json({ homeEmail: MARKER });
    expect(await resultOf(answer, { lookup: { ...LOOKUP, email } })).toEqual({
      failed: 'expression',
      retryable: false,
    });
  });

  it('on an answer that nests too deep', async () => {
    const answer = httpAnswer(200, '['.repeat(30_000) + ']'.repeat(30_000));
    expect(await resultOf(answer)).not.toHaveProperty('email');
  });
});

describe('nothing is sent', () => {
  it.each([
    ['bad_id', { id: '..' }],
    ['bad_id', { id: '0' }],
    ['no_credential', { credential: undefined }],
    ['no_credential', { credential: 'key\r\nx-evil: 1' }],
  ])('when it fails as %s: %j', async (failed, given) => {
    const server = await startAnsweringServer(json({}));
    expect(await ask(server.port, given)).toEqual({ failed, retryable: false });
    expect(server.received).toEqual([]);
  });
});

describe('never another host:', () => {
  it.each([301, 302, 303, 307, 308])('HTTP %i is not followed', async (status) => {
    const other = await startAnsweringServer(json({ homeEmail: 'casey@evil.test' }));
    const location = `http://127.0.0.1:${other.port}/v1/employees/42`;
    expect(await resultOf(httpAnswer(status, '', { Location: location }))).toEqual({
      failed: 'redirected',
      retryable: false,
    });
    expect(other.received).toEqual([]);
  });
});

describe('an answer beyond all measure is cut:', () => {
  const MEGABYTES = 'x'.repeat(10 * 1024 * 1024);

  it.each([
    ['10 MB with their length told', httpAnswer(200, MEGABYTES)],
    ['10 MB with no length told', `HTTP/1.1 200 OK\r\n\r\n${MEGABYTES}`],
    ['one byte more than 64 KiB', httpAnswer(200, '{}'.padEnd(64 * 1024 + 1))],
  ])('%s', async (_name, answer) => {
    expect(await resultOf(answer)).toEqual({ failed: 'too_large', retryable: false });
  });

  it('and 64 KiB are not', async () => {
    const body = JSON.stringify({ homeEmail: 'casey@partner.example' }).padEnd(64 * 1024);
    expect(await resultOf(httpAnswer(200, body))).toEqual({ email: 'casey@partner.example' });
  });
});

describe('an answer that does not come is given up:', () => {
  const drip = (head: string) => (socket: Socket) => {
    socket.write(head);
    const timer = setInterval(() => socket.write(' '), 20);
    socket.on('close', () => clearInterval(timer));
  };

  it.each<[string, (socket: Socket) => void]>([
    ['never', () => undefined],
    [
      'without its body',
      (socket) => void socket.write(httpAnswer(200, '', { 'content-length': 9 })),
    ],
    ['drop by drop', drip('HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n')],
  ])('%s', async (_name, onRequest) => {
    const server = await startHostileServer({ onRequest });
    expect(await ask(server.port, { timeoutMs: 200 })).toEqual({
      failed: 'timeout',
      retryable: true,
    });
    await vi.waitFor(() => expect(server.open()).toBe(0), 2000);
  });

  it.each<[string, (socket: Socket) => void]>([
    ['the connection is closed', (socket) => void socket.end()],
    ['it is reset', (socket) => void socket.resetAndDestroy()],
    [
      'it ends before its length',
      (socket) => void socket.end(httpAnswer(200, '{', { 'content-length': 9 })),
    ],
    ['it is another protocol', (socket) => void socket.end('220 smtp.example ready\r\n')],
  ])('%s', async (_name, onRequest) => {
    const server = await startHostileServer({ onRequest });
    expect(await ask(server.port)).toEqual({ failed: 'unreachable', retryable: true });
    expect(server.received).toHaveLength(1);
  });

  it('nobody listens', async () => {
    expect(await ask(1)).toEqual({ failed: 'unreachable', retryable: true });
  });
});

it('every failure says whether asking again helps', () => {
  const helps = Object.entries(LOOKUP_FAILURES).filter(([, { retryable }]) => retryable);
  expect(helps.map(([name]) => name)).toEqual([
    'token_unavailable',
    'unreachable',
    'timeout',
    'rate_limited',
    'unavailable',
  ]);
});
