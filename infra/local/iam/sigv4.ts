import { createHash } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { type Credentials, Sha256 } from './signer.ts';

/** An HTTP request as it arrived, nothing decoded. */
export type ReceivedRequest = {
  method: string;
  /** Path and query as in the request line. */
  target: string;
  /** Name, value, name, value … in the order received (Node's `rawHeaders`). */
  rawHeaders: readonly string[];
  body: Buffer;
};

export type Verification<Key extends Credentials> =
  | { ok: true; key: Key }
  | { ok: false; code: RefusalCode; message: string };

export type RefusalCode =
  | 'MissingAuthenticationTokenException'
  | 'IncompleteSignatureException'
  | 'UnrecognizedClientException'
  | 'InvalidSignatureException';

const ALGORITHM = 'AWS4-HMAC-SHA256';
const WINDOW_MS = 5 * 60 * 1000;

/**
 * Verifies a request that was signed by header with AWS Signature Version 4: AWS's own signer signs
 * it again, and the signatures are compared.
 *
 * The signature covers the body as received. An `x-amz-content-sha256` must match it, so
 * `UNSIGNED-PAYLOAD` is refused. The date may be off by 5 minutes either way.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 * @param expected the service that is called, its region if only one will do, and the known keys
 * @returns the key that signed, or AWS's name and sentence for the refusal
 */
export async function verifySigV4<Key extends Credentials>(
  request: ReceivedRequest,
  expected: { service: string; region?: string; keys: ReadonlyMap<string, Key> },
  now = Date.now(),
): Promise<Verification<Key>> {
  const header = (name: string) => headerValues(request, name);
  const [authorization, ...more] = header('authorization');
  if (!authorization) {
    return refuse('MissingAuthenticationTokenException', 'Missing Authentication Token');
  }
  const claim = more.length === 0 && parseAuthorization(authorization);
  const [amzDate = ''] = header('x-amz-date');
  const signedAt = parseAmzDate(amzDate);
  if (!claim || signedAt === undefined) {
    return refuse(
      'IncompleteSignatureException',
      `The request needs one Authorization header, "${ALGORITHM} Credential=…, SignedHeaders=…, Signature=…", and X-Amz-Date as YYYYMMDDTHHMMSSZ.`,
    );
  }

  const invalid = (message: string) => refuse('InvalidSignatureException', message);
  const { accessKeyId, date, region, service, terminator, signedHeaders } = claim;
  if (!signedHeaders.includes('host') || !signedHeaders.includes('x-amz-date')) {
    return invalid(
      "'Host' and 'X-Amz-Date' must be among the SignedHeaders of the AWS Authorization.",
    );
  }
  const absent = signedHeaders.find((name) => header(name).length === 0);
  if (absent !== undefined) {
    return invalid(`'${absent}' is among the SignedHeaders but not in the request.`);
  }
  if (service !== expected.service || (expected.region && region !== expected.region)) {
    return invalid(
      `Credential should be scoped to ${expected.region ?? region}/${expected.service}, not '${region}/${service}'.`,
    );
  }
  if (terminator !== 'aws4_request' || !amzDate.startsWith(date)) {
    return invalid('Credential should be scoped with the day of X-Amz-Date and with aws4_request.');
  }
  if (Math.abs(now - signedAt) > WINDOW_MS) {
    return invalid(
      `Signature expired or not yet current: ${amzDate} is more than 5 minutes from ${new Date(now).toISOString()}.`,
    );
  }

  const key = expected.keys.get(accessKeyId);
  if (!key || (header('x-amz-security-token')[0] ?? '') !== (key.sessionToken ?? '')) {
    return refuse(
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    );
  }
  const bodyHash = createHash('sha256').update(request.body).digest('hex');
  const declaredHash = header('x-amz-content-sha256')[0] ?? bodyHash;
  const right = await signAgain(request, claim, key, new Date(signedAt));
  if (declaredHash !== bodyHash || right !== claim.signature) {
    return invalid(
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    );
  }
  return { ok: true, key };
}

function refuse(code: RefusalCode, message: string) {
  return { ok: false, code, message } as const;
}

/** All values of a header, in the order received. */
function headerValues({ rawHeaders }: ReceivedRequest, name: string): string[] {
  return rawHeaders.flatMap((header, index) =>
    index % 2 === 0 && header.toLowerCase() === name ? [(rawHeaders[index + 1] ?? '').trim()] : [],
  );
}

type Claim = NonNullable<ReturnType<typeof parseAuthorization>>;

function parseAuthorization(header: string) {
  const match = /^(\S+) +Credential=([^, ]+), *SignedHeaders=([^, ]+), *Signature=([^, ]+)$/.exec(
    header,
  );
  if (!match || match[1] !== ALGORITHM) return undefined;
  const [, , credential = '', headers = '', signature = ''] = match;
  const [accessKeyId, date, region, service, terminator, ...rest] = credential.split('/');
  if (!accessKeyId || !date || !region || !service || !terminator || rest.length > 0) {
    return undefined;
  }
  const signedHeaders = headers.split(';');
  return { accessKeyId, date, region, service, terminator, signedHeaders, signature };
}

/** `20260102T030405Z` as milliseconds since 1970. */
function parseAmzDate(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hours, minutes, seconds] = match;
  const time = Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`);
  return Number.isNaN(time) ? undefined : time;
}

/**
 * @returns the signature; undefined for a query that cannot be decoded and therefore was not
 *   signed.
 */
async function signAgain(
  request: ReceivedRequest,
  { region, service, signedHeaders }: Claim,
  { accessKeyId, secretAccessKey }: Credentials,
  signingDate: Date,
): Promise<string | undefined> {
  const [path = '', ...rest] = request.target.split('?');
  const query = decodeQuery(rest.join('?'));
  if (!query) return undefined;
  // Without the session's token, or the signer would add it. Here it is a header that was signed,
  // or not.
  const credentials = { accessKeyId, secretAccessKey };
  const signer = new SignatureV4({
    credentials,
    region,
    service,
    sha256: Sha256,
    applyChecksum: false,
  });
  const { headers } = await signer.sign(
    {
      method: request.method,
      protocol: 'http:',
      hostname: '',
      path,
      query,
      headers: Object.fromEntries(
        signedHeaders.map((name) => [name, headerValues(request, name).join(',')]),
      ),
      body: request.body,
    },
    { signingDate, signableHeaders: new Set(signedHeaders) },
  );
  return headers.authorization?.split('Signature=')[1];
}

function decodeQuery(query: string): Record<string, string[]> | undefined {
  const values = new Map<string, string[]>();
  try {
    for (const pair of query.split('&').filter((pair) => pair !== '')) {
      const [name = '', ...value] = pair
        .split('=')
        .map((part) => decodeURIComponent(part.replaceAll('+', ' ')));
      values.set(name, [...(values.get(name) ?? []), value.join('=')]);
    }
  } catch {
    return undefined;
  }
  return Object.fromEntries(values);
}
