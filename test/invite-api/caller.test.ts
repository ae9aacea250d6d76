import { describe, expect, test } from 'vitest';
import { callerOf } from '../../functions/invite-api/contract.ts';

const behind = (authorizer?: object) => callerOf({ authorizer } as never);

describe('the caller', () => {
  test('behind IAM is an ARN', () => {
    const userArn = 'arn:aws:sts::111122223333:assumed-role/hr/robin';
    expect(behind({ iam: { userArn, userId: 'AROA', accessKey: 'ASIA' } })).toBe(userArn);
  });

  test('behind a JWT authorizer is the subject', () => {
    expect(behind({ jwt: { claims: { sub: 'auth0|7', iss: 'https://login' }, scopes: [] } })).toBe(
      'auth0|7',
    );
  });

  test.each([
    ['no authorizer', undefined],
    ['IAM that names nobody', { iam: { userArn: null } }],
    ['a JWT without a subject', { jwt: { claims: {} } }],
    ['a subject that is no text', { jwt: { claims: { sub: ['auth0|7'] } } }],
  ])('is not known with %s', (_, authorizer) => {
    expect(behind(authorizer)).toBeUndefined();
  });
});
