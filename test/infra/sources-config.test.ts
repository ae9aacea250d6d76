import { describe, expect, it } from 'vitest';
import { PROVIDER_NAMES, PROVIDERS } from '../../functions/webhooks/providers.ts';
import { type HrSource, installedProvider } from '../../functions/webhooks/source.ts';
import { functionEnvironment } from '../../infra/config/deployment.ts';
import { ConfigError } from '../../infra/config/error.ts';
import { loadConfig } from '../../infra/config/load.ts';

const CHANNEL = 'C0PARTNER01';
const POLICY = { channels: { [CHANNEL]: {} } };
const RULE = { when: 'type = "hired"', invite: { channel: CHANNEL, email: 'email' } };
const LOOKUP = {
  url: 'https://api.example.com/v1/employees/{id}?fields=homeEmail',
  headers: { Authorization: 'Basic {secret:base64}' },
  email: 'homeEmail',
};
const BAMBOO = { provider: 'bamboohr', rules: [RULE] };
const HMAC = {
  hash: 'sha256',
  header: 'x-signature',
  encoding: 'hex',
  key: 'utf8',
  signed: [{ header: 'x-timestamp' }, { text: '.' }, 'body'],
  timestamp: { header: 'x-timestamp', format: 'seconds', toleranceSeconds: 300 },
};
const GENERIC = { provider: 'generic', rules: [RULE], auth: { hmac: HMAC } };

const load = (sources: unknown, policy: object = POLICY, flags: Record<string, string> = {}) =>
  loadConfig({ slackConnectInvites: { ...policy, sources }, ...flags }).sources;

/** The lines of the refusal, each without the beginning that all of them have. */
const refusal = (sources: unknown, policy: object = POLICY): string[] => {
  try {
    load(sources, policy);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    const [, ...lines] = (error as Error).message.split('\n');
    return lines.map((line) => line.replace('  slackConnectInvites.', ''));
  }
  throw new Error('expected a refusal');
};

/** The one line by which a source is refused. */
const refused = (source: unknown, policy: object = POLICY): string => {
  const lines = refusal({ acme: source }, policy);
  expect(lines).toHaveLength(1);
  return lines[0]?.replace('sources.acme.', '') ?? '';
};

const withRule = (rule: object) => ({ ...BAMBOO, rules: [RULE, { ...RULE, ...rule }] });
const withInvite = (invite: object) => withRule({ invite: { ...RULE.invite, ...invite } });
const withLookup = (lookup: object) => ({ ...BAMBOO, lookup: { ...LOOKUP, ...lookup } });
const withHmac = (hmac: object) => ({ ...GENERIC, auth: { hmac: { ...HMAC, ...hmac } } });

