import { createHmac } from 'node:crypto';
import { type Addressee, envelope, type SlackEvent } from './event-payloads.ts';
import type { Settings } from './settings.ts';

/** How many deliveries are kept to look at. The oldest go first. */
const MAX_KEPT = 1000;

/** Slack waits this long for an answer: https://docs.slack.dev/apis/events-api, "Responding". */
const ANSWER_MS = 3000;

/** Slack's three retries: at once, a minute and five minutes later. */
const RETRIES_MS = [0, 60_000, 300_000];

type Reason =
  | 'http_timeout'
  | 'too_many_redirects'
  | 'connection_failed'
  | 'ssl_error'
  | 'http_error'
  | 'unknown_error';

/** One event, and what came of telling it; `attempts` has a status or the reason of each failure. */
export type Delivery = {
  event_id: string;
  type: string;
  outcome: 'waiting' | 'delivered' | 'failed' | 'lost' | 'no_address';
  attempts: { at: number; status?: number; reason?: Reason }[];
  body: Record<string, unknown>;
};

export type Events = {
  /** Tells one event, as the settings' mode says. */
  send(to: Addressee, event: SlackEvent): void;
  /** Lets a new address prove that it expects events: `url_verification`. */
  verify(): void;
  list: Delivery[];
  /** Ends what still waits. */
  stop(): void;
};

/**
 * Slack's events over HTTP: signed (https://docs.slack.dev/authentication/verifying-requests-from-slack),
 * one after the other, each until it is answered 2xx or its retries are over.
 *
 * @param settings those of the moment.
 * @param now the time in ms.
 */
export function createEvents(
  settings: () => Settings,
  now: () => number,
  retriesMs: number[] = RETRIES_MS,
): Events {
  const list: Delivery[] = [];
  const stopping = new AbortController();
  let number = 0;
  let inOrder = Promise.resolve();
  let held: Delivery | undefined;

  const add = (body: Record<string, unknown>, type: string): Delivery => {
    const outcome = settings().events_url === null ? 'no_address' : 'waiting';
    const delivery: Delivery = {
      event_id: String(body.event_id ?? ''),
      type,
      outcome,
      attempts: [],
      body,
    };
    list.push(delivery);
    if (list.length > MAX_KEPT) list.shift();
    return delivery;
  };

  const later = (ms: number, action: () => void) => {
    if (stopping.signal.aborted) return;
    const timer = setTimeout(() => {
      stopping.signal.removeEventListener('abort', cancel);
      action();
    }, ms).unref();
    const cancel = () => clearTimeout(timer);
    stopping.signal.addEventListener('abort', cancel, { once: true });
  };

  /** One attempt, and the next ones when it fails. */
  const attempt = async (delivery: Delivery, retry = 0, before?: Reason): Promise<void> => {
    const { events_url: url, signing_secret: secret } = settings();
    if (url === null || stopping.signal.aborted) return;
    const at = now();
    const { status, reason, final } = await post(url, secret, delivery, at, retry, before);
    delivery.attempts.push({ at, ...(status && { status }), ...(reason && { reason }) });
    if (reason === undefined) delivery.outcome = 'delivered';
    else if (final || retry >= retriesMs.length) delivery.outcome = 'failed';
    else later(retriesMs[retry] ?? 0, () => void attempt(delivery, retry + 1, reason));
  };

  const post = async (
    url: string,
    secret: string,
    { body, type }: Delivery,
    at: number,
    retry: number,
    before: Reason | undefined,
  ): Promise<{ status?: number; reason?: Reason; final?: boolean }> => {
    const text = JSON.stringify(body);
    const timestamp = String(Math.floor(at / 1000));
    const again = { 'x-slack-retry-num': `${retry}`, 'x-slack-retry-reason': before ?? '' };
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
          'x-slack-request-timestamp': timestamp,
          'x-slack-signature': sign(secret, timestamp, text),
          ...(retry > 0 && again),
        },
        body: text,
        redirect: 'manual',
        signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(ANSWER_MS)]),
      });
      const answer = await response.text();
      const { status } = response;
      if (type === 'url_verification' && !answer.includes(String(body.challenge))) {
        return { status, reason: 'http_error', final: true };
      }
      if (response.ok) return { status };
      const final = response.headers.get('x-slack-no-retry') === '1';
      return { status, reason: status < 400 ? 'too_many_redirects' : 'http_error', final };
    } catch (error) {
      return { reason: reasonOf(error), final: type === 'url_verification' };
    }
  };

  const deliver = (delivery: Delivery) => {
    inOrder = inOrder.then(() => attempt(delivery));
  };

  const MODES: Record<Settings['events_mode'], (delivery: Delivery) => void> = {
    normal: deliver,
    lost(delivery) {
      delivery.outcome = 'lost';
    },
    doubled(delivery) {
      deliver(delivery);
      deliver(delivery);
    },
    late: (delivery) => later(settings().events_delay_ms, () => deliver(delivery)),
    reordered(delivery) {
      const first = held;
      held = first ? undefined : delivery;
      if (first) {
        deliver(delivery);
        deliver(first);
        return;
      }
      later(settings().events_delay_ms, () => {
        if (held !== delivery) return;
        held = undefined;
        deliver(delivery);
      });
    },
  };

  return {
    list,
    send(to, event) {
      number += 1;
      const delivery = add(envelope(to, event, number, now()), event.type);
      if (delivery.outcome === 'waiting') MODES[settings().events_mode](delivery);
    },
    verify() {
      const challenge = createHmac('sha256', settings().signing_secret)
        .update('hello')
        .digest('hex');
      const type = 'url_verification';
      deliver(add({ token: 'local-verification-token', challenge, type }, type));
    },
    stop: () => stopping.abort(),
  };
}

const sign = (secret: string, timestamp: string, body: string) =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;

function reasonOf(error: unknown): Reason {
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'http_timeout';
  const cause = error instanceof TypeError ? Object(error.cause) : {};
  const code = String(cause.code ?? '');
  if (/CERT|SSL|TLS/.test(code)) return 'ssl_error';
  return /^(ECONN|EPIPE|ENOTFOUND|UND_ERR)/.test(code) ? 'connection_failed' : 'unknown_error';
}
