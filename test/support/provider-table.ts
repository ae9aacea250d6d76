import type { Auth, HmacAuth, Provider } from '../../functions/webhooks/provider.ts';
import { PROVIDERS } from '../../functions/webhooks/providers.ts';
import { table } from '../docs/markdown.ts';

const rows: [string, Provider][] = Object.entries(PROVIDERS);

/** @returns the providers in one table, as the rows have them. */
export const providersTable = (): string =>
  table(
    [
      'Provider',
      'Proves itself by',
      'Handshake, ping',
      'Success',
      'Retry',
      'Identity of an event',
      'The person',
      'How sure: signature; payload',
    ],
    rows.map(([name, row]) => [
      `\`${name}\`: ${row.title}`,
      proof(row.auth),
      greetings(row),
      row.answer,
      row.retry,
      identity(row),
      [...(row.subject ? [`id in ${either(row.subject)}`] : []), row.person].join('; '),
      `${row.evidence.signature}; ${row.evidence.payload}`,
    ]),
  );

/** @returns what has to be known of single providers. */
export const providerNotes = (): string =>
  rows
    .filter(([, { notes }]) => notes !== undefined)
    .map(([, { title, notes }]) => `- **${title}.** ${notes}`)
    .join('\n');

const proof = (auth: Auth | 'operator'): string => {
  if (auth === 'operator') return "the source's `auth`";
  if ('basic' in auth) return 'HTTP Basic';
  if ('hmac' in auth) return hmacProof(auth.hmac);
  if ('body' in auth) return `the secret in ${code(auth.body)} of each event`;
  return `the secret in ${code(auth.header.name)}`;
};

const hmacProof = ({
  header,
  prefix,
  separator,
  encoding,
  hash,
  key,
  keyPrefix,
  ...rest
}: HmacAuth) => {
  const signed = rest.signed
    .map((part) => (part === 'body' ? 'body' : code('text' in part ? part.text : part.header)))
    .join(' + ');
  const value = `${prefix === undefined ? '' : `${code(prefix)} + `}${encoding}`;
  const form = separator === undefined ? value : `a list of ${value}`;
  const secret =
    key === 'utf8' ? '' : `; key in base64${keyPrefix ? ` after ${code(keyPrefix)}` : ''}`;
  const tolerance = rest.timestamp?.toleranceSeconds;
  const window = tolerance === undefined ? '' : `; within ${tolerance / 60} min`;
  return `${code(header)}: ${form}, HMAC-${hash.toUpperCase()} of ${signed}${secret}${window}`;
};

const greetings = ({ handshake, ignore = [] }: Provider): string =>
  [
    ...(handshake && 'key' in handshake
      ? [`GET with ${code(handshake.header)}, which comes back as ${code(handshake.key)}`]
      : []),
    ...(handshake && 'bodies' in handshake
      ? [`POST of ${either(handshake.bodies.slice(0, 1))}, unsigned`]
      : []),
    ...ignore.map(
      ({ path, equals }) => `${code(path)} = ${code(JSON.stringify(equals))}: no event`,
    ),
  ].join('; ');

const identity = ({ eventId, time, auth }: Provider): string => {
  if (eventId) {
    return either(eventId.map((place) => (typeof place === 'string' ? place : place.header)));
  }
  const timestamp = auth !== 'operator' && 'hmac' in auth ? auth.hmac.timestamp?.header : undefined;
  const dates = [...(time ?? []), ...(timestamp === undefined ? [] : [timestamp])];
  return dates.length === 0 ? 'content' : `content, dated by ${either(dates)}`;
};

const either = (names: readonly string[]): string => names.map(code).join(' or ');

const code = (text: string): string => `\`${text}\``;
