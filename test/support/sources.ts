import type { Lookup, Rule, WebhookSource } from '../../functions/webhooks/source.ts';

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

/**
 * A directory of the company's own that answers a plain GET: for an HR system whose own API wants
 * a POST (HiBob, Finch, Ashby), or a token that expires within a day (Personio).
 */
const directory = (system: string): Lookup => ({
  url: `https://people.acme.example/${system}/{id}`,
  headers: { Authorization: 'Bearer {secret}' },
  email: 'email',
});

const CREATED = 'type = "contractor.created"';

/**
 * The sources of the tests' stack: each provider under its own name, with rules as an operator
 * would write them for the payload that its documentation shows, and some installations more.
 */
export const SOURCES: Record<string, WebhookSource> = {
  'standard-webhooks': {
    provider: 'standard-webhooks',
    rules: [rule(CREATED, 'data.email', 'data.id')],
  },
  svix: { provider: 'svix', rules: [rule(CREATED, 'data.email', 'data.id')] },
  generic: {
    provider: 'generic',
    auth: { header: { name: 'authorization', prefix: 'Bearer ' } },
    rules: [rule('event = "contractor.joined"', 'email')],
  },
  bamboohr: {
    provider: 'bamboohr',
    rules: [rule('type = "employee.created"')],
    lookup: {
      url: 'https://api.bamboohr.com/api/gateway.php/acme/v1/employees/{id}/?fields=homeEmail',
      headers: { Authorization: 'Basic {secret:base64}' },
      email: 'homeEmail',
    },
  },
  deel: {
    provider: 'deel',
    rules: [rule('data.meta.event_type = "contract.created"', 'data.resource.worker_email')],
  },
  greenhouse: {
    provider: 'greenhouse',
    rules: [
      rule(
        'action = "hire_candidate"',
        'payload.application.candidate.email_addresses[type = "personal"][0].value',
        'payload.application.id',
      ),
    ],
  },
  okta: {
    provider: 'okta',
    rules: [rule('eventType = "user.lifecycle.create"', 'target[type = "User"].alternateId')],
  },
  hibob: {
    provider: 'hibob',
    rules: [rule('type = "employee.joined"')],
    lookup: directory('hibob'),
  },
  personio: {
    provider: 'personio',
    rules: [rule('event_name = "person.created"')],
    lookup: { ...directory('personio'), id: 'payload.person.id' },
  },
  remote: {
    provider: 'remote',
    rules: [rule('event_type = "employment.onboarding.completed"')],
    lookup: {
      url: 'https://gateway.remote.com/v1/employments/{id}',
      headers: { Authorization: 'Bearer {secret}' },
      email: 'data.employment.personal_email',
    },
  },
  finch: {
    provider: 'finch',
    rules: [rule('event_type = "individual.created"')],
    lookup: directory('finch'),
  },
  merge: {
    provider: 'merge',
    rules: [rule('hook.event = "Employee.added"', 'data.personal_email')],
  },
  ashby: {
    provider: 'ashby',
    rules: [
      rule('action = "candidateHire"', 'data.application.candidate.primaryEmailAddress.value'),
    ],
    lookup: directory('ashby'),
  },

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
};

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** What the secret of the sources holds. */
export const WEBHOOK_SECRETS = {
  'standard-webhooks': `whsec_${base64('standard webhooks secret')}`,
  svix: `whsec_${base64('svix secret of 24 bytes.')}`,
  generic: 'generic-static-secret',
  bamboohr: { signing: 'bamboohr-private-key', lookup: 'bamboohr-api-key:x' },
  deel: 'deel-signing-key',
  // While it is rotated there are two.
  greenhouse: ['greenhouse-former-secret', 'greenhouse-secret'],
  okta: 'okta-authentication-secret',
  hibob: { signing: ['hibob-secret'], lookup: 'hibob-directory-token' },
  personio: { signing: 'personio-token', lookup: 'personio-directory-token' },
  remote: { signing: 'remote-signing-key', lookup: 'remote-api-token' },
  finch: { signing: base64('finch secret of 24 bytes'), lookup: 'finch-directory-token' },
  merge: 'merge-signature-key',
  ashby: { signing: 'ashby-secret-token', lookup: 'ashby-directory-token' },
  'bamboohr-fields': 'bamboohr-fields-private-key',
  'generic-basic': 'sap-user:sap-password',
  'generic-hmac': 'acme-hmac-secret',
  'greenhouse-emea': 'greenhouse-emea-secret',
  'okta-names': 'okta-names-secret',
  unset: '',
};

/** @returns the secret that a source's sender signs with: the newest of them. */
export const signingSecret = (source: keyof typeof WEBHOOK_SECRETS): string => {
  const own = WEBHOOK_SECRETS[source];
  const signing = typeof own === 'object' && 'signing' in own ? own.signing : own;
  return [signing].flat().at(-1) ?? '';
};

/** @returns the credential of a source's look-up. */
export const lookupCredential = (source: keyof typeof WEBHOOK_SECRETS): string => {
  const own = WEBHOOK_SECRETS[source];
  return typeof own === 'object' && 'lookup' in own ? own.lookup : '';
};