describe('sources are taken', () => {
  it('with names of headers in any case, which become lower case', () => {
    const hmac = {
      ...HMAC,
      header: 'X-Signature',
      signed: [{ header: 'X-Time' }, 'body'],
      timestamp: { header: 'x-time', format: 'seconds' },
    };
    const { one, other } = load({
      one: { ...GENERIC, auth: { header: { name: 'Authorization', prefix: 'Bearer ' } } },
      other: { ...GENERIC, auth: { hmac } },
    });
    expect(one?.auth).toEqual({ header: { name: 'authorization', prefix: 'Bearer ' } });
    expect(other?.auth).toMatchObject({
      hmac: { header: 'x-signature', signed: [{ header: 'x-time' }, 'body'] },
    });
  });

  it('as they are written', () => {
    const sources = {
      acme: BAMBOO,
      'acme-2': {
        ...BAMBOO,
        rules: [{ ...RULE, invite: { ...RULE.invite, external_limited: true, reference: 'id' } }],
        lookup: { ...LOOKUP, id: 'data.employeeId' },
      },
      0: GENERIC,
    };
    expect(load(sources)).toEqual(sources);
  });

  it('or none', () => {
    expect(load(undefined)).toEqual({});
  });

  it.each(PROVIDER_NAMES)('of the provider %s, with what it needs', (provider) => {
    const needsAuth = PROVIDERS[provider].auth === 'operator';
    const source = { provider, rules: [RULE], ...(needsAuth && { auth: { basic: true } }) };
    expect(load({ acme: source })).toEqual({ acme: source });
    const { acme } = load({ acme: source });
    expect(() => installedProvider(acme as HrSource)).not.toThrow();
  });

  it('without an address in the rules where there is a lookup', () => {
    const rules = [{ when: 'true', invite: { channel: CHANNEL } }];
    expect(load({ acme: { ...BAMBOO, rules, lookup: LOOKUP } })).toHaveProperty('acme');
  });

  it.each([
    { basic: true },
    { header: { name: 'authorization', prefix: 'Bearer ' } },
    {
      hmac: {
        ...HMAC,
        hash: 'sha512',
        prefix: 'v1=',
        separator: ',',
        key: 'base64',
        keyPrefix: 'k_',
      },
    },
  ])('with auth of each kind: %j', (auth) => {
    expect(load({ acme: { ...GENERIC, auth } }).acme?.auth).toEqual(auth);
  });

  it('with every channel and full access where the policy says so', () => {
    const source = withInvite({ channel: 'G0ANYTHING1', external_limited: false });
    const policy = { channels: { '*': { fullAccess: true } } };
    expect(load({ acme: source }, policy)).toEqual({ acme: source });
  });

  it('with names that objects have of their own', () => {
    expect(load({ constructor: BAMBOO, tostring: BAMBOO })).toEqual({
      constructor: BAMBOO,
      tostring: BAMBOO,
    });
  });

  it('from the command line', () => {
    const flags = { 'slackConnectInvites.sources.acme': JSON.stringify(BAMBOO) };
    expect(load({}, POLICY, flags)).toEqual({ acme: BAMBOO });
  });

  it('and are no part of the environment, which has no room for them', () => {
    const config = loadConfig({ slackConnectInvites: { ...POLICY, sources: { acme: BAMBOO } } });
    const variables = functionEnvironment({ name: 'hr-webhook', config, tableName: 't' });
    expect(JSON.stringify(variables)).not.toContain('bamboohr');
  });
});

describe("a source's name is refused", () => {
  it.each(['Acme', 'acme_hr', '-acme', 'a b', 'a/b', 'é', '', 'a'.repeat(41)])('%j', (name) => {
    const [line] = refusal({ [name]: BAMBOO });
    expect(line).toContain(`sources.${name}: found "${name}"; allowed: names of 1 to 40`);
  });
});

it('a wrong name does not hide what else is wrong with the source', () => {
  expect(refusal({ Bob: { provider: 'hibobb', rules: [] } })).toEqual([
    expect.stringContaining('sources.Bob.provider: found "hibobb"; allowed: one of'),
    expect.stringContaining('sources.Bob.rules: found []'),
    expect.stringContaining('sources.Bob: found "Bob"'),
  ]);
});

it('a key __proto__ makes no source and pollutes nothing', () => {
  const flags = { 'slackConnectInvites.sources.__proto__.polluted': 'true' };
  expect(load({ acme: BAMBOO }, POLICY, flags)).toEqual({ acme: BAMBOO });
  expect({}).not.toHaveProperty('polluted');
});

describe('sources are refused', () => {
  it.each([['x'], [7], [[]], [null], [true]])('that are no object: %j', (sources) => {
    expect(refusal(sources)[0]).toMatch(/^sources: found .*; allowed: an object of at most 20/);
  });

  it('beyond twenty', () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`acme-${index}`, BAMBOO]));
    expect(Object.keys(load(many(20)))).toHaveLength(20);
    expect(refusal(many(21))[0]).toContain('allowed: an object of at most 20 sources');
  });
});

