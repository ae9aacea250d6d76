import { describe, expect, test } from 'vitest';
import { decide, matches, readStatements, trusts } from '../../infra/local/iam/policy.ts';

const place = { logicalId: 'Role', type: 'AWS::IAM::Role', path: 'Properties' };
const table = 'arn:aws:dynamodb:us-east-1:000000000000:table/ledger';
const statements = (...list: object[]) => readStatements({ Statement: list }, place);
const allow = (Action: unknown, Resource: unknown) => ({ Effect: 'Allow', Action, Resource });

describe('a role', () => {
  test('may do what a statement allows on the resource that it names', () => {
    const role = statements(allow('dynamodb:GetItem', table));
    expect(decide(role, 'dynamodb:GetItem', table)).toEqual({ allowed: true });
  });

  test('may do nothing else on it', () => {
    const role = statements(allow(['dynamodb:GetItem'], table));
    expect(decide(role, 'dynamodb:Scan', table)).toEqual({
      allowed: false,
      reason: 'because no identity-based policy allows the dynamodb:Scan action',
    });
  });

  test('may not do it elsewhere', () => {
    const role = statements(allow('dynamodb:*', table));
    expect(decide(role, 'dynamodb:GetItem', `${table}2`).allowed).toBe(false);
    expect(decide(role, 'dynamodb:Query', `${table}/index/by-date`).allowed).toBe(false);
  });

  test('may not do what is denied, whatever allows it', () => {
    const deny = { Effect: 'Deny', Action: 'dynamodb:DeleteItem', Resource: '*' };
    const role = statements(allow('*', '*'), deny);
    expect(decide(role, 'dynamodb:DeleteItem', table)).toEqual({
      allowed: false,
      reason: 'with an explicit deny in an identity-based policy',
    });
    expect(decide(role, 'dynamodb:GetItem', table)).toEqual({ allowed: true });
  });

  test('is told actions in any case, resources in the right one', () => {
    const role = statements(allow('DynamoDB:getitem', table));
    expect(decide(role, 'dynamodb:GetItem', table).allowed).toBe(true);
    expect(decide(role, 'dynamodb:GetItem', table.toUpperCase()).allowed).toBe(false);
  });
});

test.each([
  ['dynamodb:*Item', 'dynamodb:GetItem', true],
  ['dynamodb:*Item', 'dynamodb:GetItems', false],
  ['arn:x:secret:name-??????', 'arn:x:secret:name-AbC123', true],
  ['arn:x:secret:name-??????', 'arn:x:secret:name-AbC1234', false],
  ['arn:x:api/*/*/items/{id}', 'arn:x:api/$default/GET/items/{id}', true],
  ['a.c', 'abc', false],
])('the pattern %s against %s: %s', (pattern, text, expected) => {
  expect(matches(pattern, text)).toBe(expected);
});

describe('a condition on the keys of items', () => {
  const on = (keys: unknown) => ({
    ...allow('dynamodb:PutItem', table),
    Condition: {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys },
      Null: { 'dynamodb:LeadingKeys': 'false' },
    },
  });
  const may = (role: ReturnType<typeof statements>, keys?: string[]) =>
    decide(role, 'dynamodb:PutItem', table, keys).allowed;

  test('holds for the items whose key is like one of the patterns', () => {
    for (const patterns of ['event#*', ['gate#x', 'event#*']]) {
      expect(may(statements(on(patterns)), ['event#1'])).toBe(true);
      expect(may(statements(on(patterns)), ['invite#1'])).toBe(false);
      expect(may(statements(on(patterns)), ['xevent#1'])).toBe(false);
    }
  });

  test('holds for a request only if it does for all its items', () => {
    expect(may(statements(on('event#*')), ['event#1', 'event#2'])).toBe(true);
    expect(may(statements(on('event#*')), ['event#1', 'invite#1'])).toBe(false);
  });

  test('does not hold where nobody says which items', () => {
    expect(may(statements(on('event#*')))).toBe(false);
  });

  test('leaves what another statement allows', () => {
    const role = statements(on('event#*'), allow('dynamodb:PutItem', table));
    expect(may(role, ['invite#1'])).toBe(true);
  });
});

test.each([
  [{ StringEquals: { 'dynamodb:LeadingKeys': 'x' } }, 'StringEquals'],
  [{ 'ForAnyValue:StringLike': { 'dynamodb:LeadingKeys': 'x' } }, 'ForAnyValue:StringLike'],
  [{ 'ForAllValues:StringLike': { 'dynamodb:Attributes': 'x' } }, 'dynamodb:Attributes'],
  [{ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': 'x' }, Bool: { 'aws:a': true } }, 'Bool'],
  [
    {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': `\${aws:userid}` },
      Null: { 'dynamodb:LeadingKeys': 'false' },
    },
    'aws:userid',
  ],
  [{ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': 'x' } }, 'Null'],
  [
    {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': 'x' },
      Null: { 'dynamodb:LeadingKeys': 'true' },
    },
    'Null',
  ],
  [{}, 'ForAllValues:StringLike'],
])('another condition is not evaluated but refused by its name: %j', (Condition, name) => {
  expect(() => statements({ ...allow('a:b', '*'), Condition })).toThrow(name);
});

test.each(['NotAction', 'NotResource', 'Principal'])(
  'a statement with %s is not evaluated but refused',
  (element) => {
    expect(() => statements({ ...allow('a:b', '*'), [element]: {} })).toThrow(element);
  },
);

test('a policy variable is refused', () => {
  expect(() => statements(allow('a:b', `arn:\${aws:username}`))).toThrow('aws:username');
});

test('a service may assume a role only if the trust policy names it', () => {
  const trust = (Service: unknown, Action = 'sts:AssumeRole') =>
    trusts(
      { Statement: [{ Effect: 'Allow', Action, Principal: { Service } }] },
      'lambda.amazonaws.com',
      place,
    );
  expect(trust('lambda.amazonaws.com')).toBe(true);
  expect(trust(['edgelambda.amazonaws.com', 'lambda.amazonaws.com'])).toBe(true);
  expect(trust('states.amazonaws.com')).toBe(false);
  expect(trust('lambda.amazonaws.com', 'sts:TagSession')).toBe(false);
});
