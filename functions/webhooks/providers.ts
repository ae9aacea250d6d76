// Longer than other files, because it is one table that is read as a whole.
import type { Auth, HmacAuth, Provider } from './provider.ts';

/** Standard Webhooks (https://www.standardwebhooks.com), under whatever names its headers go. */
const standardWebhooks = (prefix: string, idHeader = `${prefix}-id`): HmacAuth => ({
  hash: 'sha256',
  header: `${prefix}-signature`,
  prefix: 'v1,',
  separator: ' ',
  encoding: 'base64',
  key: 'base64',
  signed: [
    { header: idHeader },
    { text: '.' },
    { header: `${prefix}-timestamp` },
    { text: '.' },
    'body',
  ],
  timestamp: { header: `${prefix}-timestamp`, format: 'seconds', toleranceSeconds: 300 },
});

/** The most common scheme: a keyed hash of the body, in hexadecimal. */
const signedBody = (header: string, prefix?: string): Auth => ({
  hmac: {
    hash: 'sha256',
    header,
    ...(prefix !== undefined && { prefix }),
    encoding: 'hex',
    key: 'utf8',
    signed: ['body'],
  },
});

/**
 * The HR systems that may call, one row each: the verifier, the door and the documents read it.
 * To add one is to add a row here and its test.
 */
