import { type EndToEnd, endToEndOf, type Person } from './provider-samples.ts';
import { signed } from './signatures.ts';
import { SOURCES, type SourceName } from './sources.ts';

/** One request to a source's door. */
export type Delivery = {
  source: string;
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body: string | Buffer;
};

/** The name of everybody, to be looked for where none may be. */
export const PAYLOAD_MARKER = 'Quillon';

type Payload = EndToEnd['payload'];
type Hook = { data: { events: object[] } };

/** What Okta says of a person. */
const oktaHook = (person: Person) => endToEndOf('okta').endToEnd.payload(person) as Hook;

/** One event of a hook: several may come in one delivery. */
export const oktaEvent = (person: Person, name = PAYLOAD_MARKER): object =>
  oktaHook({ ...person, name }).data.events[0] as object;

/** What those say whose payload is another than that of their provider's sample. */
const OTHER_PAYLOADS: Partial<Record<SourceName, Payload>> = {
  'bamboohr-fields': ({ id, email, name }) => ({
    employees: [
      {
        id,
        changedFields: ['First name', 'Home Email'],
        fields: { 'First name': { value: name }, 'Home Email': { value: email } },
      },
    ],
  }),
  'generic-basic': ({ id, email }) => ({ event_name: 'employee.hired', id, email }),
};

const payloadOf = (source: SourceName, person: Person): object => {
  const { payload } = endToEndOf(SOURCES[source].provider).endToEnd;
  return (OTHER_PAYLOADS[source] ?? payload)(person);
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
  signedDelivery(source, JSON.stringify(payloadOf(source, person)), { at, id: `msg_${person.id}` });

/** Several events in one delivery of Okta's. */
export const oktaDelivery = (source: 'okta' | 'okta-names', events: object[]): Delivery =>
  signedDelivery(source, JSON.stringify({ eventId: 'hook-1', data: { events } }));

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
