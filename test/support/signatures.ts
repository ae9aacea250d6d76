import { createHmac } from 'node:crypto';
import { signingSecret, WEBHOOK_SECRETS } from './sources.ts';

export type SourceName = keyof typeof WEBHOOK_SECRETS;

/** The sources that have a secret, so that somebody can deliver to them. */
export const SENDERS = (Object.keys(WEBHOOK_SECRETS) as SourceName[]).filter(
  (name) => name !== 'unset',
);

/** What a sender signs with beside the body: when, in epoch milliseconds, and the delivery's id. */
type Signing = { at: number; id: string; secret: string };

/** @returns the headers by which a delivery proves itself. */
type Sign = (body: string | Buffer, signing: Signing) => Record<string, string>;

const seconds = (at: number) => String(Math.floor(at / 1000));

const hmac = (
  hash: 'sha256' | 'sha512',
  key: string | Buffer,
  ...parts: (string | Buffer)[]
): Buffer => parts.reduce((made, part) => made.update(part), createHmac(hash, key)).digest();

/** @see https://www.standardwebhooks.com, "Signature scheme" */
const standard =
  (prefix: string, idHeader = `${prefix}-id`): Sign =>
  (body, { at, id, secret }) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    const signature = hmac('sha256', key, `${id}.${seconds(at)}.`, body).toString('base64');
    return {
      [idHeader]: id,
      [`${prefix}-timestamp`]: seconds(at),
      [`${prefix}-signature`]: `v1,${signature}`,
    };
  };

const hexOfBody =
  (header: string, prefix: string): Sign =>
  (body, { secret }) => ({ [header]: prefix + hmac('sha256', secret, body).toString('hex') });

const bambooHr: Sign = (body, { at, secret }) => ({
  'x-bamboohr-timestamp': seconds(at),
  'x-bamboohr-signature': hmac('sha256', secret, body, seconds(at)).toString('hex'),
});

const fixed: Sign = (_body, { secret }) => ({ authorization: secret });

/**
 * How each sender signs, after its own documentation and by nothing of the code under test: see
 * docs/webhook-providers.md.
 */
const SIGN: Record<SourceName, Sign> = {
  'standard-webhooks': standard('webhook'),
  svix: standard('svix'),
  generic: (_body, { secret }) => ({ authorization: `Bearer ${secret}` }),
  bamboohr: bambooHr,
  deel: (body, { secret }) => ({
    'x-deel-signature': hmac('sha256', secret, 'POST', body).toString('hex'),
  }),
  greenhouse: hexOfBody('signature', 'sha256 '),
  okta: fixed,
  hibob: (body, { secret }) => ({
    'bob-signature': hmac('sha512', secret, body).toString('base64'),
  }),
  personio: fixed,
  remote: (body, { at, secret }) => ({
    'x-remote-timestamp': String(at),
    'x-remote-signature': hmac('sha256', secret, body, `:${at}`).toString('hex'),
  }),
  finch: standard('finch', 'finch-event-id'),
  merge: (body, { secret }) => ({
    'x-merge-webhook-signature': hmac('sha256', secret, body).toString('base64url'),
  }),
  ashby: hexOfBody('ashby-signature', 'sha256='),
  'bamboohr-fields': bambooHr,
  'generic-basic': (_body, { secret }) => ({
    authorization: `Basic ${Buffer.from(secret).toString('base64')}`,
  }),
  'generic-hmac': (body, { at, secret }) => ({
    'x-acme-timestamp': seconds(at),
    'x-acme-signature': `v0=${hmac('sha256', secret, `v0:${seconds(at)}:`, body).toString('hex')}`,
  }),
  'greenhouse-emea': hexOfBody('signature', 'sha256 '),
  'okta-names': fixed,
  unset: hexOfBody('signature', 'sha256 '),
};

/** @returns the headers of a sender who knows the source's secret, or `secret` in its place. */
export const signed = (
  source: SourceName,
  body: string | Buffer,
  { at = Date.now(), id = 'msg_1', secret = signingSecret(source) }: Partial<Signing> = {},
): Record<string, string> => SIGN[source](body, { at, id, secret });
