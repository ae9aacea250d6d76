import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSigner } from '../../functions/aws/client.ts';
import { Sha256 } from '../../infra/local/iam/signer.ts';

const REGION = 'eu-central-1';
const credentials = {
  accessKeyId: 'ASIAFUNCTION',
  secretAccessKey: 'secret/+',
  sessionToken: 'a/+=',
};
const TRACE = { 'x-amzn-trace-id': 'Root=1-00000000-000000000000000000000000' };

const post = (body: string, headers = {}) => ({
  path: '/',
  headers: { host: 'dynamodb.eu-central-1.amazonaws.com', 'x-amz-target': 'A.GetItem', ...headers },
  body,
});

/** The headers by AWS's own signer. */
const byAws = async (service: string, given: ReturnType<typeof post>, its: object, at: Date) => {
  const signer = new SignatureV4({
    service,
    region: REGION,
    credentials: its as typeof credentials,
    sha256: Sha256,
  });
  const request = { method: 'POST', protocol: 'https:', hostname: '', ...given };
  return (await signer.sign(request, { signingDate: at })).headers;
};

test('the headers are those of AWS’s own signer, whatever is sent and when', async () => {
  const sign = createSigner('dynamodb', REGION);
  const dates = fc.date({
    min: new Date('2020-01-01'),
    max: new Date('2099-12-31'),
    noInvalidDate: true,
  });
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme' }), dates, async (body, at) => {
      const expected = await byAws('dynamodb', post(body, TRACE), credentials, at);
      expect(sign(post(body, TRACE), credentials, at)).toEqual(expected);
    }),
  );
});

test('credentials that are renewed, or of no session, sign from then on', async () => {
  const sign = createSigner('states', REGION);
  const at = new Date('2026-03-04T05:06:07Z');
  const { sessionToken: _, ...lasting } = credentials;
  for (const its of [credentials, { ...credentials, secretAccessKey: 'renewed' }, lasting]) {
    expect(sign(post('{}'), its, at)).toEqual(await byAws('states', post('{}'), its, at));
  }
});

test('what the request passes on its way may change its trace', () => {
  const { authorization } = createSigner('events', REGION)(
    post('{}', TRACE),
    credentials,
    new Date(),
  );
  expect(authorization).toContain('SignedHeaders=host;x-amz-content-sha256;');
  expect(authorization).not.toContain('trace');
});
