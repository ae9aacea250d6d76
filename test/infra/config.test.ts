import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cdkJsonContext } from '../../infra/config/cdk-json.ts';
import { deploymentOf, functionEnvironment } from '../../infra/config/deployment.ts';
import { ConfigError } from '../../infra/config/error.ts';
import { loadConfig } from '../../infra/config/load.ts';
import { configSchema } from '../../infra/config/schema.ts';
import { JWT, SECRET_ARN } from './configurations.ts';

const CERTIFICATE_ARN = 'arn:aws:acm:eu-central-1:111122223333:certificate/abc-1';

const load = (object: object, flags: Record<string, string> = {}) =>
  loadConfig({ slackConnectInvites: object, ...flags });

/** The lines of the refusal, without its heading. */
function refusal(object: unknown, flags: Record<string, string> = {}): string[] {
  try {
    loadConfig({ slackConnectInvites: object, ...flags });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message.split('\n').slice(1);
  }
  throw new Error('expected a refusal');
}

describe('what is shipped', () => {
  test('allows exactly the good channel of the local Slack and partner.example', () => {
    expect(loadConfig(cdkJsonContext())).toEqual({
      stackName: 'SlackConnectInvites',
      channels: { C0PARTNER01: { emailDomains: ['partner.example'] } },
      deniedEmailDomains: [],
      readers: [],
      ratePerMinute: 20,
      burst: 5,
      retentionDays: 400,
      logRetentionDays: 90,
      throttle: { rate: 10, burst: 20 },
      webhooks: { throttle: { rate: 50, burst: 300 }, closed: false },
      reservedConcurrency: {},
      defaultEndpoint: true,
      sources: {},
    });
  });

  test('sets every feature flag that the CDK recommends', () => {
    const library = dirname(createRequire(import.meta.url).resolve('aws-cdk-lib'));
    const file = join(library, 'recommended-feature-flags.json');
    expect(cdkJsonContext()).toMatchObject(JSON.parse(readFileSync(file, 'utf8')));
  });
});

describe('the command line', () => {
  test('merges a value into the object, parsed as JSON', () => {
    const flags = {
      'slackConnectInvites.ratePerMinute': '40',
      'slackConnectInvites.channels.C0AAAAAAAA1': '{"emailDomains":["a.example"]}',
      'slackConnectInvites.channels.C0AAAAAAAA1.userIds': 'true',
      'slackConnectInvites.jwt.issuer': 'https://other.example',
    };
    expect(load({ channels: { '*': {} }, jwt: JWT }, flags)).toMatchObject({
      ratePerMinute: 40,
      channels: { '*': {}, C0AAAAAAAA1: { emailDomains: ['a.example'], userIds: true } },
      jwt: { ...JWT, issuer: 'https://other.example' },
    });
  });

  test('keeps what is not JSON as text', () => {
    const flags = { 'slackConnectInvites.workspace': 'T0ACMECORP1' };
    expect(load({}, flags).workspace).toBe('T0ACMECORP1');
  });

  test.each([
    ['{provider:generic}', 'at character 2: this is not allowed here; keys and texts need plain'],
    ['["a", b]', 'at character 7: this is not allowed here'],
    [`{"a": "${'x'.repeat(99)}", "b": 'c'}`, 'at character 115: this is not allowed here'],
    ['{"a":1', 'at character 7: a closing "}" is missing here'],
    ['[', 'at character 2: a closing "]" is missing here'],
    ['["a",]', 'at character 6: one comma too many before "]"'],
    ['["a" "b"]', 'at character 6: a comma or a closing bracket is missing before this'],
    ['{"a" 1}', 'at character 6: a colon is missing here'],
    ['["a"]]', 'at character 6: the JSON is complete before this'],
    ['["a\\d"]', 'at character 2: this text has a stray backslash'],
  ])('says where a value that was meant as JSON cannot be read: %s', (value, words) => {
    const flags = { 'slackConnectInvites.sources': value, 'slackConnectInvites.burst': value };
    const lines = refusal({}, flags);
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(line).toContain(`: starts with ${value[0]} but is not valid JSON, ${words}`);
      expect(line).toContain('into single quotes');
    }
    expect(lines.join()).not.toMatch(/xx|provider/);
  });

  test('can give the whole object', () => {
    expect(loadConfig({ slackConnectInvites: '{"burst": 3}' }).burst).toBe(3);
  });

  test('leaves the object that it was given as it was', () => {
    const object = { jwt: { ...JWT } };
    load(object, { 'slackConnectInvites.jwt.issuer': 'https://other.example' });
    expect(object).toEqual({ jwt: JWT });
  });

  test.each([
    '__proto__.polluted',
    'throttle.__proto__.polluted',
    'constructor.prototype.polluted',
  ])('refuses the path %s as unknown and pollutes nothing', (path) => {
    const [line] = refusal({}, { [`slackConnectInvites.${path}`]: 'true' });
    expect(line).toMatch(/(__proto__|constructor): unknown key/);
    expect({}).not.toHaveProperty('polluted');
  });

  test('cannot reach inside a value that is not an object', () => {
    const [line] = refusal({ burst: 5 }, { 'slackConnectInvites.burst.max': '3' });
    expect(line).toContain('slackConnectInvites.burst: found {"max":3}');
  });
});

