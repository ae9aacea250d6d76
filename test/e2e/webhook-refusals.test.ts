import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Delivery,
  deliveryOf,
  forgeries,
  signedDelivery,
  withHeaders,
} from '../support/deliveries.ts';
import { startFunctionsAgain } from '../support/functions-again.ts';
import { comesToNothing, eventRecords, newcomer } from '../support/hr-events.ts';
import { type LocalRun, startLocalRun } from '../support/local-run.ts';
import { signingSecret, WEBHOOK_SECRETS } from '../support/sources.ts';

let run: LocalRun;
beforeAll(async () => {
  run = await startLocalRun();
});
afterAll(() => run.close());

const MINUTE = 60_000;
const JSON_TYPE = { 'content-type': 'application/json' };
const UNAUTHORIZED = { status: 401, body: '{"message":"Unauthorized"}' };

const unsigned = (source: string, body: string): Delivery => ({
  source,
  method: 'POST',
  headers: JSON_TYPE,
  body,
});

describe('401, always the same, answers', () => {
  test.each<[string, () => Delivery]>([
    [
      'no signature',
      () => withHeaders(deliveryOf('greenhouse', newcomer()), { signature: undefined }),
    ],
    [
      'an altered body',
      () => {
        const delivery = deliveryOf('greenhouse', newcomer());
        return { ...delivery, body: String(delivery.body).replace('newcomer', 'nobody') };
      },
    ],
    [
      'a body with one space more',
      () => {
        const delivery = deliveryOf('bamboohr', newcomer());
        return { ...delivery, body: `${delivery.body} ` };
      },
    ],
    [
      'the secret of another source',
      () => {
        const { body } = deliveryOf('greenhouse', newcomer());
        return signedDelivery('greenhouse', body, { secret: signingSecret('greenhouse-emea') });
      },
    ],
    [
      'an empty secret where none was put in',
      () => signedDelivery('unset', deliveryOf('unset', newcomer()).body, { secret: '' }),
    ],
    [
      'an empty secret where there is one',
      () => signedDelivery('deel', deliveryOf('deel', newcomer()).body, { secret: '' }),
    ],
    [
      'no credentials',
      () => withHeaders(deliveryOf('generic', newcomer()), { authorization: 'Bearer ' }),
    ],
    [
      'a user without a password',
      () =>
        withHeaders(deliveryOf('generic-basic', newcomer()), {
          authorization: `Basic ${Buffer.from('sap-user:').toString('base64')}`,
        }),
    ],
    [
      'a time before the window',
      () => deliveryOf('standard-webhooks', newcomer(), Date.now() - 6 * MINUTE),
    ],
    [
      'a time after the window',
      () => deliveryOf('standard-webhooks', newcomer(), Date.now() + 6 * MINUTE),
    ],
    [
      'a time of four hours ago',
      () => deliveryOf('bamboohr', newcomer(), Date.now() - 240 * MINUTE),
    ],
    [
      'a newer time than the one that was signed',
      () =>
        withHeaders(deliveryOf('finch', newcomer(), Date.now() - 6 * MINUTE), {
          'finch-timestamp': String(Math.floor(Date.now() / 1000)),
        }),
    ],
    [
      'ten signatures, none of them genuine',
      () =>
        withHeaders(deliveryOf('svix', newcomer()), { 'svix-signature': forgeries(10).join(' ') }),
    ],
    [
      'a genuine signature behind twenty others',
      () => {
        const delivery = deliveryOf('svix', newcomer());
        const genuine = String(delivery.headers['svix-signature']);
        return withHeaders(delivery, { 'svix-signature': [...forgeries(20), genuine].join(' ') });
      },
    ],
    ['a body that is no JSON and not signed', () => unsigned('greenhouse', '{"action":')],
    [
      'a GET without a signature',
      () => ({ source: 'greenhouse', method: 'GET', headers: {}, body: '' }),
    ],
  ])('%s', async (_, delivery) => {
    expect(await comesToNothing(run, delivery())).toEqual(UNAUTHORIZED);
  });

  test.each([
    ['greenhouse', 'signature'],
    ['svix', 'svix-signature'],
    ['finch', 'finch-timestamp'],
    ['generic', 'authorization'],
  ] as const)('a header of %s that is given twice: %s', async (source, header) => {
    const { headers, body } = deliveryOf(source, newcomer());
    const twice = [...Object.entries(headers).flat(), header, String(headers[header])];
    expect(await rawPost(source, twice, body)).toEqual(UNAUTHORIZED);
    expect(await eventRecords(run)).toEqual([]);
  });
});

