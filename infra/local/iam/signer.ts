import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';

export type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

/** Who signs, for what, and when: an HTTP API and now, unless told otherwise. */
export type Signing = {
  credentials: Credentials;
  region: string;
  service?: string | undefined;
  date?: Date | undefined;
};

/** Sends a request signed with AWS Signature Version 4, by AWS's own signer. */
export const signedFetch = async (
  url: URL,
  request: { method: string; headers?: Record<string, string>; body?: string },
  { credentials, region, service = 'execute-api', date = new Date() }: Signing,
): Promise<Response> => {
  const { method, headers, body } = request;
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 });
  const signed = await signer.sign(
    {
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { host: url.host, ...headers },
      ...(body !== undefined && { body }),
    },
    { signingDate: date },
  );
  return fetch(url, { method, headers: signed.headers, body: body ?? null });
};

type Data = string | ArrayBuffer | ArrayBufferView;

/** SHA-256 in the shape that the signer asks for, which uses each but once. */
export class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: Data) {
    this.#hash =
      secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Uint8Array);
  }

  update(data: Data): void {
    this.#hash.update(data as Uint8Array);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {}
}
