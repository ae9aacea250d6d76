import { type Credentials, signedFetch as send } from '../../infra/local/iam/signer.ts';

export type { Credentials };

export const operator: Credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

type Init = {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  service?: string;
  credentials?: Credentials;
  date?: Date;
};

/** A signed fetch with what most tests want: a GET of the operator's. */
export const signedFetch = (url: string, init: Init = {}): Promise<Response> => {
  const { service, date, credentials = operator, ...request } = init;
  const signing = { credentials, region: 'us-east-1', service, date };
  return send(new URL(url), { method: 'GET', ...request }, signing);
};