/** A POST whose headers stand as they are given, also twice. */
const rawPost = (source: string, headers: string[], body: string | Buffer) =>
  new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    const url = new URL(`/webhooks/${source}`, run.stack.apiUrl);
    const own = ['host', url.host, 'content-length', String(Buffer.byteLength(body))];
    const outgoing = request(url, { method: 'POST', headers: [...own, ...headers] }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => {
        resolve({ status: answer.statusCode, body: Buffer.concat(chunks).toString() });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });

describe('401 answers, as it does a bad signature,', () => {
  test.each(['nobody', '__proto__', 'constructor', 'Greenhouse', '%00'])(
    'the source %s',
    async (source) => {
      const delivery = { ...deliveryOf('greenhouse', newcomer()), source };
      expect(await comesToNothing(run, delivery)).toEqual({
        status: 401,
        body: '{"message":"Unauthorized"}',
      });
    },
  );
});

describe('405 answers', () => {
  test.each(['okta', 'personio', 'generic'] as const)(
    'a GET to %s that knows the secret and asks for nothing',
    async (source) => {
      const delivery = { ...deliveryOf(source, newcomer()), method: 'GET' as const, body: '' };
      expect(await comesToNothing(run, delivery)).toEqual({
        status: 405,
        body: '{"message":"Method Not Allowed"}',
      });
    },
  );
});

describe('413 answers a body of 7 MB when it is whole', () => {
  const genuine = () => {
    const body = JSON.stringify({ action: 'hire_candidate', padding: 'x'.repeat(7 * 1024 ** 2) });
    const compressed = signedDelivery('greenhouse', gzipSync(body));
    return withHeaders(compressed, { 'content-encoding': 'gzip' });
  };

  test('and is signed', async () => {
    expect(await comesToNothing(run, genuine())).toEqual({
      status: 413,
      body: '{"message":"Content Too Large"}',
    });
  });

  test('and not where nobody signed it', async () => {
    const unsigned = withHeaders(genuine(), { signature: undefined });
    expect((await comesToNothing(run, unsigned)).status).toBe(401);
  });
});

describe('a function that starts anew', () => {
  const statusWith = async (secret: string, delivery: Delivery): Promise<number> => {
    await run.putWebhookSecret(secret);
    const again = await startFunctionsAgain(run);
    try {
      return await again.deliver(delivery);
    } finally {
      await again.close();
      await run.putWebhookSecret(JSON.stringify(WEBHOOK_SECRETS));
    }
  };

  test.each([
    ['a random string, as a new secret does', 'dGhlIHNlY3JldCBvZiBhIG5ldyBzdGFjaw=='],
    ['nothing for the source', '{"ashby":"ashby-secret-token"}'],
    ['an empty list for the source', '{"greenhouse":[]}'],
  ])('believes nobody while the secret holds %s', async (_, secret) => {
    const { body } = deliveryOf('greenhouse', newcomer());
    for (const guess of [secret, signingSecret('greenhouse'), 'undefined']) {
      const delivery = signedDelivery('greenhouse', body, { secret: guess });
      expect(await statusWith(secret, delivery)).toBe(401);
    }
    expect(await eventRecords(run)).toEqual([]);
  });

  test('believes who signs with what was put in last, and not with what was there before', async () => {
    const body = '{"action":"candidate_stage_change"}';
    const secret = JSON.stringify({ greenhouse: 'greenhouse-next-secret' });
    const by = (one: string) => signedDelivery('greenhouse', body, { secret: one });
    expect(await statusWith(secret, by('greenhouse-next-secret'))).toBe(200);
    expect(await statusWith(secret, by(signingSecret('greenhouse')))).toBe(401);
  });
});
