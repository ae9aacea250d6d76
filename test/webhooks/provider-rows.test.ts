import { describe, expect, test } from 'vitest';
import type { Provider } from '../../functions/webhooks/provider.ts';
import { PROVIDER_NAMES, PROVIDERS } from '../../functions/webhooks/providers.ts';
import { installedProvider } from '../../functions/webhooks/source.ts';
import { type DeliveryAuth, verify } from '../../functions/webhooks/verify.ts';
import { endToEndOf, SAMPLES } from '../support/provider-samples.ts';
import { readEvents } from '../support/read-events.ts';

const rows = Object.entries(PROVIDERS);
const samples = SAMPLES.map((sample) => [sample.name, sample] as const);

test.each(PROVIDER_NAMES)('%s has a sample, and is tried end to end', (name) => {
  expect(endToEndOf(name).events).not.toEqual([]);
});

describe.each(samples)('%s', (_name, { provider, auth, secret, at, delivery, events }) => {
  const installed = installedProvider({ provider, ...(auth && { auth }) });
  const proof = installed.auth as DeliveryAuth;

  test('is verified', () => {
    expect(verify(proof, [secret], delivery, at * 1000)).toBe('verified');
  });

  test('is refused with the secret of another source', () => {
    const other = SAMPLES.filter((sample) => sample.secret !== secret).map((one) => one.secret);
    expect(verify(proof, other, delivery, at * 1000)).toMatch(/^bad_/);
  });

  test('is refused without the header that proves it', () => {
    const bare = { ...delivery, headers: { 'content-type': 'application/json' } };
    expect(verify(proof, [secret], bare, at * 1000)).toBe('missing_header');
  });

  test('gives its events', async () => {
    const found = await readEvents(installed, delivery);
    const facts = found.map(({ id, identity, subject, type }) => ({ id, identity, subject, type }));
    expect(facts).toEqual(events);
  });
});

describe.each(rows)('the row %s', (_name, row: Provider) => {
  const paths = [
    ...(row.eventId ?? []).filter((place) => typeof place === 'string'),
    ...(row.subject ?? []),
    ...(row.type ?? []),
    ...(row.time ?? []),
    ...(row.ignore ?? []).map(({ path }) => path),
    ...[row.eventsPath, row.splitPath].filter((path) => path !== undefined),
  ];
  const hmac = typeof row.auth === 'object' && 'hmac' in row.auth ? row.auth.hmac : undefined;
  const signed = (hmac?.signed ?? []).flatMap((part) =>
    typeof part === 'object' && 'header' in part ? [part.header] : [],
  );

  test('has paths that can be read', () => {
    const step = String.raw`[\w #]+(\[(\d+|\w+=\w+)\])*`;
    for (const path of paths) expect(path).toMatch(new RegExp(`^${step}(\\.${step})*$`));
  });

  test('trusts no header that is not signed', () => {
    const trusted = (row.eventId ?? []).flatMap((place) =>
      typeof place === 'object' ? [place.header] : [],
    );
    if (hmac?.timestamp) trusted.push(hmac.timestamp.header);
    expect(signed).toEqual(expect.arrayContaining(trusted));
  });

  test('signs the body, if it signs at all', () => {
    expect(hmac?.signed ?? ['body']).toContain('body');
  });

  test('names headers in lower case', () => {
    for (const name of [...signed, hmac?.header ?? '']) expect(name).toBe(name.toLowerCase());
  });

  test('takes an id of several events at once from each of them, never from the delivery', () => {
    const headers = (row.eventId ?? []).filter((place) => typeof place === 'object');
    const hasSeveral = row.eventsPath !== undefined || row.splitPath !== undefined;
    expect(hasSeveral ? headers : []).toEqual([]);
  });
});

test('a provider that leaves its scheme to the operator cannot do without', () => {
  expect(() => installedProvider({ provider: 'generic' })).toThrow('needs auth');
});

test.each([
  ['okta', { basic: true }],
  ['greenhouse', { header: { name: 'authorization' } }],
] as const)('%s keeps its scheme, whatever the operator says', (provider, auth) => {
  expect(installedProvider({ provider, auth }).auth).toEqual(PROVIDERS[provider].auth);
});

test('a secret in a header may come in another one', () => {
  const auth = { header: { name: 'x-okta-secret' } };
  expect(installedProvider({ provider: 'okta', auth }).auth).toEqual(auth);
});
