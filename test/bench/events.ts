import { createHmac, randomUUID } from 'node:crypto';
import { declined } from '../lifecycle/slack-story.ts';
import { deliveryOf, oktaDelivery, oktaEvent } from '../support/deliveries.ts';

const CHANNEL = 'C0PARTNER01';

const someone = () => ({ channel: CHANNEL, emails: [`${randomUUID()}@partner.example`] });

/** `POST /invites`, as the HTTP API hands it over. */
export const invitationRequest = (body: object = someone(), headers = {}): object => ({
  version: '2.0',
  routeKey: 'POST /invites',
  rawPath: '/invites',
  rawQueryString: '',
  headers: { 'content-type': 'application/json', ...headers },
  requestContext: {
    accountId: '000000000000',
    authorizer: { iam: { userArn: 'arn:aws:iam::000000000000:user/benchmark' } },
    http: { method: 'POST', path: '/invites', protocol: 'HTTP/1.1', sourceIp: '192.0.2.1' },
    routeKey: 'POST /invites',
  },
  body: JSON.stringify(body),
  isBase64Encoded: false,
});

/** The same for `invite-task`. */
export const task = (): object => someone();

export const queued = (): object => ({ id: `inv1_${'b'.repeat(32)}`, generation: Date.now() });

/** The turn of a queued request, whose time has come. */
export const turn = (reference: object): object => ({
  ...reference,
  not_before: new Date().toISOString(),
});

type Delivery = ReturnType<typeof deliveryOf>;

const delivered = ({ source, method, headers, body }: Delivery): object => ({
  version: '2.0',
  routeKey: 'POST /webhooks/{source}',
  rawPath: `/webhooks/${source}`,
  rawQueryString: '',
  headers,
  pathParameters: { source },
  requestContext: { http: { method, path: `/webhooks/${source}` } },
  body: String(body),
  isBase64Encoded: false,
});

const newcomer = () => {
  const id = randomUUID();
  return { id, email: `${id}@partner.example`, name: 'Casey' };
};

/** One event of an HR system, with an address. */
export const hrDelivery = (): object => delivered(deliveryOf('greenhouse', newcomer()));

/** Of Slack's length. */
export const SIGNING_SECRET = 'b'.repeat(32);

/** Slack tells that an invitation was declined. @param id Slack's, of the invitation. */
export const slackEvent = (id: string): object => {
  const seconds = Math.floor(Date.now() / 1000);
  const its = { id, channel: CHANNEL, email: 'x@partner.example', createdAt: seconds };
  const body = JSON.stringify(declined(its, seconds));
  const signed = createHmac('sha256', SIGNING_SECRET).update(`v0:${seconds}:${body}`).digest('hex');
  const headers = {
    'content-type': 'application/json',
    'x-slack-request-timestamp': `${seconds}`,
    'x-slack-signature': `v0=${signed}`,
  };
  return {
    version: '2.0',
    routeKey: 'POST /slack/events',
    rawPath: '/slack/events',
    rawQueryString: '',
    headers,
    requestContext: { http: { method: 'POST', path: '/slack/events' } },
    body,
    isBase64Encoded: false,
  };
};

/** So many events that a rule takes and whose address it does not find, so that nothing is kept of them. */
export const longDelivery = (events: number): object => {
  const withoutEmail = () => {
    const event = structuredClone(oktaEvent(newcomer())) as {
      target: { alternateId?: string }[];
    };
    for (const target of event.target) delete target.alternateId;
    return event;
  };
  return delivered(oktaDelivery('okta', Array.from({ length: events }, withoutEmail)));
};
