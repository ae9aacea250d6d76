import { type SourceName, signed } from './signatures.ts';

/** Somebody of whom an HR system says that they joined. */
export type Person = { id: string; email: string };

/** One request to a source's door. */
export type Delivery = {
  source: string;
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body: string | Buffer;
};

/** A word of every payload, to be looked for where none may be. */
export const PAYLOAD_MARKER = 'Quillon';

const TIME = '2026-01-31T18:42:00Z';

const contractorCreated = ({ id, email }: Person) => ({
  type: 'contractor.created',
  timestamp: TIME,
  data: { id: `c-${id}`, name: PAYLOAD_MARKER, email },
});

const contractorJoined = ({ id, email }: Person) => ({
  event: 'contractor.joined',
  id,
  name: PAYLOAD_MARKER,
  email,
});

const hired = ({ id, email }: Person) => ({
  action: 'hire_candidate',
  payload: {
    application: {
      id: Number(id),
      candidate: {
        id: Number(id) + 1,
        first_name: PAYLOAD_MARKER,
        title: '<b>Lead</b>',
        email_addresses: [{ value: email, type: 'personal' }],
      },
      offer: { resolved_at: TIME },
    },
  },
});

/** One event of a hook: several may come in one delivery. */
export const oktaEvent = ({ id, email }: Person, displayName = PAYLOAD_MARKER) => ({
  uuid: `uuid-${id}`,
  published: TIME,
  eventType: 'user.lifecycle.create',
  target: [
    { type: 'AppUser', id: '0ua1' },
    { type: 'User', id: `00u${id}`, alternateId: email, displayName },
  ],
});

const oktaHook = (...events: object[]) => ({
  eventType: 'com.okta.event_hook',
  eventId: 'hook-1',
  data: { events },
});

/** What each sender says of a person, in the shape that its documentation shows. */
const PAYLOADS: Record<SourceName, (person: Person) => object> = {
  'standard-webhooks': contractorCreated,
  svix: contractorCreated,
  generic: contractorJoined,
  bamboohr: ({ id }) => ({
    type: 'employee.created',
    timestamp: TIME,
    data: { companyId: '12345', employeeId: id, changedFields: [PAYLOAD_MARKER] },
  }),
  deel: ({ id, email }) => ({
    data: {
      meta: { event_type: 'contract.created', event_id: `evt_${id}`, occurred_at: TIME },
      resource: [{ contract_id: `ctr_${id}`, name: PAYLOAD_MARKER, worker_email: email }],
    },
  }),
  greenhouse: hired,
  okta: (person) => oktaHook(oktaEvent(person)),
  hibob: ({ id }) => ({
    companyId: 636192,
    type: 'employee.joined',
    triggeredBy: PAYLOAD_MARKER,
    triggeredAt: TIME,
    version: 'v2',
    data: { employeeId: id },
  }),
  personio: ({ id }) => ({
    company_id: '4711',
    event_name: 'person.created',
    occurred_at: TIME,
    payload: { person: { id, name: PAYLOAD_MARKER } },
  }),
  remote: ({ id }) => ({
    event_type: 'employment.onboarding.completed',
    company_id: PAYLOAD_MARKER,
    employment_id: id,
  }),
  finch: ({ id }) => ({
    company_id: PAYLOAD_MARKER,
    event_type: 'individual.created',
    data: { individual_id: id },
  }),
  merge: ({ id, email }) => ({
    hook: { id: 'hook-1', event: 'Employee.added' },
    data: { id, first_name: PAYLOAD_MARKER, personal_email: email, modified_at: TIME },
  }),
  // The address is not in it, so that it is looked up.
  ashby: ({ id }) => ({
    webhookActionId: `action-${id}`,
    action: 'candidateHire',
    data: { application: { id: `a-${id}`, candidate: { id, name: PAYLOAD_MARKER } } },
  }),
  'bamboohr-fields': ({ id, email }) => ({
    employees: [
      {
        id,
        changedFields: ['First name', 'Home Email'],
        fields: { 'First name': { value: PAYLOAD_MARKER }, 'Home Email': { value: email } },
      },
    ],
  }),
  'generic-basic': ({ id, email }) => ({ event_name: 'employee.hired', id, email }),
  'generic-hmac': contractorJoined,
  'greenhouse-emea': hired,
  'okta-names': (person) => oktaHook(oktaEvent(person)),
  unset: hired,
};

/** A signed POST of these bytes. @param signing as {@link signed} */
export const signedDelivery = (
  source: SourceName,
  body: string | Buffer,
  signing: Parameters<typeof signed>[2] = {},
): Delivery => ({
  source,
  method: 'POST',
  headers: { 'content-type': 'application/json', ...signed(source, body, signing) },
  body,
});

/**
 * What a sender delivers of a person, signed.
 * @param at when, in epoch milliseconds: a redelivery says the same of the same person later
 */
export const deliveryOf = (source: SourceName, person: Person, at = Date.now()): Delivery =>
  signedDelivery(source, JSON.stringify(PAYLOADS[source](person)), { at, id: `msg_${person.id}` });

/** Several events in one delivery of Okta's. */
export const oktaDelivery = (source: 'okta' | 'okta-names', events: object[]): Delivery =>
  signedDelivery(source, JSON.stringify(oktaHook(...events)));

/** The same delivery with some headers changed; undefined leaves one out. */
export const withHeaders = (
  delivery: Delivery,
  changes: Record<string, string | undefined>,
): Delivery => {
  const headers = Object.entries({ ...delivery.headers, ...changes });
  const given = headers.filter((header): header is [string, string] => header[1] !== undefined);
  return { ...delivery, headers: Object.fromEntries(given) };
};

/** Signatures of Svix by somebody who does not know the secret. */
export const forgeries = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => {
    const secret = Buffer.from(`guess ${index}`).toString('base64');
    return String(signed('svix', '{}', { secret })['svix-signature']);
  });