// One wrong thing a row, with the path and a word of what is allowed.
const WRONG: [name: string, source: unknown, path: string, allowed: string][] = [
  ['no object', 7, 'sources.acme', 'an object with provider, rules'],
  [
    'an unknown provider',
    { ...BAMBOO, provider: 'bambohr' },
    'provider',
    'did you mean "bamboohr"?',
  ],
  ['a provider like none', { ...BAMBOO, provider: 'sap' }, 'provider', 'one of standard-webhooks,'],
  ['a provider by its title', { ...BAMBOO, provider: 'BambooHR' }, 'provider', '"bamboohr"?'],
  ['no provider', { rules: [RULE] }, 'provider', 'one of standard-webhooks,'],
  ['no rules', { provider: 'bamboohr' }, 'rules', 'a list of 1 to 50 rules'],
  ['an empty list of rules', { ...BAMBOO, rules: [] }, 'rules', 'a list of 1 to 50 rules'],
  ['too many rules', { ...BAMBOO, rules: Array(51).fill(RULE) }, 'rules', 'a list of 1 to 50'],
  ['a rule that is no object', { ...BAMBOO, rules: ['x'] }, 'rules.0', 'an object with when'],
  [
    'a rule without when',
    { ...BAMBOO, rules: [{ invite: RULE.invite }] },
    'rules.0.when',
    'JSONata',
  ],
  [
    'a rule without invite',
    { ...BAMBOO, rules: [{ when: 'true' }] },
    'rules.0.invite',
    'an object',
  ],

  [
    'an expression that is no text',
    withRule({ when: true }),
    'rules.1.when',
    'a JSONata expression',
  ],
  ['an empty expression', withRule({ when: '' }), 'rules.1.when', 'Unexpected end of expression'],
  [
    'an expression that does not close',
    withRule({ when: '(type = "hired"' }),
    'rules.1.when',
    'JSONata says: Expected ")" before end of expression (at character 15)',
  ],
  [
    'a regular expression that does not',
    withRule({ when: '$match(a, /(/)' }),
    'rules.1.when',
    'says',
  ],
  [
    'a function that JSONata does not have',
    withRule({ when: '$contain(type, "hired")' }),
    'rules.1.when',
    'JSONata has no $contain, and the expression does not define it; did you mean $contains?',
  ],
  [
    'a variable that nobody set',
    withInvite({ email: '$person.email' }),
    'rules.1.invite.email',
    '$person',
  ],
  ['an address that does not', withInvite({ email: 'a[' }), 'rules.1.invite.email', 'says'],
  ['a reference that does not', withInvite({ reference: '"' }), 'rules.1.invite.reference', 'says'],
  [
    'an expression beyond 2,000 characters',
    withRule({ when: `"${'x'.repeat(1_999)}"` }),
    'rules.1.when',
    'of at most 2000 characters',
  ],

  ['a channel by its name', withInvite({ channel: '#x' }), 'rules.1.invite.channel', 'channel id'],
  [
    'a channel that the policy does not list',
    withInvite({ channel: 'C0OTHER0001' }),
    'rules.1.invite.channel',
    'slackConnectInvites.channels; {} is enough',
  ],
  [
    'full access that the policy does not allow',
    withInvite({ external_limited: false }),
    'rules.1.invite.external_limited',
    'slackConnectInvites.channels.C0PARTNER01.fullAccess',
  ],
  [
    'external_limited as text',
    withInvite({ external_limited: 'no' }),
    'rules.1.invite.external_limited',
    'true or false',
  ],
  [
    'no address anywhere',
    { ...BAMBOO, rules: [RULE, { when: 'true', invite: { channel: CHANNEL } }] },
    'rules.1.invite.email',
    'or a lookup next to the rules',
  ],

  [
    'generic without auth',
    { provider: 'generic', rules: [RULE] },
    'auth',
    'hmac, header, basic or body',
  ],
  ['auth for another provider', { ...BAMBOO, auth: { basic: true } }, 'auth', 'leave it out'],
  [
    'auth of no kind',
    { ...GENERIC, auth: {} },
    'auth',
    'exactly one of hmac, header, basic and body',
  ],
  [
    'auth of two kinds',
    { ...GENERIC, auth: { basic: true, header: { name: 'x-key' } } },
    'auth',
    'exactly one of hmac, header, basic and body',
  ],
  ['basic that is not true', { ...GENERIC, auth: { basic: false } }, 'auth.basic', 'true'],
  [
    'a header with a space',
    { ...GENERIC, auth: { header: { name: 'X Key' } } },
    'auth.header.name',
    "a header's name",
  ],
  ['another hash', withHmac({ hash: 'sha1' }), 'auth.hmac.hash', '"sha256" or "sha512"'],
  ['another encoding', withHmac({ encoding: 'utf8' }), 'auth.hmac.encoding', '"hex" or "base64"'],
  ['another key', withHmac({ key: 'hex' }), 'auth.hmac.key', '"utf8" or "base64"'],
  ['an empty prefix', withHmac({ prefix: '' }), 'auth.hmac.prefix', '1 to 64 printable'],
  [
    'an unknown part',
    withHmac({ signed: [...HMAC.signed, 'url'] }),
    'auth.hmac.signed.3',
    '{"text": "."}',
  ],
  [
    'a body that is not signed',
    withHmac({ signed: [{ header: 'x-timestamp' }] }),
    'auth.hmac.signed',
    '"body" among them',
  ],
  [
    'a timestamp that is not signed',
    withHmac({ signed: ['body'] }),
    'auth.hmac.timestamp.header',
    'one of the signed parts',
  ],
  [
    'a window of nothing',
    withHmac({ timestamp: { ...HMAC.timestamp, toleranceSeconds: 0 } }),
    'auth.hmac.timestamp.toleranceSeconds',
    'from 1 to 86400 seconds',
  ],

  ['a lookup that is no object', { ...BAMBOO, lookup: 'x' }, 'lookup', 'an object with url'],
  [
    'a lookup without an address',
    { ...BAMBOO, lookup: { url: LOOKUP.url } },
    'lookup.email',
    'answer',
  ],
  [
    'a lookup with a body that is no object',
    withLookup({ body: ['x'] }),
    'lookup.body',
    'an object of at most 2,000 characters',
  ],
  [
    'a lookup with a long body',
    withLookup({ body: { fields: 'x'.repeat(2000) } }),
    'lookup.body',
    'an object of at most 2,000 characters',
  ],
  ['a lookup with a wrong address', withLookup({ email: 'a[' }), 'lookup.email', 'JSONata says'],
  ['a lookup with a wrong id', withLookup({ id: 'a[' }), 'lookup.id', 'JSONata says'],
  [
    'no id where the provider has none',
    { ...GENERIC, lookup: LOOKUP },
    'lookup.id',
    'nothing is known of where "generic" has',
  ],
];

