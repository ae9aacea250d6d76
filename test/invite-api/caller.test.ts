import { describe, expect, test } from 'vitest';
import { callerOf } from '../../functions/invite-api/contract.ts';

const behind = (authorizer?: object, groupsClaim?: string) =>
  callerOf({ authorizer } as never, groupsClaim);

const DOOR = { door: 'invite-api' };

describe('the caller', () => {
  test('behind IAM is shown as an ARN, and known by its name', () => {
    const userArn = 'arn:aws:sts::111122223333:assumed-role/hr/robin';
    expect(behind({ iam: { userArn, userId: 'AROA', accessKey: 'ASIA' } })).toEqual({
      source: { ...DOOR, caller: userArn },
      names: ['role/hr'],
    });
  });

  test('behind a JWT authorizer is shown as the subject, and known by client and groups, too', () => {
    const claims = { sub: 'auth0|7', iss: 'https://login', client_id: 'app', groups: '[a b]' };
    expect(behind({ jwt: { claims, scopes: [] } }, 'groups')).toEqual({
      source: { ...DOOR, caller: 'auth0|7' },
      names: ['jwt/auth0|7', 'client/app', 'group/a', 'group/b'],
    });
  });

  test.each([
    ['no authorizer', undefined],
    ['IAM that names nobody', { iam: { userArn: null } }],
    ['a JWT without a subject', { jwt: { claims: {} } }],
    ['a subject that is no text', { jwt: { claims: { sub: ['auth0|7'] } } }],
  ])('is not known with %s', (_, authorizer) => {
    expect(behind(authorizer)).toEqual({ source: DOOR, names: [] });
  });
});
