import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from './sha256.ts';

export type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

export const operator: Credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

type Init = {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  service?: string;
  credentials?: Credentials;
  date?: Date;
};

/** fetch with a signature of AWS's own signer. */
export async function signedFetch(url: string, init: Init = {}): Promise<Response> {
  const { service = 'execute-api', credentials = operator, date = new Date() } = init;
  const { method = 'GET', headers = {}, body } = init;
  const { protocol, host, hostname, pathname, searchParams } = new URL(url);
  const signer = new SignatureV4({ credentials, region: 'us-east-1', service, sha256: Sha256 });
  const request = {
    method,
    protocol,
    hostname,
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: { host, ...headers },
    ...(body !== undefined && { body }),
  };
  const signed = await signer.sign(request, { signingDate: date });
  return fetch(url, { method, headers: signed.headers, body: body ?? null });
}
