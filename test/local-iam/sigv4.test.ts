import { createHash } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Sha256 } from '../../infra/local/iam/signer.ts';
import { type ReceivedRequest, verifySigV4 } from '../../infra/local/iam/sigv4.ts';

const key = { accessKeyId: 'local', secretAccessKey: 'local' };
const sessionKey = {
  accessKeyId: 'ASIAFUNCTION',
  secretAccessKey: 'secret',
  sessionToken: 'token/+=',
};
const keys = new Map([key, sessionKey].map((one) => [one.accessKeyId, one]));
const expected = { service: 'execute-api', region: 'us-east-1', keys };
const at = new Date('2026-03-04T05:06:07Z');

type Unsigned = {
  method?: string;
  path?: string;
  query?: Record<string, string | string[]>;
  headers?: Record<string, string>;
  body?: string;
};
type Options = {
  credentials?: typeof key;
  service?: string;
  region?: string;
  applyChecksum?: boolean;
};

/** Signs by AWS's own signer and gives the request as a server receives it. */
async function signed(request: Unsigned, options: Options = {}): Promise<ReceivedRequest> {
  const { method = 'POST', path = '/invites', query = {}, headers = {}, body = '' } = request;
  const signer = new SignatureV4({
    credentials: options.credentials ?? key,
    region: options.region ?? 'us-east-1',
    service: options.service ?? 'execute-api',
    sha256: Sha256,
    applyChecksum: options.applyChecksum ?? true,
  });
  const result = await signer.sign(
    {
      method,
      protocol: 'http:',
      hostname: '127.0.0.1',
      path,
      query,
      headers: { host: '127.0.0.1:3000', ...headers },
      body,
    },
    { signingDate: at },
  );
  const queryText = Object.entries(query)
    .flatMap(([name, values]) =>
      [values].flat().map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`),
    )
    .join('&');
  return {
    method,
    target: queryText ? `${path}?${queryText}` : path,
    rawHeaders: Object.entries(result.headers).flat(),
    body: Buffer.from(body),
  };
}

function verify(request: ReceivedRequest, now = at.getTime()) {
  return verifySigV4(request, expected, now);
}

function withHeader({ rawHeaders, ...rest }: ReceivedRequest, name: string, value?: string) {
  const index = rawHeaders.findIndex((header, i) => i % 2 === 0 && header.toLowerCase() === name);
  return { ...rest, rawHeaders: rawHeaders.toSpliced(index, 2, ...(value ? [name, value] : [])) };
}

describe("a signature that AWS's own signer made", () => {
  const segment = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).map(encodeURIComponent),
    fc.constantFrom('.', '..', ''),
  );
  const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 });
  const requests = fc.record({
    method: fc.constantFrom('GET', 'POST', 'DELETE'),
    path: fc.array(segment, { maxLength: 4 }).map((segments) => `/${segments.join('/')}`),
    query: fc.dictionary(
      name.filter((text) => text.toLowerCase() !== 'x-amz-signature' && text !== '__proto__'),
      fc.oneof(fc.string({ unit: 'grapheme' }), fc.array(fc.string(), { minLength: 1 })),
      { maxKeys: 4 },
    ),
    headers: fc.dictionary(
      fc.stringMatching(/^x-[a-z]{1,6}-y$/),
      fc.stringMatching(/^[!-~]{1,4}[ \t]{0,3}[!-~]{1,4}[ \t]{0,2}$/),
      { maxKeys: 3 },
    ),
    body: fc.string({ unit: 'grapheme' }),
  });

  test('is accepted for any path, query, headers and body', async () => {
    await fc.assert(
      fc.asyncProperty(requests, fc.constantFrom(key, sessionKey), async (request, credentials) => {
        const result = await verify(await signed(request, { credentials }));
        expect(result).toEqual({ ok: true, key: credentials });
      }),
      { numRuns: 500 },
    );
  });

  test('is accepted when the query has + for a blank', async () => {
    const received = await signed({ query: { name: 'a b' } });
    const target = received.target.replace('%20', '+');
    expect(await verify({ ...received, target })).toMatchObject({ ok: true });
  });

  test('is refused after any change of the body', async () => {
    await fc.assert(
      fc.asyncProperty(requests, fc.string({ minLength: 1 }), async (request, extra) => {
        const received = await signed(request);
        const altered = { ...received, body: Buffer.concat([received.body, Buffer.from(extra)]) };
        expect(await verify(altered)).toMatchObject({
          ok: false,
          code: 'InvalidSignatureException',
        });
      }),
    );
  });
});

describe("AWS's published vectors", () => {
  const published = {
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  };
  const vectors = [
    {
      name: 'ListUsers of IAM',
      service: 'iam',
      target: '/?Action=ListUsers&Version=2010-05-08',
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8',
        Host: 'iam.amazonaws.com',
      },
      signedHeaders: 'content-type;host;x-amz-date',
      signature: '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
    },
    {
      name: 'get-vanilla of the test suite',
      service: 'service',
      target: '/',
      headers: { Host: 'example.amazonaws.com' },
      signedHeaders: 'host;x-amz-date',
      signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    },
  ];

  test.each(vectors)('$name is accepted', async (vector) => {
    const request = {
      method: 'GET',
      target: vector.target,
      rawHeaders: Object.entries({
        ...vector.headers,
        'X-Amz-Date': '20150830T123600Z',
        Authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/${vector.service}/aws4_request, SignedHeaders=${vector.signedHeaders}, Signature=${vector.signature}`,
      }).flat(),
      body: Buffer.alloc(0),
    };
    const result = await verifySigV4(
      request,
      { service: vector.service, region: 'us-east-1', keys: new Map([['AKIDEXAMPLE', published]]) },
      Date.parse('2015-08-30T12:36:00Z'),
    );
    expect(result).toEqual({ ok: true, key: published });
  });
});

