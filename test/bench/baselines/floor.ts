import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';

/** A request that one of our functions made, to be made again. */
type Call = { service: string; path: string; headers: Record<string, string>; body: string };

const { CALLS = '', SECRET_ARN, AWS_REGION = '' } = process.env;
const calls = JSON.parse(readFileSync(CALLS, 'utf8')) as Call[];
const agent = new Agent({ keepAlive: true });
let token: string | undefined;

/** The floor: the same calls as a function of ours makes, one after the other, with the least code. */
export const handler = async (): Promise<object> => {
  token ??= await readToken();
  for (const call of calls) await send(call);
  return { statusCode: 201, body: '{}' };
};

const readToken = async (): Promise<string> => {
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'secretsmanager.GetSecretValue',
  };
  const body = JSON.stringify({ SecretId: SECRET_ARN });
  const answer = await send({ service: 'secretsmanager', path: '/', headers, body });
  return JSON.parse(String(answer.SecretString)).token;
};

const send = ({ service, path, headers, body }: Call): Promise<Record<string, unknown>> => {
  const name = `AWS_ENDPOINT_URL_${NAMES[service]}`;
  const url = new URL(
    service === 'slack' ? `${process.env.SLACK_API_URL}` : `${process.env[name]}`,
  );
  const own: Record<string, string> =
    service === 'slack'
      ? { authorization: `Bearer ${token}` }
      : signed(service, url.host, headers, body);
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', path, agent, headers: { ...headers, ...own } };
    const outgoing = request(url, options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk) => chunks.push(chunk));
      incoming.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())));
    });
    outgoing.on('error', reject).end(body);
  });
};

const NAMES: Record<string, string> = {
  dynamodb: 'DYNAMODB',
  secretsmanager: 'SECRETS_MANAGER',
  states: 'SFN',
};

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) =>
  createHmac('sha256', key).update(text).digest();

/** Signature Version 4 of a POST to `/`, over host, time, token and target. */
const signed = (service: string, host: string, headers: Record<string, string>, body: string) => {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN = '' } = process.env;
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const fields: Record<string, string> = {
    host,
    'x-amz-date': date,
    'x-amz-security-token': AWS_SESSION_TOKEN,
    'x-amz-target': headers['x-amz-target'] ?? '',
  };
  const names = Object.keys(fields).join(';');
  const lines = Object.entries(fields).map(([name, value]) => `${name}:${value}\n`);
  const canonical = ['POST', '/', '', lines.join(''), names, hash(body)].join('\n');
  const scope = [date.slice(0, 8), AWS_REGION, service, 'aws4_request'];
  const text = ['AWS4-HMAC-SHA256', date, scope.join('/'), hash(canonical)].join('\n');
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${AWS_SECRET_ACCESS_KEY}`);
  const signature = hmac(key, text).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${AWS_ACCESS_KEY_ID}/${scope.join('/')}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...fields, authorization };
};