describe('the policy', () => {
  test('"*" may be written bare, and means it the same', () => {
    for (const all of ['*', ['*']]) {
      const { channels, deniedEmailDomains } = load({
        channels: { '*': { emailDomains: all } },
        deniedEmailDomains: all,
      });
      expect(channels).toEqual({ '*': { emailDomains: ['*'] } });
      expect(deniedEmailDomains).toEqual(['*']);
    }
  });

  test('domains become lower case, and a pattern for subdomains stays one', () => {
    const { channels } = load({
      channels: { C0PARTNER01: { emailDomains: ['Partner.EXAMPLE', '*.Sub.example'] } },
    });
    expect(channels.C0PARTNER01?.emailDomains).toEqual(['partner.example', '*.sub.example']);
  });

  test('a domain of another script is refused with the form to write', () => {
    const [line] = refusal({ channels: { C0PARTNER01: { emailDomains: ['bücher.example'] } } });
    expect(line).toContain('; write "xn--bcher-kva.example"');
  });

  test('nothing is allowed when nothing is listed', () => {
    expect(load({})).toMatchObject({ channels: {}, deniedEmailDomains: [], readers: [] });
    expect(load({ channels: { C0PARTNER01: {} } }).channels).toEqual({
      C0PARTNER01: { emailDomains: [] },
    });
  });

  test('callers are taken in every form', () => {
    const callers = [
      ...['role/crm', 'user/hr', 'jwt/auth0|1', 'client/7abc', 'group/hr', 'source/greenhouse'],
      ...['task', 'role/AWSReservedSSO_Sales', 'jwt/ann@acme.example'],
    ];
    const config = load({
      channels: { C0CUSTOMERB: { emailDomains: ['b.example'], callers, userIds: true } },
      readers: callers,
      jwt: { ...JWT, groupsClaim: 'cognito:groups' },
    });
    expect(config.channels.C0CUSTOMERB?.callers).toEqual(callers);
    expect(config.readers).toEqual(callers);
  });
});

describe('the keys of the policy as it was', () => {
  test('are refused with the new form written out', () => {
    expect(
      refusal({
        allowedChannels: ['C0PARTNER01', 'C0PARTNER02'],
        allowedEmailDomains: ['a.example', '*.b.example'],
        allowUserIds: true,
        allowFullAccess: false,
      }),
    ).toEqual([
      '  slackConnectInvites.allowedChannels, slackConnectInvites.allowedEmailDomains, slackConnectInvites.allowUserIds, slackConnectInvites.allowFullAccess: these keys are no more; each channel has its own domains: write {"channels":{"C0PARTNER01":{"emailDomains":["a.example","*.b.example"],"userIds":true},"C0PARTNER02":{"emailDomains":["a.example","*.b.example"],"userIds":true}}}',
    ]);
  });

  test.each([
    [
      { allowedChannels: '*', allowedEmailDomains: '*' },
      '{"channels":{"*":{"emailDomains":["*"]}}}',
    ],
    [
      { allowFullAccess: true },
      '{"channels":{"C0PARTNER01":{"emailDomains":[],"fullAccess":true}}}',
    ],
    [
      { allowedChannels: ['xoxb-1-2', 7], allowedEmailDomains: 'x y' },
      '{"channels":{"C0PARTNER01":{"emailDomains":[]}}}',
    ],
  ])('one by one, whatever they hold: %j', (old, form) => {
    const [line, ...others] = refusal(old);
    expect(others).toEqual([]);
    expect(line).toContain(`write ${form}`);
  });

  test('on the command line, too, and do not hide the other problems', () => {
    const lines = refusal({ burst: 50 }, { 'slackConnectInvites.allowUserIds': 'true' });
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain('slackConnectInvites.allowUserIds: this key is no more');
    expect(lines[1]).toContain('slackConnectInvites.burst');
  });
});

