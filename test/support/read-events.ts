import type { Delivery } from '../../functions/webhooks/delivery.ts';
import { headersForRules, identified, type WebhookEvent } from '../../functions/webhooks/events.ts';
import { createSandbox } from '../../functions/webhooks/expression.ts';
import { inflated } from '../../functions/webhooks/inflate.ts';
import type { InstalledProvider } from '../../functions/webhooks/installed-provider.ts';
import { parseBody } from '../../functions/webhooks/parse.ts';
import { readPayloads } from '../../functions/webhooks/payloads.ts';

const { list } = createSandbox();

/** The events of a delivery that is believed, as the door reads them. @throws UnreadableDelivery */
export const readEvents = async (
  provider: InstalledProvider,
  delivery: Delivery,
): Promise<WebhookEvent[]> => {
  const body = await parseBody(provider, inflated(delivery));
  const payloads = readPayloads(provider, body, headersForRules(provider, delivery), list);
  return identified(provider, delivery, body, payloads);
};
