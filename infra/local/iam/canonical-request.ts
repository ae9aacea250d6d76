import { createHash } from 'node:crypto';

/** An HTTP request as it arrived, nothing decoded. */
export type ReceivedRequest = {
  method: string;
  /** Path and query as in the request line. */
  target: string;
  /** Name, value, name, value … in the order received (Node's `rawHeaders`). */
  rawHeaders: readonly string[];
  body: Buffer;
};

/**
 * Builds the canonical request of Signature Version 4.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 * @param signedHeaders lower-case names, in the order of the signature
 * @throws URIError if the query is not percent-encoded
 */
export function canonicalRequest(
  request: ReceivedRequest,
  signedHeaders: readonly string[],
): string {
  const question = request.target.indexOf('?');
  const path = question < 0 ? request.target : request.target.slice(0, question);
  const query = question < 0 ? '' : request.target.slice(question + 1);
  return [
    request.method,
    canonicalPath(path),
    canonicalQuery(query),
    ...signedHeaders.map((name) => `${name}:${headerValues(request, name).join(',')}`),
    '',
    signedHeaders.join(';'),
    sha256Hex(request.body),
  ].join('\n');
}

/** All values of a header, in the order received, trimmed and with runs of blanks made one. */
export function headerValues({ rawHeaders }: ReceivedRequest, name: string): string[] {
  return rawHeaders.flatMap((header, index) =>
    index % 2 === 0 && header.toLowerCase() === name
      ? [(rawHeaders[index + 1] ?? '').trim().replace(/[ \t]+/g, ' ')]
      : [],
  );
}

export function sha256Hex(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

/** Normalized, then encoded once more: every service but S3 signs `%20` as `%2520`. */
function canonicalPath(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(encode(segment));
  }
  const trailing = segments.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${segments.join('/')}${trailing}`;
}

function canonicalQuery(query: string): string {
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      const [name, value] =
        equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
      return [encode(decode(name)), encode(decode(value))] as const;
    })
    .sort(([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function decode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', '%20'));
}

/** RFC 3986: everything but the unreserved characters, of which encodeURIComponent spares five too many. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** By code point; localeCompare would sort `a` before `B`. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
