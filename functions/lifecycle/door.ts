import type { Invocation } from '../invites/invocation.ts';
import { type Delivery, MAX_BODY_BYTES, UnreadableDelivery } from '../webhooks/delivery.ts';
import { parseBody } from '../webhooks/parse.ts';
import { type Secrets, withNewest } from '../webhooks/secrets.ts';
import { type DeliveryAuth, type Refusal, verify } from '../webhooks/verify.ts';
import type { Follow, Followed } from './follow.ts';
import { readDelivery, type SlackEvent, type TYPES } from './slack-event.ts';

/** Slack's signatures. @see https://docs.slack.dev/authentication/verifying-requests-from-slack */
export const SLACK_AUTH: DeliveryAuth = {
  hmac: {
    hash: 'sha256',
    header: 'x-slack-signature',
    prefix: 'v0=',
    encoding: 'hex',
    key: 'utf8',
    signed: [{ text: 'v0:' }, { header: 'x-slack-request-timestamp' }, { text: ':' }, 'body'],
    timestamp: {
      header: 'x-slack-request-timestamp',
      format: 'seconds',
      toleranceSeconds: 300,
    },
  },
};

/** What the secrets of the door are called. */
export const SLACK = 'slack';

/** What a delivery came to. */
export type EventResult =
  | { refused: Refusal | 'body_too_large' | UnreadableDelivery['code']; status: number }
  | { challenge: string }
  | { ignored: (typeof TYPES)[number] | 'other' }
  | { event: SlackEvent; followed: Followed };

export type EventDoor = (delivery: Delivery, invocation: Invocation) => Promise<EventResult>;

type Ports = { secrets: Secrets; follow: Follow; now?: () => number };

/**
 * The order of the door, as of the one for HR systems: size, signature, time window, and only then
 * the body. Nothing is parsed that Slack has not signed, and its sender learns nothing but 401.
 * @throws InviteError where the secret or the table cannot be used: Slack sends the event again.
 */
export const createEventDoor =
  ({ secrets, follow, now = Date.now }: Ports): EventDoor =>
  async (delivery, invocation) => {
    // Slack's events have some kilobytes. Whoever sends more has not signed it, and hears the same.
    if (delivery.body.length > MAX_BODY_BYTES) return { refused: 'body_too_large', status: 401 };
    const verdict = await withNewest(secrets, SLACK, (known) =>
      verify(SLACK_AUTH, known, delivery, now()),
    );
    if (verdict !== 'verified') return { refused: verdict, status: 401 };

    let body: object;
    try {
      body = await parseBody({ body: 'json' }, delivery);
    } catch (error) {
      if (!(error instanceof UnreadableDelivery)) throw error;
      return { refused: error.code, status: error.status };
    }
    const told = readDelivery(body);
    if (!('event' in told)) return told;
    return { event: told.event, followed: await follow(told.event, invocation) };
  };
