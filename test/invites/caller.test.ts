import { describe, expect, test } from 'vitest';
import { iamNames, jwtNames } from '../../functions/invite-api/contract.ts';
import { formsOf, hrCaller } from '../../functions/invites/invite.ts';

describe('the names of an IAM caller', () => {
  test.each([
    ['arn:aws:sts::123456789012:assumed-role/crm/session-1', ['role/crm']],
    ['arn:aws:sts::123456789012:assumed-role/crm/i-0abc@host=x,y', ['role/crm']],
    ['arn:aws-cn:sts::123456789012:assumed-role/crm/s', ['role/crm']],
    ['arn:aws:iam::123456789012:user/hr', ['user/hr']],
    ['arn:aws:iam::123456789012:user/team/eu/hr', ['user/hr']],
    [
      'arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Sales-Admin_0123456789abcdef/ann@acme.example',
      ['role/AWSReservedSSO_Sales-Admin'],
    ],
    [
      'arn:aws:sts::123456789012:assumed-role/Sales_0123456789abcdef/s',
      ['role/Sales_0123456789abcdef'],
    ],
    ['arn:aws:iam::123456789012:root', []],
    ['arn:aws:sts::123456789012:federated-user/ann', []],
    ['arn:aws:iam::123456789012:role/crm', []],
    ['', []],
  ])('%s: %j', (arn, names) => {
    expect(iamNames(arn)).toEqual(names);
  });
});

describe('the names of a JWT caller', () => {
  test.each<[object, string | undefined, string[]]>([
    [{ sub: 'crm' }, undefined, ['jwt/crm']],
    [{ sub: 'auth0|1', client_id: 'app' }, undefined, ['jwt/auth0|1', 'client/app']],
    [{ client_id: 'app', azp: 'other' }, undefined, ['client/app']],
    [{ azp: 'app' }, undefined, ['client/app']],
    [{ sub: 'a', groups: '[sales hr]' }, 'groups', ['jwt/a', 'group/sales', 'group/hr']],
    [{ sub: 'a', 'cognito:groups': '[hr]' }, 'cognito:groups', ['jwt/a', 'group/hr']],
    [{ sub: 'a', groups: 'hr' }, 'groups', ['jwt/a', 'group/hr']],
    [{ sub: 'a', groups: 'hr sales' }, 'groups', ['jwt/a', 'group/hr sales']],
    [{ sub: 'a', groups: '[]' }, 'groups', ['jwt/a']],
    [{ sub: 'a', groups: '[hr]' }, undefined, ['jwt/a']],
    [{ sub: 'a' }, 'constructor', ['jwt/a']],
    [{ sub: 7, client_id: null }, undefined, []],
    [{ sub: '' }, undefined, []],
  ])('%j, groups in %s: %j', (claims, groupsClaim, names) => {
    expect(jwtNames({ ...claims }, groupsClaim)).toEqual(names);
  });
});

test('an HR source goes by its name', () => {
  expect(hrCaller('greenhouse')).toEqual({
    source: { door: 'hr-webhook', caller: 'greenhouse' },
    names: ['source/greenhouse'],
  });
});

test.each([
  [['role/crm'], 'role/NAME'],
  [
    ['jwt/ann@acme.example', 'client/x', 'group/a', 'group/b'],
    'jwt/SUB or client/CLIENT_ID or group/NAME',
  ],
  [['task'], 'task'],
  [[], 'role/NAME of a role that it takes on'],
])('the forms of %j are told without the names: %s', (names, forms) => {
  expect(formsOf(names)).toBe(forms);
});
