import { PROVIDER_NAMES, type ProviderName } from '../../functions/webhooks/providers.ts';
import type { HrSource, Rule } from '../../functions/webhooks/source.ts';
import { endToEndOf } from './provider-samples.ts';

const channel = 'C0PARTNER01';

/** One rule: which events, and where the address stands. */
const rule = (when: string, email?: string, reference?: string): Rule => ({
  when,
  invite: {
    channel,
    ...(email !== undefined && { email }),
    ...(reference !== undefined && { reference }),
  },
});

/** A source of a provider under its own name, as its sample has it. */
const sourceOf = (provider: ProviderName): HrSource => {
  const { auth, endToEnd } = endToEndOf(provider);
  const { when, email, reference, lookup } = endToEnd;
  return {
    provider,
    ...(auth && { auth }),
    rules: [rule(when, email, reference)],
    ...(lookup && { lookup }),
  };
};

/** Some installations more than one of each provider. */
const MORE = {
  'bamboohr-fields': {
    provider: 'bamboohr',
    // The value comes in an object or bare, as the webhook was set up.
    rules: [
      rule(
        '"Home Email" in changedFields',
        '($home := fields."Home Email"; $type($home) = "object" ? $home.value : $home)',
      ),
    ],
  },
  'generic-basic': {
    provider: 'generic',
    auth: { basic: true },
    rules: [rule('event_name = "employee.hired"', 'email')],
  },
  'generic-hmac': {
    provider: 'generic',
    maxAge: 86_400,
    auth: {
      hmac: {
        hash: 'sha256',
        header: 'x-acme-signature',
        prefix: 'v0=',
        encoding: 'hex',
        key: 'utf8',
        signed: [{ text: 'v0:' }, { header: 'x-acme-timestamp' }, { text: ':' }, 'body'],
        timestamp: { header: 'x-acme-timestamp', format: 'seconds', toleranceSeconds: 300 },
      },
    },
    rules: [rule('event = "contractor.joined"', 'email')],
  },
  /** Another installation of the same provider, with a secret of its own. */
  'greenhouse-emea': {
    silentAfterHours: 72,
    provider: 'greenhouse',
    rules: [
      rule('action = "hire_candidate"', 'payload.application.candidate.email_addresses[0].value'),
    ],
  },
  /** Its rule has a pattern that takes exponential time for some names. */
  'okta-names': {
    provider: 'okta',
    rules: [
      rule(
        '$contains(target[type = "User"].displayName, /^(\\w+\\s?)+$/)',
        'target[type = "User"].alternateId',
      ),
    ],
  },
  /** Nobody has put its secret in: it is empty. */
  unset: { provider: 'greenhouse', rules: [rule('true', 'email')] },
} satisfies Record<string, HrSource>;

export type OtherSource = keyof typeof MORE;
export type SourceName = ProviderName | OtherSource;

/** The sources of the tests' stack. */
export const SOURCES: Record<SourceName, HrSource> = {
  ...(Object.fromEntries(PROVIDER_NAMES.map((name) => [name, sourceOf(name)])) as Record<
    ProviderName,
    HrSource
  >),
  ...MORE,
};

/** While a secret is rotated there are two, the newest last. */
export const ROTATED = ['greenhouse-former-secret', endToEndOf('greenhouse').secret] as const;

const OTHER_SECRETS: Record<OtherSource, string> = {
  'bamboohr-fields': 'bamboohr-fields-private-key',
  'generic-basic': 'sap-user:sap-password',
  'generic-hmac': 'acme-hmac-secret',
  'greenhouse-emea': 'greenhouse-emea-secret',
  'okta-names': 'okta-names-secret',
  unset: '',
};

const isOther = (source: SourceName): source is OtherSource => source in MORE;

/** @returns the secret that a source's sender signs with: the newest of them. */
export const signingSecret = (source: SourceName): string =>
  isOther(source) ? OTHER_SECRETS[source] : endToEndOf(source).secret;

/** @returns the credential of a source's lookup. */
export const lookupCredential = (source: SourceName): string => `${source}-lookup-user:secret`;

/** What the secret of the sources holds. */
export const WEBHOOK_SECRETS: Record<string, unknown> = Object.fromEntries(
  Object.keys(SOURCES).map((name) => {
    const source = name as SourceName;
    return [name, source === 'greenhouse' ? ROTATED : signingSecret(source)];
  }),
);

/** What the secret of their lookups holds. */
export const LOOKUP_CREDENTIALS: Record<string, string> = Object.fromEntries(
  Object.entries(SOURCES).flatMap(([name, { lookup }]) =>
    lookup ? [[name, lookupCredential(name as SourceName)]] : [],
  ),
);