const ROW = 'channels.C0PARTNER01';
const inRow = (row: object) => ({ C0PARTNER01: row });

// One list of wrong values a field, each with the path and a word of what is allowed.
const WRONG: Record<string, [value: unknown, path: string, allowed: string][]> = {
  stackName: [
    ['1st', 'stackName', 'a letter'],
    ['with_underscore', 'stackName', 'hyphens'],
    ['a'.repeat(53), 'stackName', '64 characters'],
  ],
  channels: [
    [['C0PARTNER01'], 'channels', 'an object by channel id'],
    ['*', 'channels', '"*" in place of an id'],
    [{ '#general': {} }, 'channels.#general', 'by channel id'],
    [{ C0PARTNER01: {}, D0PARTNER01: {} }, 'channels.D0PARTNER01', 'C or G'],
    [{ C0PARTNER01: ['partner.example'] }, 'channels.C0PARTNER01', 'an object with emailDomains'],
    [inRow({ emailDomains: ['ann@partner.example'] }), `${ROW}.emailDomains.0`, 'e-mail domains'],
    [inRow({ emailDomains: ['example'] }), `${ROW}.emailDomains.0`, 'e-mail domains'],
    [inRow({ emailDomains: ['*partner.example'] }), `${ROW}.emailDomains.0`, '*.partner.example'],
    [
      inRow({ emailDomains: ['b.example\u200b'] }),
      `${ROW}.emailDomains.0`,
      'there is U+200B at position 10',
    ],
    [inRow({ emailDomains: ['\u00a0b.example '] }), `${ROW}.emailDomains.0`, 'write "b.example"'],
    [
      inRow({ emailDomains: ['*.bücher.example'] }),
      `${ROW}.emailDomains.0`,
      'write "*.xn--bcher-kva.example"',
    ],
    [
      inRow({ emailDomains: ['p\u0430rtner.example'] }),
      `${ROW}.emailDomains.0`,
      'it has to be of one script; U+0430 at position 2 is Cyrillic',
    ],
    [
      inRow({ emailDomains: ['xn--prtner-3nf.example'] }),
      `${ROW}.emailDomains.0`,
      'its xn-- form has U+0430',
    ],
    [{ 'C0PARTNER01\ufeff': {} }, 'channels.C0PARTNER01\ufeff', 'U+FEFF at position 12'],
    [{ ' C0PARTNER01': {} }, 'channels. C0PARTNER01', 'write "C0PARTNER01"'],
    [{ c0partner01: {} }, 'channels.c0partner01', 'in capitals'],
    [inRow({ callers: ['role/crm\u200b'] }), `${ROW}.callers.0`, 'there is U+200B at position 9'],
    [inRow({ callers: [' role/crm'] }), `${ROW}.callers.0`, 'write "role/crm"'],
    [inRow({ emailDomains: ['a.example', 7] }), `${ROW}.emailDomains.1`, 'e-mail domains'],
    [inRow({ emailDomains: ['a.example', '*'] }), `${ROW}.emailDomains`, 'either a list or "*"'],
    [inRow({ userIds: 'yes' }), `${ROW}.userIds`, 'true or false'],
    [inRow({ fullAccess: 1 }), `${ROW}.fullAccess`, 'true or false'],
    [inRow({ callers: [] }), `${ROW}.callers`, 'leave it out for every caller'],
    [inRow({ callers: 'task' }), `${ROW}.callers`, 'a list of callers'],
    [inRow({ callers: ['task', 'crm'] }), `${ROW}.callers.1`, 'role/NAME and user/NAME (IAM)'],
    [inRow({ callers: ['role/team/crm'] }), `${ROW}.callers.0`, 'write "role/crm", the name alone'],
    [
      inRow({ callers: ['arn:aws:iam::123456789012:role/team/crm'] }),
      `${ROW}.callers.0`,
      'write "role/crm", the name alone',
    ],
    [
      inRow({ callers: ['role/AWSReservedSSO_Sales_0123456789abcdef'] }),
      `${ROW}.callers.0`,
      'write "role/AWSReservedSSO_Sales", since the suffix',
    ],
    [inRow({ callers: ['group/a b'] }), `${ROW}.callers.0`, 'group/NAME'],
    [inRow({ callers: ['group/hr'] }), `${ROW}.callers`, 'jwt.groupsClaim does not name'],
  ],
  deniedEmailDomains: [
    [['-x.example'], 'deniedEmailDomains.0', 'e-mail domains'],
    [{}, 'deniedEmailDomains', 'a list of e-mail domains'],
    [['a.example', '*'], 'deniedEmailDomains', 'either a list or "*"'],
  ],
  readers: [
    ['role/auditor', 'readers', 'a list of callers'],
    [['auditor'], 'readers.0', 'role/NAME'],
    [['group/security'], 'readers', 'jwt.groupsClaim does not name'],
  ],
  ratePerMinute: [
    [0, 'ratePerMinute', 'from 1 to 6000'],
    [6_001, 'ratePerMinute', 'from 1 to 6000'],
    ['fast', 'ratePerMinute', 'a number'],
  ],
  burst: [
    [1, 'burst', 'from 2 to 19'],
    [20, 'burst', 'from 2 to 19'],
    [2.5, 'burst', 'a whole number'],
  ],
  retentionDays: [
    [13, 'retentionDays', 'from 14 to 3650'],
    [14.5, 'retentionDays', 'a whole number'],
  ],
  logRetentionDays: [
    [91, 'logRetentionDays', '60, 90, 120'],
    [9_999, 'logRetentionDays', 'CloudWatch Logs'],
  ],
  workspace: [
    ['acme', 'workspace', 'T0ACMECORP1'],
    [null, 'workspace', 'a workspace id'],
  ],
  tableArn: [
    ['Invites-ledger', 'tableArn', 'the ARN of a DynamoDB table'],
    ['arn:aws:dynamodb:eu-central-1:111122223333:table/a/index/b', 'tableArn', 'a DynamoDB table'],
  ],
  secretArn: [
    ['slack-token', 'secretArn', 'full ARN'],
    [SECRET_ARN.slice(0, -7), 'secretArn', 'six characters'],
  ],
  webhookSecretArn: [[SECRET_ARN.slice(0, -7), 'webhookSecretArn', 'six characters']],
  lookupSecretArn: [[SECRET_ARN.slice(0, -7), 'lookupSecretArn', 'six characters']],
  lifecycle: [
    ['yes', 'lifecycle', 'true, false, or an object'],
    [{ remindBeforeDays: 14 }, 'lifecycle.remindBeforeDays', 'from 0 to 13'],
    [{ waitingStateMachines: [] }, 'lifecycle.waitingStateMachines', '"*" for all of them'],
    [{ resendOnExpiry: 'true' }, 'lifecycle.resendOnExpiry', 'true or false'],
    [{ signingSecretArn: SECRET_ARN.slice(0, -7) }, 'lifecycle.signingSecretArn', 'six characters'],
  ],
  jwt: [
    [true, 'jwt', 'an object with issuer'],
    [{ ...JWT, issuer: 'http://login.acme.example' }, 'jwt.issuer', 'https://'],
    [{ issuer: JWT.issuer }, 'jwt.audience', 'a list of 1 to 50 audiences'],
    [{ ...JWT, audience: [] }, 'jwt.audience', 'a list of 1 to 50 audiences'],
    [{ ...JWT, audience: Array(51).fill('a') }, 'jwt.audience', 'a list of 1 to 50 audiences'],
    [{ ...JWT, scopes: Array(11).fill('a') }, 'jwt.scopes', 'a list of 1 to 10 scopes'],
    [{ ...JWT, audience: [''] }, 'jwt.audience.0', 'audience without spaces'],
    [{ ...JWT, scopes: ['a b'] }, 'jwt.scopes.0', 'scope without spaces'],
    [{ ...JWT, groupsClaim: '' }, 'jwt.groupsClaim', 'the name of a claim'],
  ],
  throttle: [
    ['10', 'throttle', 'an object with rate and burst'],
    [{ rate: 0 }, 'throttle.rate', 'from 1 to 10000'],
    [{ burst: 0.5 }, 'throttle.burst', 'a whole number'],
  ],
  observability: [
    [true, 'observability', 'an object with alarmTopicArn or alarmEmail'],
    [{}, 'observability', 'either alarmTopicArn or alarmEmail'],
    [{ alarmTopicArn: 'on-call' }, 'observability.alarmTopicArn', 'the ARN of an SNS topic'],
    [{ alarmEmail: 'nobody' }, 'observability.alarmEmail', 'an e-mail address'],
    [{ alarmEmail: 'a@acme.example', dashboard: 1 }, 'observability.dashboard', 'true or false'],
  ],
  webhooks: [
    ['closed', 'webhooks', 'an object with throttle and closed'],
    [{ throttle: { rate: 0 } }, 'webhooks.throttle.rate', 'from 1 to 10000'],
    [{ closed: 'yes' }, 'webhooks.closed', 'true or false'],
  ],
  reservedConcurrency: [
    [20, 'reservedConcurrency', 'a whole number from 0 to 1000 by the name of a function'],
    [{ 'hr-webhook': 1_001 }, 'reservedConcurrency.hr-webhook', 'from 0 to 1000'],
    [{ 'hr-webhook': -1 }, 'reservedConcurrency.hr-webhook', 'from 0 to 1000'],
  ],
  domainName: [['invites.acme.example', 'certificateArn', 'since there is a domainName']],
  certificateArn: [[CERTIFICATE_ARN, 'domainName', 'the name that the certificate is for']],
  defaultEndpoint: [
    ['off', 'defaultEndpoint', 'true or false'],
    [false, 'defaultEndpoint', 'true, as long as there is no domainName'],
  ],
  // More of it in sources-config.test.ts.
  sources: [['bamboohr', 'sources', 'an object of at most 20 sources']],
};

