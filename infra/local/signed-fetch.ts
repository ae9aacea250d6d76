import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';

export type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

/** SHA-256, or an HMAC of it, in the shape that the signer asks for. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Buffer);
  }

  update(data: Uint8Array | string): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

/** Who signs, and for what: the service is that of an HTTP API unless told otherwise. */
export type Signing = { credentials: Credentials; region: string; service?: string };

/** Sends a request signed with AWS Signature Version 4. */
export const signedFetch = async (
  url: URL,
  request: { method: string; headers?: Record<string, string>; body?: string },
  { credentials, region, service = 'execute-api' }: Signing,
): Promise<Response> => {
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 });
  const signed = await signer.sign({
    method: request.method,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { host: url.host, ...request.headers },
    ...(request.body !== undefined && { body: request.body }),
  });
  const { host: _, ...headers } = signed.headers;
  return fetch(url, { method: request.method, headers, body: request.body ?? null });
};
