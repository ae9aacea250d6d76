import type { Auth } from '../../functions/webhooks/provider.ts';

/** What an operator would write down for GitHub. */
export const GITHUB: Auth = {
  hmac: {
    hash: 'sha256',
    header: 'x-hub-signature-256',
    prefix: 'sha256=',
    encoding: 'hex',
    key: 'utf8',
    signed: ['body'],
  },
};

/** What an operator would write down for Slack. */
export const SLACK: Auth = {
  hmac: {
    hash: 'sha256',
    header: 'x-slack-signature',
    prefix: 'v0=',
    encoding: 'hex',
    key: 'utf8',
    signed: [{ text: 'v0:' }, { header: 'x-slack-request-timestamp' }, { text: ':' }, 'body'],
    timestamp: { header: 'x-slack-request-timestamp', format: 'seconds', toleranceSeconds: 300 },
  },
};
