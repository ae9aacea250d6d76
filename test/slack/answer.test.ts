import { describe, expect, test } from 'vitest';
import { httpAnswer } from '../support/hostile-server.ts';
import { ACCEPTED, json, MARKER, refusalBody, resultOf } from './client.world.ts';

describe('accepted', () => {
  test('gives the id of the invitation and nothing that the method does not document', async () => {
    const body = json({ ...ACCEPTED, other: MARKER, is_legacy_shared_channel: true });
    expect(await resultOf(httpAnswer(200, body))).toEqual({
      kind: 'accepted',
      answer: { invite_id: 'I02UKAJ6RJA', is_legacy_shared_channel: true },
      warnings: [],
    });
  });

  test('hands on url and conf_code', async () => {
    const secrets = { url: 'https://join.slack.com/share/x', conf_code: '123-456' };
    expect(await resultOf(httpAnswer(200, json({ ...ACCEPTED, ...secrets })))).toMatchObject({
      answer: { invite_id: 'I02UKAJ6RJA', is_legacy_shared_channel: false, ...secrets },
    });
  });

  test('stays accepted when the answer is as long as an answer may be', async () => {
    const body = json(ACCEPTED).padEnd(64 * 1024);
    expect(await resultOf(httpAnswer(200, body))).toMatchObject({ kind: 'accepted' });
  });

  test('stays accepted behind an informational answer and in small pieces', async () => {
    const body = json(ACCEPTED);
    const chunks = [...body].map((letter) => `1\r\n${letter}\r\n`).join('');
    const early = 'HTTP/1.1 103 Early Hints\r\nlink: </>\r\n\r\n';
    const head = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';
    expect(await resultOf(`${early}${head}${chunks}0\r\n\r\n`)).toMatchObject({
      kind: 'accepted',
    });
  });
});

describe('warnings', () => {
  test.each([
    ['a listed refusal', { ok: false, error: 'invalid_email' }, 'refused'],
    ['an acceptance', ACCEPTED, 'accepted'],
    ['a rate limit', { ok: false, error: 'ratelimited' }, 'rate_limited'],
  ])('come with %s, from both of their places, each once', async (_name, answer, kind) => {
    const body = json({
      ...answer,
      warning: 'missing_charset,other_warning',
      response_metadata: { warnings: ['missing_charset', 'superfluous_charset'] },
    });
    expect(await resultOf(httpAnswer(200, body))).toMatchObject({
      kind,
      warnings: ['missing_charset', 'other_warning', 'superfluous_charset'],
    });
  });

  test.each([
    ['of wrong types', { warning: 7, response_metadata: { warnings: [null, {}, 3] } }],
    ['in no list', { response_metadata: { warnings: MARKER } }],
    ['in no object', { response_metadata: null }],
    ['that are no words', { warning: `${MARKER}: <b>`, response_metadata: MARKER }],
  ])('%s are none', async (_name, more) => {
    expect(await resultOf(httpAnswer(200, json({ ...ACCEPTED, ...more })))).toMatchObject({
      kind: 'accepted',
      warnings: [],
    });
  });
});

describe('refused', () => {
  test.each([
    ['a listed code', 200, 'channel_not_found'],
    ['a listed code with HTTP 403', 403, 'restricted_action'],
    ['a listed code with HTTP 429, which decides before the status', 429, 'not_in_channel'],
    ['a listed code with HTTP 503, which decides before the status', 503, 'service_unavailable'],
    ['a listed code with HTTP 500, which decides before the status', 500, 'fatal_error'],
    ['a code that the page does not list', 200, 'already_invited'],
    ['a code that the page does not list, with HTTP 400', 400, 'already_invited'],
  ])('by %s', async (_name, status, code) => {
    expect(await resultOf(httpAnswer(status, refusalBody(code)))).toEqual({
      kind: 'refused',
      code,
      warnings: [],
    });
  });
});