describe('a wrong value', () => {
  test('has a case here for every field', () => {
    expect(Object.keys(WRONG)).toEqual(Object.keys(configSchema.shape));
  });

  const cases = Object.entries(WRONG).flatMap(([key, rows]) =>
    rows.map(([value, path, allowed]) => ({ key, value, path, allowed })),
  );
  test.each(cases)('$path is refused: $value', ({ key, value, path, allowed }) => {
    const lines = refusal({ [key]: value });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`slackConnectInvites.${path}: found `);
    expect(lines[0]?.split('; allowed: ')[1]).toContain(allowed);
  });

  test('of a domain of one’s own or its certificate is refused', () => {
    const lines = refusal({
      domainName: 'https://invites.acme.example',
      certificateArn: SECRET_ARN,
    });
    expect(lines).toEqual([
      expect.stringMatching(/domainName: .*allowed: a domain name in small letters/),
      expect.stringMatching(/certificateArn: .*allowed: the ARN of an ACM certificate/),
    ]);
  });

  test('is quoted as it was found, and shortened when long', () => {
    expect(refusal({ burst: 'many' })[0]).toContain('found "many";');
    expect(refusal({ workspace: 'T'.repeat(500) })[0]?.length).toBeLessThan(300);
  });

  test('that looks like a Slack token is not quoted', () => {
    const lines = refusal({ secretArn: 'xoxb-1-2-abc', jwt: 'xoxe.xoxb-1-abc' }).join('\n');
    expect(lines).toContain('slackConnectInvites.secretArn: found a Slack token');
    expect(lines).not.toMatch(/xox[be]/);
  });

  test('does not hide the other problems', () => {
    const lines = refusal({ burst: 0, ratePerMin: 3, jwt: { issuer: 1, audience: 2, aud: 3 } });
    const paths = lines.map((line) => line.trim().split(':')[0]);
    expect(paths.sort()).toEqual(
      ['burst', 'jwt.aud', 'jwt.audience', 'jwt.issuer', 'ratePerMin'].map(
        (path) => `slackConnectInvites.${path}`,
      ),
    );
  });
});

