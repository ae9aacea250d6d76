import { type Delivery, inflated } from '../../functions/webhooks/delivery.ts';
import {
  headersForRules,
  identifiedEvents,
  readPayloads,
  type WebhookEvent,
} from '../../functions/webhooks/events.ts';
import { createSandbox } from '../../functions/webhooks/expression.ts';
import { parseBody } from '../../functions/webhooks/parse.ts';
import type { InstalledProvider } from '../../functions/webhooks/source.ts';

const { list } = createSandbox();

/** The events of a delivery that is believed, as the door reads them. @throws UnreadableDelivery */
export const readEvents = async (
  provider: InstalledProvider,
  delivery: Delivery,
): Promise<WebhookEvent[]> => {
  const body = await parseBody(provider, inflated(delivery));
  const payloads = readPayloads(provider, body, headersForRules(provider, delivery), list);
  return identifiedEvents(provider, delivery, body, payloads);
};
