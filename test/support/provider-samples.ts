import type { Delivery } from '../../functions/webhooks/delivery.ts';
import type { WebhookEvent } from '../../functions/webhooks/events.ts';
import type { Auth } from '../../functions/webhooks/provider.ts';
import type { ProviderName } from '../../functions/webhooks/providers.ts';
import type { Lookup } from '../../functions/webhooks/source.ts';
import { post } from './verify-deliveries.ts';

/** A genuine delivery, and what has to come out of it. */
export type Sample = {
  name: string;
  provider: ProviderName;
  /** Once a provider: how it is tried end to end. */
  endToEnd?: EndToEnd;
  /** For `generic`. */
  auth?: Auth;
  secret: string;
  /** Epoch seconds at which it arrives. */
  at: number;
  delivery: Delivery;
  events: Pick<WebhookEvent, 'id' | 'identity' | 'subject' | 'type'>[];
};

/** Somebody of whom an HR system says that they joined. */
export type Person = { id: string; email: string; name: string };

/** A provider in a stack that runs: how an operator would set it up, and what it then sends. */
export type EndToEnd = {
  /** The expressions of the one rule. */
  when: string;
  email?: string;
  reference?: string;
  /** Where the address is not in the event. */
  lookup?: Lookup;
  /** What it says of a person, in the shape that its documentation shows, the name somewhere in it. */
  payload(person: Person): object;
};

// Signatures without another source were made on the command line, for example:
//   printf '%s' "$BODY" | openssl dgst -sha256 -hmac "$SECRET" -hex
//   printf '%s' "$SIGNED" | openssl dgst -sha256 -mac HMAC -macopt hexkey:"$KEY" -binary | openssl base64 -A
// where $KEY is the secret after its prefix: openssl base64 -d -A | od -An -tx1 | tr -d ' \n'.
// The hash in the `id` of an event is the beginning of a SHA-256: of the JSON list of its type and
// subject (or null), of its own JSON, or of the JSON list of the signed timestamp and the event, by:
//   printf '%s' "$JSON" | openssl dgst -sha256 -binary | openssl base64 -A | tr '+/' '-_' | cut -c1-32

const STANDARD_BODY =
  '{"type":"contractor.created","timestamp":"2026-01-31T18:41:59Z","data":{"id":"c-17","email":"casey@partner.example"}}';
const STANDARD_ID = 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W';
const STANDARD_SIGNATURE = 'v1,mGETlKQJ1WNuINEU0TPbthzqsGuhdrAQMe+T0asmkE4=';
const STANDARD_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const NOW = 1769884920;
const TIME = '2026-01-31T18:42:00Z';

const CONTRACTOR_CREATED: EndToEnd = {
  when: 'type = "contractor.created"',
  email: 'data.email',
  reference: 'data.id',
  payload: ({ id, email, name }) => ({
    type: 'contractor.created',
    timestamp: TIME,
    data: { id: `c-${id}`, name, email },
  }),
};

const BAMBOOHR_EVENT =
  '{"type":"employee.created","timestamp":"2026-01-31T18:42:00+0000","data":{"companyId":"12345","employeeId":"67890"}}';
const BAMBOOHR_SECRET = '123b929362d51613054f71e5e5d4bf2c';