describe('refused is', () => {
  const minute = 60_000;

  test.each([
    ['6 minutes old', 6],
    ['6 minutes ahead', -6],
  ])('a date %s', async (_, minutes) => {
    const result = await verify(await signed({}), at.getTime() + minutes * minute);
    expect(result).toMatchObject({ ok: false, code: 'InvalidSignatureException' });
  });

  test.each([4.9, -4.9])('not a date %d minutes off', async (minutes) => {
    expect(await verify(await signed({}), at.getTime() + minutes * minute)).toMatchObject({
      ok: true,
    });
  });

  test('a wrong secret', async () => {
    const credentials = { ...key, secretAccessKey: 'guess' };
    const result = await verify(await signed({}, { credentials }));
    expect(result).toMatchObject({ ok: false, code: 'InvalidSignatureException' });
  });

  test('an unknown access key', async () => {
    const credentials = { ...key, accessKeyId: 'AKIANOBODY' };
    const result = await verify(await signed({}, { credentials }));
    expect(result).toMatchObject({ ok: false, code: 'UnrecognizedClientException' });
  });

  test("a function's key with another session token", async () => {
    const credentials = { ...sessionKey, sessionToken: 'other' };
    const result = await verify(await signed({}, { credentials }));
    expect(result).toMatchObject({ ok: false, code: 'UnrecognizedClientException' });
  });

  test("a function's key without its session token", async () => {
    const { sessionToken: _, ...credentials } = sessionKey;
    const result = await verify(await signed({}, { credentials }));
    expect(result).toMatchObject({ ok: false, code: 'UnrecognizedClientException' });
  });

  test.each([
    { service: 'lambda', region: 'us-east-1' },
    { service: 'execute-api', region: 'eu-west-1' },
  ])('the scope $region/$service', async (options) => {
    const result = await verify(await signed({}, options));
    expect(result).toMatchObject({ ok: false, code: 'InvalidSignatureException' });
  });

  test('UNSIGNED-PAYLOAD', async () => {
    const headers = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
    expect(await verify(await signed({ headers }))).toMatchObject({ ok: false });
  });

  test('a content hash of another body, unsigned beside a right signature', async () => {
    const received = await signed({ body: '{}' }, { applyChecksum: false });
    expect(await verify(received)).toMatchObject({ ok: true });
    const hash = createHash('sha256').update('{"other":1}').digest('hex');
    const rawHeaders = [...received.rawHeaders, 'x-amz-content-sha256', hash];
    expect(await verify({ ...received, rawHeaders })).toMatchObject({ ok: false });
  });

  test.each(['host', 'x-amz-date'])('a signature that leaves out %s', async (header) => {
    const received = await signed({});
    const authorization =
      received.rawHeaders[received.rawHeaders.indexOf('authorization') + 1] ?? '';
    const without = authorization.replace(new RegExp(`(SignedHeaders=.*?)${header};?`), '$1');
    expect(without).not.toBe(authorization);
    const result = await verify(withHeader(received, 'authorization', without));
    expect(result).toMatchObject({ ok: false, message: expect.stringContaining('SignedHeaders') });
  });

  test('a signed header that another value was added to', async () => {
    const received = await signed({ headers: { 'x-role': 'reader' } });
    const rawHeaders = [...received.rawHeaders, 'X-Role', 'admin'];
    expect(await verify({ ...received, rawHeaders })).toMatchObject({ ok: false });
  });

  test('a signed header that did not arrive', async () => {
    // Signed as empty: without the header, the canonical request is the same.
    const received = await signed({ headers: { 'x-role': '' } });
    expect(await verify(withHeader(received, 'x-role'))).toMatchObject({
      ok: false,
      message: expect.stringContaining("'x-role'"),
    });
  });

  test('a request without Authorization', async () => {
    const result = await verify(withHeader(await signed({}), 'authorization'));
    expect(result).toMatchObject({ ok: false, code: 'MissingAuthenticationTokenException' });
  });

  test('a second Authorization beside the right one', async () => {
    const received = await signed({});
    const rawHeaders = [...received.rawHeaders, 'Authorization', 'AWS4-HMAC-SHA256 …'];
    const result = await verify({ ...received, rawHeaders });
    expect(result).toMatchObject({ ok: false, code: 'IncompleteSignatureException' });
  });

  test.each([
    'Basic bG9jYWw6bG9jYWw=',
    'AWS4-HMAC-SHA256 Credential=local/20260304/us-east-1/execute-api, SignedHeaders=host, Signature=00',
    'AWS4-HMAC-SHA1 Credential=local/20260304/us-east-1/execute-api/aws4_request, SignedHeaders=host, Signature=00',
  ])('the Authorization %s', async (authorization) => {
    const result = await verify(withHeader(await signed({}), 'authorization', authorization));
    expect(result).toMatchObject({ ok: false, code: 'IncompleteSignatureException' });
  });

  test('a query that is not percent-encoded', async () => {
    const received = await signed({ query: { a: '1' } });
    expect(await verify({ ...received, target: '/invites?a=%E0%A4%A' })).toMatchObject({
      ok: false,
    });
  });

  test("a date header that does not belong to the scope's day", async () => {
    const received = await signed({});
    const moved = withHeader(received, 'x-amz-date', '20260305T000000Z');
    const result = await verify(moved, Date.parse('2026-03-05T00:00:00Z'));
    expect(result).toMatchObject({ ok: false, message: expect.stringContaining('day') });
  });
});