describe('an unknown key', () => {
  test('is refused with the nearest key', () => {
    expect(refusal({ ratePerMinuet: 20 })).toEqual([
      '  slackConnectInvites.ratePerMinuet: unknown key; did you mean "ratePerMinute"?',
    ]);
  });

  test('inside an object too', () => {
    expect(refusal({ throttle: { rates: 3 } })).toEqual([
      '  slackConnectInvites.throttle.rates: unknown key; did you mean "rate"?',
    ]);
  });

  test('that resembles none is answered with all of them', () => {
    const [line] = refusal({ colour: 'red' });
    expect(line).toContain('known are stackName, channels,');
  });

  test.each(['slackconnectinvites', 'slackConnectInvite', 'slackConectInvites'])(
    'is refused when the context key itself is misspelled: %s',
    (root) => {
      const [line] = refusal({}, { [`${root}.burst`]: '3' });
      expect(line).toBe(`  ${root}: unknown context key; did you mean "slackConnectInvites"?`);
    },
  );

  test.each([
    ['burst', 'slackConnectInvites.burst'],
    ['rateperminute', 'slackConnectInvites.ratePerMinute'],
    ['jwt.issuer', 'slackConnectInvites.jwt.issuer'],
    ['allowedChannels', 'slackConnectInvites.channels'],
  ])('is refused when one of ours has no prefix: %s', (key, meant) => {
    expect(refusal({ burst: 4 }, { [key]: '3' })).toEqual([
      `  ${key}: unknown context key; did you mean "${meant}"?`,
    ]);
  });

  test('may be another part of the context', () => {
    const others = { 'slack.url': 'x', 'cli-telemetry': 'false', stageName: 'test', bursts: '3' };
    expect(load({}, others).burst).toBe(5);
  });

  test.each([
    ['slackConnectInvites.', 'slackConnectInvites.: no key after the dot; known are stackName,'],
    ['slackConnectInvites..burst', 'slackConnectInvites.: no key after the dot; known are stack'],
    ['slackConnectInvites.throttle.', 'slackConnectInvites.throttle.: no key after the dot; known'],
  ])('is refused in words when it is empty: %s', (key, words) => {
    expect(refusal({}, { [key]: '3' })[0]).toContain(words);
  });
});

