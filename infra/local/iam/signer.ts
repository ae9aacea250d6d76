import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Credentials } from '../../../functions/aws/client.ts';

export type { Credentials };

/** Who signs, for what, and when. By default, for an HTTP API and now. */
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

/** SHA-256 in the shape of AWS's signer. */
export class Sha256 {
  readonly #hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Uint8Array);
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(data as Uint8Array);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    throw new Error('A hash is used once.');
  }
}
