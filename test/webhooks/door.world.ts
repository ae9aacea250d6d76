import { vi } from 'vitest';
import type { Delivery } from '../../functions/webhooks/delivery.ts';
import {
  createDoor,
  type DeliveryRefusal,
  type DeliveryResult,
  type Reply,
} from '../../functions/webhooks/door.ts';
import type { WebhookEvent } from '../../functions/webhooks/events.ts';
import { createSandbox } from '../../functions/webhooks/expression.ts';
import type { Received } from '../../functions/webhooks/receive.ts';
import type { Secrets } from '../../functions/webhooks/secrets.ts';
import type { HrSource } from '../../functions/webhooks/source.ts';
import { INVOCATION } from '../support/invocation.ts';
import { SAMPLES, type Sample } from '../support/provider-samples.ts';

export const ACCEPTED: Received = { result: 'accepted', ignored: [], failed: [] };

/** The one answer to whoever is not believed. */
export const UNAUTHORIZED = {
  status: 401,
  headers: { 'content-type': 'application/json' },
  body: '{"message":"Unauthorized"}',
};

/** The name of the source of a sample. */
export const sourceOf = (sample: Sample): string => `source-${SAMPLES.indexOf(sample)}`;

/** The sample of a provider, the first one where it has several. */
export const sampleOf = (provider: Sample['provider']): Sample => {
  const sample = SAMPLES.find((one) => one.provider === provider);
  if (!sample) throw new Error(`there is no sample of ${provider}`);
  return sample;
};

const SOURCES: ReadonlyMap<string, HrSource> = new Map(
  SAMPLES.map((sample) => [
    sourceOf(sample),
    { provider: sample.provider, rules: [], ...(sample.auth && { auth: sample.auth }) },
  ]),
);
const SECRETS = new Map(SAMPLES.map((sample) => [sourceOf(sample), sample.secret]));

/** What a delivery came to that was answered. */
type Answered = {
  reply: Reply;
  refused?: DeliveryRefusal;
  received?: Received[];
};

/** A door with a source for each sample; secrets and domain are functions that the test sets. */
export const createKnocking = () => {
  const sandbox = createSandbox();
  const signed = async (name: string) => ({ signing: [SECRETS.get(name) ?? ''] });
  const of = vi.fn<Secrets['of']>(signed);
  const renewed = vi.fn<Secrets['renewed']>(signed);
  const receive = vi.fn(
    async (_name: string, _source: HrSource, _event: WebhookEvent): Promise<Received> => ACCEPTED,
  );
  const receiveAll: Parameters<typeof createDoor>[0]['receive'] = async (
    { name, source },
    events,
  ) => {
    const received: Received[] = [];
    for (const event of events) {
      try {
        received.push(await receive(name, source, event));
      } catch (failure) {
        return { received, failure };
      }
    }
    return { received };
  };
  const door = (at: number) =>
    createDoor({
      sources: SOURCES,
      secrets: { of, renewed },
      sandbox,
      receive: receiveAll,
      now: () => at * 1000,
    });
  /** @returns what there was an answer to. */
  const answered = async (result: Promise<DeliveryResult>): Promise<Answered> => {
    const end = await result;
    if ('failure' in end) throw end.failure;
    return end;
  };

  return {
    of,
    renewed,
    receive,
    /** Delivers to a source of any name, at a time in epoch seconds. */
    deliver: (name: string, delivery: Delivery, at = 0): Promise<Answered> =>
      answered(door(at)(name, delivery, INVOCATION)),
    /** Delivers a sample with some changes to its own source, at its own time or another. */
    knock: (sample: Sample, changes: Partial<Delivery> = {}, at = sample.at): Promise<Answered> =>
      answered(door(at)(sourceOf(sample), { ...sample.delivery, ...changes }, INVOCATION)),
    /** The same, as the door tells it, where events could not be kept. */
    result: (sample: Sample, changes: Partial<Delivery>): Promise<DeliveryResult> =>
      door(sample.at)(sourceOf(sample), { ...sample.delivery, ...changes }, INVOCATION),
  };
};

export type Knocking = ReturnType<typeof createKnocking>;