const ROWS = {
  'standard-webhooks': {
    title: 'Standard Webhooks',
    auth: { hmac: { ...standardWebhooks('webhook'), keyPrefix: 'whsec_' } },
    body: 'json',
    eventId: [{ header: 'webhook-id' }],
    type: ['type'],
    time: ['timestamp'],
    answer: 'any 2xx within 15 to 30 s',
    retry:
      "the sender's own; the specification's example spans 75 h, and each attempt is signed anew",
    person: 'the sender decides',
    evidence: { signature: 'published vector', payload: "vendor's text" },
    notes: 'Signatures of the version `v1a` (public keys) are passed over.',
  },

  svix: {
    title: 'Svix',
    auth: { hmac: { ...standardWebhooks('svix'), keyPrefix: 'whsec_' } },
    body: 'json',
    eventId: [{ header: 'svix-id' }],
    type: ['type'],
    time: ['timestamp'],
    answer: 'any 2xx within 15 s',
    retry: 'for about 28 h, each attempt signed anew',
    person: 'the sender decides',
    evidence: { signature: 'published vector', payload: "vendor's text" },
    notes: 'A sender that calls the headers `webhook-…` is `standard-webhooks`.',
  },

  generic: {
    title: 'Any other sender',
    auth: 'operator',
    body: 'any',
    // The operator's own, by agreement (docs/webhooks.md): a plain `id` is too often a person's.
    eventId: ['event_id'],
    time: ['occurred_at'],
    answer: '200',
    retry: "the sender's own",
    person: 'the operator writes it down',
    evidence: { signature: 'the operator', payload: 'the operator' },
    notes:
      "A static header, HTTP Basic, an HMAC or a secret in the body, as `auth` in the source says, which also says where its events, ids, times and test marks stand. GitHub's and Slack's published vectors hold for it.",
  },

  bamboohr: {
    title: 'BambooHR',
    auth: {
      hmac: {
        hash: 'sha256',
        header: 'x-bamboohr-signature',
        encoding: 'hex',
        key: 'utf8',
        signed: ['body', { header: 'x-bamboohr-timestamp' }],
        timestamp: {
          header: 'x-bamboohr-timestamp',
          format: 'seconds_or_iso8601',
          toleranceSeconds: 3 * 3600,
        },
      },
    },
    body: 'json_or_form',
    eventsPath: 'employees',
    subject: ['data.employeeId', 'id'],
    type: ['type', 'action'],
    time: ['timestamp'],
    answer: 'any 2xx',
    retry: '5xx after 5, 10, 20, 40 and 80 min; never after a 4xx',
    person:
      'only the id in event-based webhooks: lookup; field-based ones send the fields that the administrator picks, as `fields."Home Email"` or its `value`',
    evidence: { signature: 'published vector', payload: 'third parties' },
    notes:
      'JSON or the form, as the webhook was set up; the vendor recommends JSON. That a field of a field-based webhook may stand bare, without `value`, is what third parties say; the rest of the payload is documented by the vendor. The third-party test from which the vector comes has no `action`. The vendor says that the timestamp is when the request was sent; should a retry carry that of the first attempt all the same, the window of 3 h still covers the last retry, which a refusal would lose.',
  },

  deel: {
    title: 'Deel',
    auth: {
      hmac: {
        hash: 'sha256',
        header: 'x-deel-signature',
        encoding: 'hex',
        key: 'utf8',
        signed: [{ text: 'POST' }, 'body'],
      },
    },
    ignore: [{ path: 'data.meta.is_simulation', equals: true }],
    body: 'json',
    splitPath: 'data.resource',
    eventId: ['data.meta.event_id', 'data.meta.tracking_id'],
    subject: ['data.resource.id', 'data.resource.contract_id'],
    type: ['data.meta.event_type'],
    time: ['data.meta.occurred_at', 'timestamp'],
    answer: '200',
    retry: 'up to 10 attempts, then the subscription is disabled (third parties)',
    person:
      "in the event: `employee.created.contractor` has the worker's e-mail, the contract events have `worker_email`; an e-mail is missing from the events on other employees: lookup",
    evidence: { signature: "vendor's text", payload: 'inferred' },
    notes:
      'That `employee.created.contractor` carries the e-mail is documented, the name of the field is inferred; `worker_email` in the contract events is documented. `data.resource` is an object on some pages of the vendor and a list on others; each item is an event, and an expression such as `data.resource.worker_email` reads both. The id is that of what the event is about, mostly a contract.',
  },

  greenhouse: {
    title: 'Greenhouse',
    auth: signedBody('signature', 'sha256 '),
    ignore: [{ path: 'action', equals: 'ping' }],
    body: 'json',
    subject: ['payload.application.candidate.id'],
    type: ['action'],
    time: ['payload.application.offer.resolved_at', 'payload.application.last_activity_at'],
    answer: 'exactly 200',
    retry: 'after 1, 15, 60, 120, 240 and 480 min',
    person:
      'in the event: `payload.application.candidate.email_addresses[type = "personal"].value`, of which the first is taken',
    evidence: { signature: 'published vector', payload: "vendor's text" },
    notes:
      "The vector is a ping that somebody published in the vendor's issue tracker, with its secret and its signature; it shows the ping's `action`, too. The ping on saving has to succeed, or the webhook is disabled. `application.job` is deprecated by the vendor: read `application.jobs`. The header `Greenhouse-Event-ID` is not signed, so it identifies nothing here.",
  },

  okta: {
    title: 'Okta event hooks',
    auth: { header: { name: 'authorization' } },
    handshake: { header: 'x-okta-verification-challenge', key: 'verification' },
    body: 'json',
    eventsPath: 'data.events',
    splitPath: 'target[type=User]',
    eventId: ['uuid'],
    subject: ['target[type=User].id'],
    type: ['eventType'],
    time: ['published'],
    answer: '200 or 204, empty, within 3 s',
    retry: 'once, after a time-out or a 5xx; never after a 4xx',
    person:
      'in the event: `target[type="User"].alternateId`, the login, which mostly is an e-mail address',
    evidence: { signature: "vendor's text", payload: 'inferred' },
    notes:
      'That the login is an e-mail address is inferred, and each organization decides it; the rest of the payload is documented by the vendor. An event that names several users is one event each. The secret is the whole value of the authentication field; where that has another name than `Authorization`, the source says so in `auth`. The challenge carries it too, so without it there is no answer.',
  },

  hibob: {
    title: 'HiBob',
    auth: {
      hmac: {
        hash: 'sha512',
        header: 'bob-signature',
        encoding: 'base64',
        key: 'utf8',
        signed: ['body'],
      },
    },
    handshake: {
      bodies: ['Ping test', '"Ping test"', '{"text":"Ping test"}', '{"text": "Ping test"}'],
    },
    ignore: [{ path: 'text', equals: 'Ping test' }],
    body: 'json',
    subject: ['data.employeeId', 'employee.id'],
    type: ['type'],
    time: ['triggeredAt', 'creationDate'],
    answer: 'exactly 200',
    retry: 'for up to 3 days, at growing intervals',
    person: 'only the id: lookup, which may lag up to 20 s behind the event',
    evidence: { signature: "vendor's text", payload: "vendor's text" },
    notes:
      'Webhooks of version 2, and those of version 1 that still run, whose events name the person in `employee`. The ping comes when the webhook is made, before its secret can be stored here, so it is answered unsigned.',
  },

  personio: {
    title: 'Personio',
    auth: { header: { name: 'authorization' } },
    body: 'json',
    subject: ['payload.person.id', 'payload.person_id'],
    type: ['event_name'],
    time: ['occurred_at'],
    answer: 'any 2xx within 3 s',
    retry:
      'after a time-out or a 5xx but 501: up to 6 attempts over 3 days, 14 requests in all; the changelog of June 2024 says 6 days',
    person: 'only the id: lookup',
    evidence: { signature: "vendor's text", payload: 'inferred' },
    notes:
      "Nothing is signed: `auth_type` TOKEN sends a fixed text in `Authorization`, which is the secret; CUSTOM sends headers of one's own, of which `auth` names one. The event's envelope is the vendor's text; where in `payload` the person's id stands is inferred, so name it as the lookup's `id`.",
  },

  remote: {
    title: 'Remote',
    auth: {
      hmac: {
        hash: 'sha256',
        header: 'x-remote-signature',
        encoding: 'hex',
        key: 'utf8',
        signed: ['body', { text: ':' }, { header: 'x-remote-timestamp' }],
        timestamp: { header: 'x-remote-timestamp', format: 'milliseconds' },
      },
    },
    body: 'json',
    subject: ['employment_id'],
    type: ['event_type'],
    answer: 'any 2xx',
    retry: 'not published; past events can be sent again on request',
    person: 'only the id: lookup',
    evidence: { signature: "vendor's text", payload: "vendor's text" },
    notes:
      "The age of the timestamp is not checked: sources disagree on whether a retry carries a new one, and a refused retry would be lost. It is part of the event's identity, so a replay is a duplicate for as long as the event is remembered.",
  },

  finch: {
    title: 'Finch',
    auth: { hmac: standardWebhooks('finch', 'finch-event-id') },
    body: 'json',
    eventId: [{ header: 'finch-event-id' }],
    subject: ['data.individual_id'],
    type: ['event_type'],
    answer: 'not published',
    retry: 'not published',
    person: 'only the id: lookup',
    evidence: { signature: 'published vector', payload: "vendor's text" },
    notes: 'The secret is base64 without a prefix.',
  },

  merge: {
    title: 'Merge',
    auth: {
      hmac: {
        hash: 'sha256',
        header: 'x-merge-webhook-signature',
        encoding: 'base64',
        key: 'utf8',
        signed: ['body'],
      },
    },
    body: 'json',
    subject: ['data.id'],
    type: ['hook.event'],
    time: ['data.modified_at'],
    answer: 'any 2xx within 10 s (third parties)',
    retry: '5 times in about an hour (third parties)',
    person: 'in the event: `data.personal_email`, `data.work_email`',
    evidence: { signature: 'third parties', payload: 'inferred' },
    notes:
      "`hook.id` is the webhook's, not the event's. The fields of `data` are those of the vendor's SDK, in snake case.",
  },

  ashby: {
    title: 'Ashby',
    auth: signedBody('ashby-signature', 'sha256='),
    ignore: [{ path: 'action', equals: 'ping' }],
    body: 'json',
    eventId: ['webhookActionId'],
    subject: ['data.application.candidate.id'],
    type: ['action'],
    time: ['data.application.updatedAt'],
    answer: 'below 400',
    retry: 'yes; how often is not known',
    person:
      'in `candidateHire`: `data.application.candidate.primaryEmailAddress.value` (third parties), otherwise lookup',
    evidence: { signature: "vendor's text", payload: 'third parties' },
    notes:
      'The secret token is optional at Ashby and required here. The ping on saving has to succeed.',
  },
} satisfies Record<string, Provider>;

export type ProviderName = keyof typeof ROWS;

export const PROVIDERS: Readonly<Record<ProviderName, Provider>> = ROWS;

export const PROVIDER_NAMES = Object.keys(ROWS) as ProviderName[];