describe('rate limited', () => {
  test.each([
    ['120', 120],
    ['0', 1],
    ['3601', 3600],
    ['9'.repeat(400), 3600],
    ['-5', 30],
    ['1.5', 30],
    ['soon', 30],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 30],
    ['', 30],
  ])('HTTP 429 with Retry-After %j holds off for %i seconds', async (retryAfter, seconds) => {
    const answer = httpAnswer(429, refusalBody('ratelimited'), { 'Retry-After': retryAfter });
    expect(await resultOf(answer)).toEqual({
      kind: 'rate_limited',
      code: 'ratelimited',
      retryAfter: seconds,
      warnings: [],
    });
  });

  test.each([
    ['HTTP 429 without Retry-After', 429, refusalBody('ratelimited'), 'ratelimited'],
    ['HTTP 429 without a body', 429, '', 'ratelimited'],
    ['HTTP 429 with HTML', 429, `<html>${MARKER}`, 'ratelimited'],
    ['HTTP 429 with an unlisted code', 429, refusalBody('slow_down'), 'ratelimited'],
    ['HTTP 200 with ratelimited', 200, refusalBody('ratelimited'), 'ratelimited'],
    ['HTTP 200 with ratelimit', 200, refusalBody('ratelimit'), 'ratelimit'],
    ['HTTP 429 with ratelimit', 429, refusalBody('ratelimit'), 'ratelimit'],
  ])('%s holds off for 30 seconds', async (_name, status, body, code) => {
    expect(await resultOf(httpAnswer(status, body))).toEqual({
      kind: 'rate_limited',
      code,
      retryAfter: 30,
      warnings: [],
    });
  });

  test('the first of two Retry-After headers counts', async () => {
    const answer = httpAnswer(429, '').replace(
      '\r\n\r\n',
      '\r\nretry-after: 7\r\nretry-after: 9\r\n\r\n',
    );
    expect(await resultOf(answer)).toMatchObject({ retryAfter: 7 });
  });
});

describe('outcome unknown, since it cannot be read:', () => {
  const unreadable = { kind: 'unknown', reason: 'unreadable_answer' };

  test.each([
    ['HTML', `<!doctype html><p>${MARKER}`],
    ['truncated JSON', `{"ok":true,"invite_id":"${MARKER}`],
    ['an empty body', ''],
    ['a bare string', json(MARKER)],
    ['null', 'null'],
    ['an array', json([ACCEPTED])],
    ['ok as text', json({ ...ACCEPTED, ok: 'true' })],
    ['ok as a number', json({ ...ACCEPTED, ok: 1 })],
    ['no ok', json({ error: 'invalid_auth' })],
    ['invite_id as a number', json({ ...ACCEPTED, invite_id: 7 })],
    ['an empty invite_id', json({ ...ACCEPTED, invite_id: '' })],
    ['an invite_id that is no id', json({ ...ACCEPTED, invite_id: `<${MARKER}>` })],
    ['an invite_id of 10 kB', json({ ...ACCEPTED, invite_id: 'I'.repeat(10_000) })],
    ['no invite_id', json({ ok: true, note: MARKER })],
    ['no error', refusalBody(undefined)],
    ['error as an object', refusalBody({ code: MARKER })],
    ['error as a list', refusalBody(['invalid_auth'])],
    ['an error of 10 kB', refusalBody('x'.repeat(10_000))],
    ['an error that is no word', refusalBody(`Sorry ${MARKER} <casey@partner.example>`)],
    ['an empty error', refusalBody('')],
  ])('%s', async (_name, body) => {
    expect(await resultOf(httpAnswer(200, body))).toEqual(unreadable);
  });

  test.each([
    [500, `<html>${MARKER}`],
    [500, ''],
    [502, refusalBody('some_new_code')],
    [503, json(ACCEPTED)],
    [429, json(ACCEPTED)],
    [404, `<html>${MARKER}`],
    [204, ''],
    [201, json(ACCEPTED)],
  ])('HTTP %i with %s', async (status, body) => {
    expect(await resultOf(httpAnswer(status, body))).toEqual({
      kind: 'unknown',
      reason: `http_${status}`,
    });
  });

  test('a content-length that cuts the body short', async () => {
    const answer = httpAnswer(200, json(ACCEPTED), { 'content-length': 20 });
    expect(await resultOf(answer)).toEqual(unreadable);
  });
});
