import { describe, expect, test } from 'vitest';
import { installedProvider } from '../../functions/webhooks/door.ts';
import { readEvents } from '../../functions/webhooks/events.ts';
import type { Provider } from '../../functions/webhooks/provider.ts';
import { PROVIDER_NAMES, PROVIDERS } from '../../functions/webhooks/providers.ts';
import { verify } from '../../functions/webhooks/verify.ts';
import { endToEndOf, SAMPLES } from '../support/provider-samples.ts';

const rows = Object.entries(PROVIDERS);
const samples = SAMPLES.map((sample) => [sample.name, sample] as const);

test.each(PROVIDER_NAMES)('%s has a sample, and is tried end to end', (name) => {
  expect(endToEndOf(name).events).not.toEqual([]);
});

describe.each(samples)('%s', (_name, { provider, auth, secret, at, delivery, events }) => {
  const installed = installedProvider(provider, auth);

  test('is verified', () => {
    expect(verify(installed.auth, [secret], delivery, at * 1000)).toBe('verified');
  });

  test('is refused with the secret of another source', () => {
    const other = SAMPLES.filter((sample) => sample.secret !== secret).map((one) => one.secret);
    expect(verify(installed.auth, other, delivery, at * 1000)).toMatch(/^bad_/);
  });

  test('is refused without the header that proves it', () => {
    const bare = { ...delivery, headers: { 'content-type': 'application/json' } };
    expect(verify(installed.auth, [secret], bare, at * 1000)).toBe('missing_header');
  });

  test('gives its events', () => {
    const found = readEvents(installed, delivery);
    expect(found.map(({ payload: _payload, body: _body, ...facts }) => facts)).toEqual(events);
  });
});

describe.each(rows)('the row %s', (_name, row: Provider) => {
  const paths = [
    ...(row.eventId ?? []).filter((place) => typeof place === 'string'),
    ...(row.subject ?? []),
    ...(row.type ?? []),
    ...(row.time ?? []),
    ...(row.ignore ?? []).map(({ path }) => path),
    ...(row.eventsPath === undefined ? [] : [row.eventsPath]),
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
    expect(row.eventsPath === undefined ? [] : headers).toEqual([]);
  });
});

test('a provider that leaves its scheme to the operator cannot do without', () => {
  expect(() => installedProvider('generic')).toThrow('needs auth');
});

test('a provider with a scheme keeps it, whatever the operator says', () => {
  expect(installedProvider('okta', { basic: true }).auth).toEqual(PROVIDERS.okta.auth);
});