describe('a source is refused with', () => {
  it.each(WRONG)('%s', (_name, source, path, allowed) => {
    const line = refused(source);
    expect(line).toContain(`${path}: found `);
    expect(line.split('; allowed: ')[1]).toContain(allowed);
  });

  it.each([
    [{ ...BAMBOO, rule: [] }, 'rule: unknown key; did you mean "rules"?'],
    [withRule({ wen: 'x' }), 'rules.1.wen: unknown key; did you mean "when"?'],
    [withInvite({ chanel: 'x' }), 'rules.1.invite.chanel: unknown key; did you mean "channel"?'],
    [
      withLookup({ method: 'POST' }),
      'lookup.method: unknown key; known are url, id, headers, body, token, email',
    ],
    [withHmac({ algorithm: 'x' }), 'auth.hmac.algorithm: unknown key; known are hash, header,'],
    [
      withHmac({ timestamp: { ...HMAC.timestamp, tolerance: 5 } }),
      'auth.hmac.timestamp.tolerance: unknown key; known are header, part, format, toleranceSeconds',
    ],
  ])('an unknown key: %#', (source, words) => {
    expect(refused(source)).toContain(words);
  });
});

describe("a lookup's address", () => {
  it.each([
    'https://api.example.com/v1/employees/{id}',
    'https://api.example.com/{id}.json',
    'https://api.example.com/v1/people?id={id}&fields=email',
    'https://acme.bamboohr.com/api/v1/employees/{id}?fields=homeEmail',
    'https://xn--bcher-kva.example/{id}',
    'https://api.example.com/people?key={id}&keywords=email&api_key_id=7',
  ])('may be %s', (url) => {
    expect(load({ acme: withLookup({ url }) }).acme?.lookup?.url).toBe(url);
  });

  it.each([
    ['without encryption', 'http://api.example.com/{id}'],
    ['without encryption, of this machine', 'http://127.0.0.1:4000/{id}'],
    ['of this machine', 'https://localhost/{id}'],
    ['with an address for a host', 'https://169.254.169.254/{id}'],
    ['with one number for a host', 'https://2852039166/{id}'],
    ['with a number of another base', 'https://0xa9.0xfe.0xa9.0xfe/{id}'],
    ['with an address of version 6', 'https://[::1]/{id}'],
    ['with the id in the host', 'https://{id}.example.com/employees'],
    ['with the id as the host', 'https://{id}/employees'],
    ['with the id in the port', 'https://api.example.com:{id}/employees'],
    ['with the id right after the host', 'https://api.example.com{id}/employees'],
    ['with a port', 'https://api.example.com:8443/{id}'],
    ['with the usual port', 'https://api.example.com:443/{id}'],
    ['with a user', 'https://user@api.example.com/{id}'],
    ['with a user and a password', 'https://user:password@api.example.com/{id}'],
    ['that ends in another host', 'https://api.example.com\\@evil.test/{id}'],
    ['without an id', 'https://api.example.com/employees'],
    ['with two ids', 'https://api.example.com/{id}?id={id}'],
    ['with the id in a fragment', 'https://api.example.com/#{id}'],
    ['with a fragment', 'https://api.example.com/{id}#x'],
    ['with another placeholder', 'https://api.example.com/{company}/{id}'],
    ['with steps up', 'https://api.example.com/a/../{id}'],
    ['with a space', 'https://api.example.com/a b/{id}'],
    ['with a line break', 'https://api.example.com/\n{id}'],
    ['with capitals in the host', 'https://API.example.com/{id}'],
    ['with letters of another script', 'https://bücher.example/{id}'],
    ['with a dot after the host', 'https://api.example.com./{id}'],
    ['without a path', 'https://api.example.com?id={id}'],
    ['of another kind', 'ftp://api.example.com/{id}'],
    ['of none', 'api.example.com/{id}'],
    ['beyond 500 characters', `https://api.example.com/${'x'.repeat(500)}/{id}`],
  ])('is refused %s', (_name, url) => {
    const line = refused(withLookup({ url }));
    expect(line).toMatch(/^lookup\.url: found .*; allowed: an https:\/\/ address of a host name/);
  });

  it('is not shown where it may hold a password', () => {
    const line = refused(withLookup({ url: 'https://user:k3y-marker@api.example.com/{id}' }));
    expect(line).not.toContain('k3y-marker');
  });
});

