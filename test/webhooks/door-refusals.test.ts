import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MAX_BODY_BYTES } from '../../functions/webhooks/delivery.ts';
import { PROVIDERS } from '../../functions/webhooks/providers.ts';
import { runs } from '../support/depth.ts';
import { SAMPLES, type Sample } from '../support/provider-samples.ts';
import { post, withHeaders } from '../support/verify-deliveries.ts';
import { createKnocking, type Knocking, sampleOf, sourceOf, UNAUTHORIZED } from './door.world.ts';

const samples = SAMPLES.map((sample) => [sample.name, sample] as const);

let door: Knocking;
beforeEach(() => {
  door = createKnocking();
});

const authOf = ({ provider, auth }: Sample) => {
  const row = PROVIDERS[provider].auth;
  return row === 'operator' ? auth : row;
};

/** The header that proves a delivery. */
const proofOf = (sample: Sample): string => {
  const auth = authOf(sample);
  if (auth && 'hmac' in auth) return auth.hmac.header;
  return auth && 'header' in auth ? auth.header.name : 'authorization';
};

/** The sample with the header that proves it changed. */
const withProof = (sample: Sample, change: (value: string) => string | undefined) => {
  const name = proofOf(sample);
  return withHeaders(sample.delivery, { [name]: change(sample.delivery.headers[name] ?? '') });
};

describe.each(samples)('whatever is wrong, the answer is the same: %s', (_name, sample: Sample) => {
  test.each([
    ['no proof', withProof(sample, () => undefined)],
    ['an empty proof', withProof(sample, () => '')],
    ['the proof twice', withProof(sample, (proof) => `${proof},${proof}`)],
    ['a proof of something else', withProof(sample, () => 'sha256=00')],
    ['the beginning of the proof', withProof(sample, (proof) => proof.slice(0, -8))],
    ['a hundred signatures', withProof(sample, (proof) => Array(100).fill(proof).join(' '))],
    ['no headers', post({}, sample.delivery.body)],
    ['a GET without headers', { ...post({}, ''), method: 'GET' as const }],
  ])('%s', async (_, delivery) => {
    const { reply, refused } = await door.knock(sample, delivery);
    expect(reply).toEqual(UNAUTHORIZED);
    expect(refused).toMatch(/^(missing_header|malformed_signature|too_many_signatures|bad_\w+)$/);
    expect(door.receive).not.toHaveBeenCalled();
  });

  test.each([
    ['no secret', []],
    ['an empty secret', ['']],
    ['another secret', ['another-secret']],
  ])('%s', async (_, signing) => {
    for (const read of [door.of, door.renewed]) read.mockResolvedValue({ signing });
    const { reply } = await door.knock(sample);
    expect(reply).toEqual(UNAUTHORIZED);
    expect(door.receive).not.toHaveBeenCalled();
  });
});

const signed = samples.flatMap(([name, sample]) => {
  const auth = authOf(sample);
  return auth && 'hmac' in auth ? [{ name, sample, timestamp: auth.hmac.timestamp }] : [];
});
const timed = signed.filter(({ timestamp }) => timestamp !== undefined);
const limited = timed.filter(({ timestamp }) => timestamp?.toleranceSeconds !== undefined);

test.each(signed)('an altered body gets that answer: $name', async ({ sample }) => {
  for (const body of ['{}', '', 'not JSON', 'a'.repeat(MAX_BODY_BYTES)]) {
    const outcome = await door.knock(sample, { body: Buffer.from(body) });
    expect(outcome).toEqual({ reply: UNAUTHORIZED, refused: 'bad_signature' });
  }
});

test.each(timed)('an altered timestamp gets that answer: $name', async ({ sample, timestamp }) => {
  for (const time of ['', 'soon', '99999999999999', '1,1']) {
    const headers = { ...sample.delivery.headers, [timestamp?.header ?? '']: time };
    expect((await door.knock(sample, { headers })).reply).toEqual(UNAUTHORIZED);
  }
});

test.each(limited)('a delivery out of its time gets that answer: $name', async ({ sample }) => {
  for (const at of [sample.at - 4 * 3600, sample.at + 4 * 3600]) {
    const outcome = await door.knock(sample, {}, at);
    expect(outcome).toEqual({ reply: UNAUTHORIZED, refused: 'stale' });
  }
});

describe('a delivery that nobody has signed', () => {
  /** All that would look into the delivery, or tell of it. */
  const looks = () => [
    vi.spyOn(JSON, 'parse'),
    vi.spyOn(TextDecoder.prototype, 'decode'),
    ...(['log', 'info', 'warn', 'error', 'debug'] as const).map((level) =>
      vi.spyOn(console, level),
    ),
    vi.spyOn(process.stdout, 'write'),
  ];
  afterEach(() => vi.restoreAllMocks());

  const UNREADABLE = [
    Buffer.from('{"email": casey@partner.example'),
    Buffer.from([0x22, 0xff, 0xfe, 0x22]), // no UTF-8
    Buffer.from('['.repeat(100_000)),
    Buffer.from('{"__proto__":{"a":1}}'),
    Buffer.from('{"email":"casey@partner.example"}'),
    Buffer.from('a=%ff&__proto__=1'),
  ];

  test.each(samples)('is neither parsed nor logged: %s', async (_, sample) => {
    for (const body of UNREADABLE) {
      const forged = withProof(sample, (proof) => proof.replace(/\w/g, '0'));
      const looking = looks();
      const { reply } = await door.knock(sample, { ...forged, body });
      const looked = looking.filter((look) => look.mock.calls.length > 0);
      vi.restoreAllMocks();
      expect(looked).toEqual([]);
      expect(reply).toEqual(UNAUTHORIZED);
      expect(door.receive).not.toHaveBeenCalled();
    }
  });

  test('is parsed once it is signed, which shows that the test above would see it', async () => {
    const [parse, decode] = looks();
    await door.knock(sampleOf('okta'));
    expect(decode).toHaveBeenCalledTimes(1);
    expect(parse).toHaveBeenCalledTimes(1);
  });

  test('is never received, and never answered otherwise, whatever it is', async () => {
    const names = [...new Set(SAMPLES.flatMap(({ delivery }) => Object.keys(delivery.headers)))];
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('v1,', 'sha256=', 'sha256 ', 'Basic ', 'Bearer ', '0'.repeat(64)),
      fc.base64String(),
    );
    const delivery = fc.record({
      method: fc.constantFrom('GET' as const, 'POST' as const),
      headers: fc.dictionary(fc.constantFrom(...names), text),
      body: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...SAMPLES), delivery, fc.nat(), async (sample, one, at) => {
        expect((await door.deliver(sourceOf(sample), one, at)).reply).toEqual(UNAUTHORIZED);
        expect(door.receive).not.toHaveBeenCalled();
      }),
      runs(500),
    );
  });
});
