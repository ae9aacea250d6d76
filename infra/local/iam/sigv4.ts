import { createHmac, timingSafeEqual } from 'node:crypto';
import {
  canonicalRequest,
  headerValues,
  type ReceivedRequest,
  sha256Hex,
} from './canonical-request.ts';

/** What a signature is checked against. */
export type SigningKey = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

export type Verification<Key extends SigningKey> =
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
 * Verifies a request signed by header with AWS Signature Version 4.
 *
 * The signature covers the body as received; an `x-amz-content-sha256` must say the same, so
 * `UNSIGNED-PAYLOAD` is refused. The date may be off by 5 minutes either way.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 * @param expected the service that is called, its region if only one will do, and the known keys
 * @returns the key that signed, or AWS's name and sentence for the refusal
 */
export function verifySigV4<Key extends SigningKey>(
  request: ReceivedRequest,
  expected: { service: string; region?: string; keys: ReadonlyMap<string, Key> },
  now = Date.now(),
): Verification<Key> {
  const [authorization, ...more] = headerValues(request, 'authorization');
  if (!authorization) {
    return refuse('MissingAuthenticationTokenException', 'Missing Authentication Token');
  }
  const claim = more.length === 0 && parseAuthorization(authorization);
  const [amzDate = ''] = headerValues(request, 'x-amz-date');
  const signedAt = parseAmzDate(amzDate);
  if (!claim || signedAt === undefined) {
    return refuse(
      'IncompleteSignatureException',
      `The request needs one Authorization header, "${ALGORITHM} Credential=…, SignedHeaders=…, Signature=…", and X-Amz-Date as YYYYMMDDTHHMMSSZ.`,
    );
  }

  const { accessKeyId, date, region, service, terminator, signedHeaders, signature } = claim;
  if (!signedHeaders.includes('host') || !signedHeaders.includes('x-amz-date')) {
    return refuse(
      'InvalidSignatureException',
      "'Host' and 'X-Amz-Date' must be among the SignedHeaders of the AWS Authorization.",
    );
  }
  const absent = signedHeaders.find((name) => headerValues(request, name).length === 0);
  if (absent !== undefined) {
    return refuse(
      'InvalidSignatureException',
      `'${absent}' is among the SignedHeaders but not in the request.`,
    );
  }
  if (service !== expected.service || (expected.region && region !== expected.region)) {
    return refuse(
      'InvalidSignatureException',
      `Credential should be scoped to ${expected.region ?? region}/${expected.service}, not '${region}/${service}'.`,
    );
  }
  if (terminator !== 'aws4_request' || !amzDate.startsWith(date)) {
    return refuse(
      'InvalidSignatureException',
      'Credential should be scoped with the day of X-Amz-Date and with aws4_request.',
    );
  }
  if (Math.abs(now - signedAt) > WINDOW_MS) {
    return refuse(
      'InvalidSignatureException',
      `Signature expired or not yet current: ${amzDate} is more than 5 minutes from ${new Date(now).toISOString()}.`,
    );
  }

  const key = expected.keys.get(accessKeyId);
  if (!key || !sessionTokenMatches(request, key)) {
    return refuse(
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    );
  }
  const [declaredHash = sha256Hex(request.body)] = headerValues(request, 'x-amz-content-sha256');
  const right = sign(request, signedHeaders, { amzDate, date, region, service }, key);
  if (declaredHash !== sha256Hex(request.body) || !right || !sameText(right, signature)) {
    return refuse(
      'InvalidSignatureException',
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    );
  }
  return { ok: true, key };
}

function refuse(
  code: RefusalCode,
  message: string,
): { ok: false; code: RefusalCode; message: string } {
  return { ok: false, code, message };
}

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

function sessionTokenMatches(request: ReceivedRequest, { sessionToken }: SigningKey): boolean {
  const [sent] = headerValues(request, 'x-amz-security-token');
  return sameText(sent ?? '', sessionToken ?? '');
}

function sign(
  request: ReceivedRequest,
  signedHeaders: string[],
  scope: { amzDate: string; date: string; region: string; service: string },
  { secretAccessKey }: SigningKey,
): string | undefined {
  let canonical: string;
  try {
    canonical = canonicalRequest(request, signedHeaders);
  } catch (error) {
    // A query that cannot be decoded cannot have been signed by the rules.
    if (error instanceof URIError) return undefined;
    throw error;
  }
  const steps = [scope.date, scope.region, scope.service, 'aws4_request'];
  const stringToSign = [ALGORITHM, scope.amzDate, steps.join('/'), sha256Hex(canonical)].join('\n');
  const signingKey = steps.reduce<Buffer | string>(hmac, `AWS4${secretAccessKey}`);
  return hmac(signingKey, stringToSign).toString('hex');
}

function hmac(key: Buffer | string, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

/** In constant time; the digests make the lengths equal. */
function sameText(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(sha256Hex(a)), Buffer.from(sha256Hex(b)));
}