describe("a credential in a lookup's address", () => {
  it.each(['api_key', 'apikey', 'apiKey', 'access_token', 'client-secret', 'auth', 'PASSWORD'])(
    'is refused as %s, which is named, and never shown',
    (name) => {
      const url = `https://api.example.com/{id}?fields=email&${name}=k3y-marker`;
      const line = refused(withLookup({ url }));
      expect(line).toContain('lookup.url: found what may hold a credential (not shown); allowed: ');
      expect(line).toContain(`"${name}"`);
      expect(line).toContain('{secret} in one of the headers');
      expect(line).not.toContain('k3y-marker');
    },
  );
});

describe("a lookup's headers", () => {
  it.each([
    { Authorization: 'Basic {secret:base64}' },
    { authorization: 'Bearer {secret}' },
    { 'X-Api-Key': '{secret}', Accept: 'application/vnd.example+json' },
    { 'X-Key-Id': '7', 'X-Key-Secret': '{secret}' },
    { 'X-Keywords': 'a', 'X-Author': 'b' },
    {},
  ])('may be %j', (headers) => {
    expect(load({ acme: withLookup({ headers }) }).acme?.lookup?.headers).toEqual(headers);
  });

  it.each([
    ['no name at all', { '': 'x' }, "a header's name"],
    ['a name with a space', { 'x y': 'x' }, "a header's name"],
    ['the name of the host', { Host: 'evil.test' }, 'not connection,'],
    ['the name of a length', { 'content-length': '7' }, 'not connection,'],
    ['a value of two lines', { 'x-company': 'a\r\nx-evil: 1' }, 'printable characters'],
    ['an empty value', { 'x-company': '' }, 'printable characters'],
    ['a value that is no text', { 'x-company': 7 }, 'printable characters'],
    ['another placeholder', { 'x-company': '{company}' }, '{secret:base64}'],
    ['a placeholder that does not close', { 'x-company': '{secret' }, '{secret:base64}'],
    ...[
      'Authorization',
      'X-Authorization',
      'X-Api-Key',
      'apikey',
      'x-access-token',
      'X-Client-Secret',
      'X-Auth',
      'Password',
    ].map((name): [string, object, string] => [
      `a credential of their own as ${name}`,
      { [name]: 'k3y-marker' },
      'belongs in the secret',
    ]),
    [
      'too many of them',
      Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`x-${index}`, 'x'])),
      'at most 10 headers',
    ],
    ['a text for all', 'Authorization: Bearer k3y-marker', 'an object'],
  ])('are refused with %s, and never shown', (_name, headers, allowed) => {
    const line = refused(withLookup({ headers }));
    expect(line).toContain('found what may hold a credential (not shown); allowed: ');
    expect(line).toContain(allowed);
    expect(line).not.toContain('k3y-marker');
  });
});

