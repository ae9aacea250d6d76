import type { ProviderName } from '../../functions/webhooks/providers.ts';
import { installedProvider } from '../../functions/webhooks/source.ts';
import type { DeliveryAuth } from '../../functions/webhooks/verify.ts';

/** How a provider with a row proves itself. */
export const rowAuth = (provider: ProviderName): DeliveryAuth =>
  installedProvider({ provider }).auth as DeliveryAuth;

/** What an operator would write down for GitHub. */
export const GITHUB: DeliveryAuth = {
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
export const SLACK: DeliveryAuth = {
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