export const SAMPLES: Sample[] = [
  {
    name: 'Standard Webhooks',
    provider: 'standard-webhooks',
    secret: STANDARD_SECRET,
    at: NOW,
    delivery: post(
      {
        'webhook-id': STANDARD_ID,
        'webhook-timestamp': '1769884920',
        'webhook-signature': STANDARD_SIGNATURE,
      },
      STANDARD_BODY,
    ),
    endToEnd: CONTRACTOR_CREATED,
    events: [
      {
        id: `event:${STANDARD_ID}:xOcvWqG3pMb7ahotZSLXOYx6xBGuyW8m`,
        identity: 'event_id',
        type: 'contractor.created',
      },
    ],
  },
  {
    name: 'Svix',
    provider: 'svix',
    secret: STANDARD_SECRET,
    at: NOW,
    delivery: post(
      {
        'svix-id': STANDARD_ID,
        'svix-timestamp': '1769884920',
        'svix-signature': STANDARD_SIGNATURE,
      },
      STANDARD_BODY,
    ),
    endToEnd: CONTRACTOR_CREATED,
    events: [
      {
        id: `event:${STANDARD_ID}:xOcvWqG3pMb7ahotZSLXOYx6xBGuyW8m`,
        identity: 'event_id',
        type: 'contractor.created',
      },
    ],
  },
  {
    name: 'a form from a sender of the operator’s description',
    provider: 'generic',
    auth: { header: { name: 'authorization', prefix: 'Bearer ' } },
    secret: 'correct-horse-battery',
    at: NOW,
    delivery: post(
      {
        authorization: 'Bearer correct-horse-battery',
        'content-type': 'application/x-www-form-urlencoded',
      },
      'event_name=employee.hired&id=6a',
    ),
    endToEnd: {
      when: 'event = "contractor.joined"',
      email: 'email',
      payload: ({ id, email, name }) => ({ event: 'contractor.joined', id, name, email }),
    },
    events: [{ id: 'content:Fc6lIZyS6FezfjpCxy60n95nb7zWRhpq', identity: 'content' }],
  },
  {
    // The vector of a third party's test; see docs/webhook-providers.md.
    name: 'BambooHR, field-based',
    provider: 'bamboohr',
    secret: BAMBOOHR_SECRET,
    at: 1658248024,
    delivery: post(
      {
        'x-bamboohr-timestamp': '1658248023',
        'x-bamboohr-signature': '56491dd9c2b352bc5f4fc627159aae20ddff9c8cb19f239a6de6771dc5310bac',
      },
      '{"employees":[{"changedFields":["First name"],"fields":{"Employee #":{"value":"300"},"First name":{"value":"Tefi"},"Last name":{"value":"Adams"}},"id":"5"}]}',
    ),
    events: [
      { id: 'dated:c_O3ZRPMATdTuOnqiQCqQywfmbmwR4Rp', identity: 'content_and_time', subject: '5' },
    ],
  },
  {
    name: 'BambooHR, event-based',
    provider: 'bamboohr',
    secret: BAMBOOHR_SECRET,
    at: NOW,
    delivery: post(
      {
        'x-bamboohr-timestamp': '1769884921',
        'x-bamboohr-signature': '3f2cc5ad5451f1d01b796878f4dfa171382b9bce9e120c5be55bc9c49ae073ac',
      },
      BAMBOOHR_EVENT,
    ),
    endToEnd: {
      when: 'type = "employee.created"',
      lookup: {
        url: 'https://api.bamboohr.com/api/gateway.php/acme/v1/employees/{id}/?fields=homeEmail',
        headers: { Authorization: 'Basic {secret:base64}' },
        email: 'homeEmail',
      },
      payload: ({ id, name }) => ({
        type: 'employee.created',
        timestamp: TIME,
        data: { companyId: '12345', employeeId: id, changedFields: [name] },
      }),
    },
    events: [
      {
        id: 'content:HpR4TgoGmCu7ITR_N8TF8taJ6MuCGlsa',
        identity: 'content_and_time',
        subject: '67890',
        type: 'employee.created',
      },
    ],
  },
  {
    name: 'BambooHR, with a timestamp in ISO 8601',
    provider: 'bamboohr',
    secret: BAMBOOHR_SECRET,
    at: NOW,
    delivery: post(
      {
        'x-bamboohr-timestamp': '2026-01-31T18:42:01Z',
        'x-bamboohr-signature': '146f4113d722292a2ea4c36ff4642bae2ece8d6ed22f40d4aca3494a2bd46f61',
      },
      BAMBOOHR_EVENT,
    ),
    events: [
      {
        id: 'content:HpR4TgoGmCu7ITR_N8TF8taJ6MuCGlsa',
        identity: 'content_and_time',
        subject: '67890',
        type: 'employee.created',
      },
    ],
  },
  {
    name: 'Deel, with one resource',
    provider: 'deel',
    secret: 'deel-signing-key-1',
    at: NOW,
    delivery: post(
      { 'x-deel-signature': '735c292351f928853cfc48ef9fa4ef7033e07a4907e5cf68ef4b2927c1251c8f' },
      '{"data":{"meta":{"event_type":"employee.created.contractor","organization_id":"987deccd-cef2-4c0f-a068-7cb07971bcfe","tracking_id":"q8tVRj_Je00wJLY2GriqT10nUjBZ"},"resource":{"id":"3w4zdd9","email":"casey@partner.example"}},"timestamp":"2026-01-31T18:42:02.119Z"}',
    ),
    events: [
      {
        id: 'event:q8tVRj_Je00wJLY2GriqT10nUjBZ:Ih3tpkKON4VOUfjx4NJPoLW-uFK482Df',
        identity: 'event_id',
        subject: '3w4zdd9',
        type: 'employee.created.contractor',
      },
    ],
  },
  {
    name: 'Deel, with a list of resources',
    provider: 'deel',
    secret: 'deel-signing-key-1',
    at: NOW,
    delivery: post(
      { 'x-deel-signature': 'a0e386858bf1ef4120e63ed2207a6d818b611b2b263d6bc7b417ba2bf8e364a1' },
      '{"data":{"meta":{"event_type":"contract.created","event_id":"evt_xyz789","occurred_at":"2026-01-31T18:42:00.070Z"},"resource":[{"contract_id":"ctr_123456","worker_email":"casey@partner.example"}]}}',
    ),
    endToEnd: {
      when: 'data.meta.event_type = "contract.created"',
      email: 'data.resource.worker_email',
      payload: ({ id, email, name }) => ({
        data: {
          meta: { event_type: 'contract.created', event_id: `evt_${id}`, occurred_at: TIME },
          resource: [{ contract_id: `ctr_${id}`, name, worker_email: email }],
        },
      }),
    },
    events: [
      {
        id: 'event:evt_xyz789:V8QMjEK1a5L3bkFOq4bWb2NTYID32ULv',
        identity: 'event_id',
        subject: 'ctr_123456',
        type: 'contract.created',
      },
    ],
  },
  {
    name: 'Greenhouse, with its escapes',
    provider: 'greenhouse',
    secret: 'greenhouse-secret-key',
    at: NOW,
    delivery: post(
      {
        signature: 'sha256 0e5a704ad4596caab03a321d4265b1831fd08269c6f3c76c94c28bfc0741718e',
        'greenhouse-event-id': 'not signed',
      },
      '{"action":"hire_candidate","payload":{"application":{"id":46194062,"candidate":{"id":35897443,"first_name":"Casey","title":"\\u003cb\\u003eLead\\u003c/b\\u003e","email_addresses":[{"value":"casey@partner.example","type":"personal"}]},"offer":{"id":506409,"resolved_at":"2026-01-31T18:42:00Z"}}}}',
    ),
    endToEnd: {
      when: 'action = "hire_candidate"',
      email: 'payload.application.candidate.email_addresses[type = "personal"][0].value',
      reference: 'payload.application.id',
      payload: ({ id, email, name }) => ({
        action: 'hire_candidate',
        payload: {
          application: {
            id: Number(id),
            candidate: {
              id: Number(id) + 1,
              first_name: name,
              title: '<b>Lead</b>',
              email_addresses: [{ value: email, type: 'personal' }],
            },
            offer: { resolved_at: TIME },
          },
        },
      }),
    },
    events: [
      {
        id: 'content:iOUWV6IPuLui7XMO1aUgVKaaqiwReYmb',
        identity: 'content_and_time',
        subject: '35897443',
        type: 'hire_candidate',
      },
    ],
  },
  {
    name: 'Okta, two events at once',
    provider: 'okta',
    secret: 'okta-shared-secret',
    at: NOW,
    delivery: post(
      { authorization: 'okta-shared-secret' },
      '{"eventType":"com.okta.event_hook","eventId":"b5a188b9-5ece-4636-b041-482ffda96311","data":{"events":[{"uuid":"f790999f-fe87-467a-9880-6982a583986c","published":"2026-01-31T18:42:00.777Z","eventType":"user.lifecycle.create","target":[{"type":"AppUser","id":"0ua1"},{"type":"User","id":"00u1qw6mqitPHM8AJ0g7","alternateId":"casey@partner.example"}]},{"uuid":"0d9a1c1e-7f1c-4a52-9a55-3a1d3f6b2f10","published":"2026-01-31T18:42:01.000Z","eventType":"user.session.start","target":null}]}}',
    ),
    endToEnd: {
      when: 'eventType = "user.lifecycle.create"',
      email: 'target[type = "User"].alternateId',
      payload: ({ id, email, name }) => ({
        eventType: 'com.okta.event_hook',
        eventId: 'hook-1',
        data: {
          events: [
            {
              uuid: `uuid-${id}`,
              published: TIME,
              eventType: 'user.lifecycle.create',
              target: [
                { type: 'AppUser', id: '0ua1' },
                { type: 'User', id: `00u${id}`, alternateId: email, displayName: name },
              ],
            },
          ],
        },
      }),
    },
    events: [
      {
        id: 'event:f790999f-fe87-467a-9880-6982a583986c:W6HaQzdxG6ujK-1bGQBsgMYBKBmgPM62',
        identity: 'event_id',
        subject: '00u1qw6mqitPHM8AJ0g7',
        type: 'user.lifecycle.create',
      },
      {
        id: 'event:0d9a1c1e-7f1c-4a52-9a55-3a1d3f6b2f10:EVgfifoujGfkBqlc6Yw1Ycqf3iiva3VG',
        identity: 'event_id',
        type: 'user.session.start',
      },
    ],
  },
  {
    name: 'HiBob',
    provider: 'hibob',
    secret: 'hibob-webhook-secret',
    at: NOW,
    delivery: post(
      {
        'bob-signature':
          'guzuSAukJjp+pjFZwgKKjOhkxje8sF7tNvW+Kqqp8ogs5DRnCLoz7p7vl6egPCqPDu+jx19rZ5DAO0+IkRvhtQ==',
      },
      '{"companyId":636192,"type":"employee.joined","triggeredBy":"3332883804594373380","triggeredAt":"2026-01-31T18:42:00.915906","version":"v2","data":{"employeeId":"3332883854254932743"}}',
    ),
    endToEnd: {
      when: 'type = "employee.joined"',
      lookup: {
        url: 'https://api.hibob.com/v1/people/{id}',
        headers: { Authorization: 'Basic {secret:base64}' },
        body: { fields: ['home.privateEmail'] },
        email: 'home.privateEmail',
      },
      payload: ({ id, name }) => ({
        companyId: 636192,
        type: 'employee.joined',
        triggeredBy: name,
        triggeredAt: TIME,
        version: 'v2',
        data: { employeeId: id },
      }),
    },
    events: [
      {
        id: 'content:8_9okjUWIZTWO0GgmXkokaqSXaWzuEkP',
        identity: 'content_and_time',
        subject: '3332883854254932743',
        type: 'employee.joined',
      },
    ],
  },
  {
    name: 'Personio',
    provider: 'personio',
    secret: 'personio-webhook-token',
    at: NOW,
    delivery: post(
      { authorization: 'personio-webhook-token' },
      '{"company_id":"4711","event_name":"person.created","occurred_at":"2026-01-31T18:42:00Z","payload":{"person":{"id":"990321"}}}',
    ),
    endToEnd: {
      when: 'event_name = "person.created"',
      lookup: {
        url: 'https://api.personio.de/v2/persons/{id}',
        id: 'payload.person.id',
        token: { url: 'https://api.personio.de/v2/auth/token', client: 'form' },
        headers: { Authorization: 'Bearer {token}' },
        email: 'email',
      },
      payload: ({ id, name }) => ({
        company_id: '4711',
        event_name: 'person.created',
        occurred_at: TIME,
        payload: { person: { id, name } },
      }),
    },
    events: [
      {
        id: 'content:4t9m7lI8-ieggztfH0atohq7g1ntfCqz',
        identity: 'content_and_time',
        subject: '990321',
        type: 'person.created',
      },
    ],
  },
  {
    name: 'Remote',
    provider: 'remote',
    secret: 'wkyzvs764ifdrpct2naqhksmq4',
    at: NOW,
    delivery: post(
      {
        'x-remote-timestamp': '1769884920123',
        'x-remote-signature': '68b703f1cca977c98cd968b2bbb69148f14b79260f75de6f3aadd1e616cd7d67',
      },
      '{"event_type":"employment.onboarding.completed","company_id":"acme-2f6c","employment_id":"1f81eb52-5198-4599-803e-771906343485"}',
    ),
    endToEnd: {
      when: 'event_type = "employment.onboarding.completed"',
      lookup: {
        url: 'https://gateway.remote.com/v1/employments/{id}',
        headers: { Authorization: 'Bearer {secret}' },
        email: 'data.employment.personal_email',
      },
      payload: ({ id, name }) => ({
        event_type: 'employment.onboarding.completed',
        company_id: name,
        employment_id: id,
      }),
    },
    events: [
      {
        id: 'dated:FYrsOzaEPKOonws7v0ae7ye0hIbOz6RB',
        identity: 'content_and_time',
        subject: '1f81eb52-5198-4599-803e-771906343485',
        type: 'employment.onboarding.completed',
      },
    ],
  },
  {
    name: 'Finch',
    provider: 'finch',
    secret: '5WbX5kEWLlfzsGNjH64I8lOOqUB6e8FH',
    at: NOW,
    delivery: post(
      {
        'finch-event-id': 'evt_2Lh9KRb0pzN4LePd3XiA4v12Axj',
        'finch-timestamp': '1769884920',
        'finch-signature': 'v1,kZFJRe8MLhMEZ69nmq7dgoxXG9iIuQ+9CXx2gakDBqU=',
      },
      '{"company_id":"720be419-0293-4d32-a707-32179b0827ab","connection_id":"5f2b1e0e-58d0-4a53-a5a5-4f9c3f2d6f10","event_type":"individual.created","data":{"individual_id":"5d0b0be0-9a47-4f9c-8f0e-2f1f6a1f1c7e"}}',
    ),
    endToEnd: {
      when: 'event_type = "individual.created"',
      lookup: {
        url: 'https://api.tryfinch.com/employer/individual',
        headers: { Authorization: 'Bearer {secret}', 'Finch-API-Version': '2020-09-17' },
        body: { requests: [{ individual_id: '{id}' }] },
        email: 'responses.body.emails.data',
      },
      payload: ({ id, name }) => ({
        company_id: name,
        event_type: 'individual.created',
        data: { individual_id: id },
      }),
    },
    events: [
      {
        id: 'event:evt_2Lh9KRb0pzN4LePd3XiA4v12Axj:lWGTL6GSNMOMbNVmWeNsbecHK75-cdWb',
        identity: 'event_id',
        subject: '5d0b0be0-9a47-4f9c-8f0e-2f1f6a1f1c7e',
        type: 'individual.created',
      },
    ],
  },
  {
    name: 'Merge, base64url without padding',
    provider: 'merge',
    secret: 'merge-signature-key',
    at: NOW,
    delivery: post(
      { 'x-merge-webhook-signature': 'A5ulvcSrcpVVl2Vm6qz6C0EW7y91jQfknhb_k_Ow7OU' },
      '{"hook":{"id":"cb1fe0a7-c2a1-4bd6-8cf5-57e70c7f1d53","event":"Employee.added","target":"https://hooks.partner.example"},"linked_account":{"id":"a3602c03-aba7-4d9d-a349-dbc338504092","integration":"Workday"},"data":{"id":"0958cbc6-6040-430a-848e-aafacbadf4ae","personal_email":"casey@partner.example","modified_at":"2026-01-31T18:42:00Z"}}',
    ),
    endToEnd: {
      when: 'hook.event = "Employee.added"',
      email: 'data.personal_email',
      payload: ({ id, email, name }) => ({
        hook: { id: 'hook-1', event: 'Employee.added' },
        data: { id, first_name: name, personal_email: email, modified_at: TIME },
      }),
    },
    events: [
      {
        id: 'content:cbdlfs7ietHk5gg_RrwxxAItYTJGzkTg',
        identity: 'content_and_time',
        subject: '0958cbc6-6040-430a-848e-aafacbadf4ae',
        type: 'Employee.added',
      },
    ],
  },
  {
    name: 'Ashby',
    provider: 'ashby',
    secret: 'ashby-secret-token',
    at: NOW,
    delivery: post(
      {
        'ashby-signature':
          'sha256=840ff45abbbffdc9f1a0d5342806ab82dacbaa2f2c220d19b6f14ab83ac29111',
      },
      '{"webhookActionId":"75395d87-4044-4dc4-bc29-0cec185e5f06","action":"candidateHire","data":{"application":{"id":"d9e52a51-9075-4a5b-8ad9-4d4b3c3f5c0a","candidate":{"id":"6d1f5c0e-2f4e-4a4e-9d5b-0f6f3f8a7c11","name":"Casey Partner"}}}}',
    ),
    endToEnd: {
      when: 'action = "candidateHire"',
      // Where the address is not in it, it is looked up.
      email: 'data.application.candidate.primaryEmailAddress.value',
      lookup: {
        url: 'https://api.ashbyhq.com/candidate.info',
        headers: { Authorization: 'Basic {secret:base64}' },
        body: { id: '{id}' },
        email: 'results.primaryEmailAddress.value',
      },
      payload: ({ id, name }) => ({
        webhookActionId: `action-${id}`,
        action: 'candidateHire',
        data: { application: { id: `a-${id}`, candidate: { id, name } } },
      }),
    },
    events: [
      {
        id: 'event:75395d87-4044-4dc4-bc29-0cec185e5f06:uq05qc8ThrBd0qCff27GEw1YfOJgwpwO',
        identity: 'event_id',
        subject: '6d1f5c0e-2f4e-4a4e-9d5b-0f6f3f8a7c11',
        type: 'candidateHire',
      },
    ],
  },
];

/** @returns the sample by which a provider is tried end to end. */
export const endToEndOf = (provider: ProviderName): Sample & { endToEnd: EndToEnd } => {
  const sample = SAMPLES.find((one) => one.provider === provider && one.endToEnd);
  if (!sample?.endToEnd) {
    throw new Error(`no sample of ${provider} has endToEnd: see docs/webhook-providers.md`);
  }
  return { ...sample, endToEnd: sample.endToEnd };
};