it('all problems are told at once, whatever else is wrong', () => {
  const lines = refusal(
    {
      'No Name': BAMBOO,
      a: {
        provider: 'bambohr',
        rules: [
          { when: '(', invite: { channel: 'C0OTHER0001', emial: 'x', external_limited: false } },
        ],
        colour: 'red',
      },
      b: { ...GENERIC, auth: { hmac: { ...HMAC, hash: 'md5', signed: ['x'] }, basic: true } },
      c: {
        ...BAMBOO,
        rules: 'x',
        auth: { basic: true },
        lookup: { url: 'x', headers: { host: 'x', authorization: 'x' }, heders: {}, email: '(' },
      },
      d: { provider: 'generic', rules: [{ when: 7, invite: { channel: CHANNEL } }] },
    },
    { ...POLICY, burst: 0 },
  );
  expect(lines.map((line) => line.replace(/: (found|unknown key).*/, '')).sort()).toEqual(
    [
      'burst',
      'sources.No Name',
      'sources.a.colour',
      'sources.a.provider',
      'sources.a.rules.0.invite.channel',
      'sources.a.rules.0.invite.email',
      'sources.a.rules.0.invite.emial',
      'sources.a.rules.0.when',
      'sources.b.auth',
      'sources.b.auth.hmac.hash',
      'sources.b.auth.hmac.signed',
      'sources.b.auth.hmac.signed.0',
      'sources.b.auth.hmac.timestamp.header',
      'sources.c.auth',
      'sources.c.lookup.email',
      'sources.c.lookup.headers.authorization',
      'sources.c.lookup.headers.host',
      'sources.c.lookup.heders',
      'sources.c.lookup.url',
      'sources.c.rules',
      'sources.d.auth',
      'sources.d.rules.0.invite.email',
      'sources.d.rules.0.when',
    ].sort(),
  );
});