test('a missing configuration says where it belongs', () => {
  const [line] = refusal(undefined, { 'slackConnectInvites.burst': '3' });
  expect(line).toContain('cdk.json as {"context": {"slackConnectInvites":');
});

test('the functions get what they need of it, and nothing of the gateway', () => {
  const jwt = { ...JWT, groupsClaim: 'groups' };
  const config = load({ channels: { '*': {} }, workspace: 'T0ACMECORP1', jwt });
  const { CONFIG = '' } = functionEnvironment({ name: 'invite-api', config, tableName: 't' });
  expect(JSON.parse(CONFIG)).toEqual({
    ratePerMinute: 20,
    burst: 5,
    retentionDays: 400,
    workspace: 'T0ACMECORP1',
    groupsClaim: 'groups',
  });
  const policy = {
    channels: { '*': { emailDomains: [] } },
    deniedEmailDomains: [],
    readers: [],
  };
  expect(deploymentOf('invite-api', config)).toEqual({ policy });
  expect(deploymentOf('lane-ticket', config)).toEqual({});
  expect(deploymentOf('hr-webhook', config)).toEqual({ sources: {} });
  expect(deploymentOf('hr-invite', config)).toEqual({ policy, sources: {} });
});

test('has no limit that a list of channels meets', () => {
  const channels = Object.fromEntries(
    Array.from({ length: 5000 }, (_, n) => [
      `C${String(n).padStart(10, '0')}`,
      { emailDomains: [`customer-${n}.example`], callers: ['role/crm'] },
    ]),
  );
  const config = load({ channels });
  expect(deploymentOf('invite-task', config).policy?.channels).toEqual(channels);
  const variables = functionEnvironment({ name: 'invite-task', config, tableName: 't' });
  expect(JSON.stringify(variables).length).toBeLessThan(1000);
});
