import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createJwtIssuer,
  ISSUER_PATH,
  type JwtIssuer,
  newToken,
} from '../../infra/local/jwt-issuer.ts';
import { CHANNEL, type LocalRun, startLocalRun } from '../support/local-run.ts';
import { signedFetch } from '../support/local-signing.ts';

const ISSUER = 'https://login.example.com';

/** The shipped template, as it is with `jwt` configured. */
const withJwt = (text: string): string => {
  const template = JSON.parse(text);
  for (const { Type, Properties } of Object.values<{
    Type: string;
    Properties: Record<string, unknown>;
  }>(template.Resources)) {
    if (Type !== 'AWS::ApiGatewayV2::Route' || Properties.AuthorizationType !== 'AWS_IAM') continue;
    Properties.AuthorizationType = 'JWT';
    Properties.AuthorizerId = { Ref: 'Jwt' };
    Properties.AuthorizationScopes = ['invites', 'all'];
  }
  template.Resources.Jwt = {
    Type: 'AWS::ApiGatewayV2::Authorizer',
    Metadata: { 'aws:cdk:path': 'SlackConnectInvites/http-api/api/jwt/Resource' },
    Properties: {
      ApiId: Object.values<{ Properties: { ApiId?: unknown } }>(template.Resources).find(
        ({ Properties }) => Properties.ApiId,
      )?.Properties.ApiId,
      AuthorizerType: 'JWT',
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Audience: ['invites', 'other-invites'], Issuer: ISSUER },
      Name: 'jwt',
    },
  };
  return JSON.stringify(template);
};

let run: LocalRun;
let issuer: JwtIssuer;
beforeAll(async () => {
  run = await startLocalRun({
    config: { groupsClaim: 'cognito:groups' },
    policy: {
      channels: {
        [CHANNEL]: {
          emailDomains: ['partner.example'],
          callers: ['jwt/crm', 'client/portal', 'group/sales'],
        },
      },
      deniedEmailDomains: [],
      readers: ['jwt/auditor'],
    },
    edit: withJwt,
  });
  issuer = (await (await fetch(run.stack.awsUrl + ISSUER_PATH)).json()) as JwtIssuer;
});
afterAll(() => run.close());

const SCOPE = { scope: 'openid invites' };

type Claims = Record<string, unknown>;

let people = 0;
const newRequest = () => ({ channel: CHANNEL, emails: [`jwt.${++people}@partner.example`] });

const call = async (authorization: string, body?: object, path = '/invites') => {
  const response = await fetch(run.stack.apiUrl + path, {
    method: body ? 'POST' : 'GET',
    headers: { authorization, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  const challenge = response.headers.get('www-authenticate');
  return { status: response.status, challenge, body: (await response.json()) as Claims };
};

const tokenOf = (claims: Claims, from = issuer) => newToken(from, { ...SCOPE, ...claims });
const as = async (claims: Claims, body?: object, path?: string) =>
  call(`Bearer ${await tokenOf(claims)}`, body, path);

describe('callers of a channel may invite into it:', () => {
  test.each<[string, Claims]>([
    ['a subject', { sub: 'crm' }],
    ['a client', { sub: 'x', client_id: 'portal' }],
    ['a client that the issuer calls azp', { sub: 'x', azp: 'portal' }],
    ['a group in a list', { sub: 'x', 'cognito:groups': ['ops', 'sales'] }],
    ['a group by itself', { sub: 'x', 'cognito:groups': 'sales' }],
    ['a client that is the audience', { sub: 'crm', aud: null, client_id: 'other-invites' }],
    ['one of several audiences', { sub: 'crm', aud: ['x', 'invites'] }],
    ['scopes as scp', { sub: 'crm', scope: null, scp: ['all'] }],
  ])('%s', async (_, claims) => {
    const { status, body } = await as(claims, newRequest());
    expect(status).toBe(201);
    expect(body.source).toEqual({ door: 'invite-api', caller: claims.sub });
  });

  test('a token without the word Bearer', async () => {
    expect(await call(await tokenOf({ sub: 'crm' }), newRequest())).toMatchObject({ status: 201 });
  });

  test.each<[string, Claims]>([
    ['another subject', { sub: 'crm2' }],
    ['a subject that is named as a client', { sub: 'portal' }],
    ['a client that is named as a subject', { sub: 'x', client_id: 'crm' }],
    ['another group', { sub: 'x', 'cognito:groups': ['sales-eu'] }],
    ['a group in another claim', { sub: 'x', groups: ['sales'] }],
    ['a reader', { sub: 'auditor' }],
  ])('and not %s', async (_, claims) => {
    const { status, body } = await as(claims, newRequest());
    expect({ status, code: body.code }).toEqual({ status: 403, code: 'caller_not_allowed' });
  });
});

describe('an invite is read', () => {
  let path: string;
  beforeAll(async () => {
    const { body } = await as({ sub: 'crm' }, newRequest());
    path = `/invites/${body.id}`;
  });

  test.each<[string, number, Claims]>([
    ['by whoever may invite into its channel', 200, { sub: 'y', client_id: 'portal' }],
    ['by a reader', 200, { sub: 'auditor' }],
    ['by nobody else', 404, { sub: 'stranger' }],
  ])('%s: %i', async (_, status, claims) => {
    expect(await as(claims, undefined, path)).toMatchObject({ status });
  });
});

test('a queued request waits as its caller, and a dry run asks as one', async () => {
  const request = newRequest();
  const token = await tokenOf({ sub: 'crm' });
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    prefer: 'respond-async',
  };
  const body = JSON.stringify(request);
  const url = `${run.stack.apiUrl}/invites`;
  const queued = await fetch(url, { method: 'POST', headers, body });
  expect(queued.status).toBe(202);
  const { id } = (await queued.json()) as { id: string };
  await expect
    .poll(async () => (await as({ sub: 'crm' }, undefined, `/invites/${id}`)).body.status, {
      timeout: 20_000,
    })
    .toBe('sent');
  const path = '/invites?dry_run=true';
  expect(await as({ sub: 'crm' }, newRequest(), path)).toMatchObject({ body: { would: 'send' } });
  expect(await as({ sub: 'z' }, newRequest(), path)).toMatchObject({ status: 403 });
});

describe('the gateway refuses', () => {
  const now = Math.floor(Date.now() / 1000);
  const reason = (text: string) => expect.stringContaining(`error_description="${text}"`);

  test.each<[string, Claims, string]>([
    [
      'another issuer',
      { iss: 'https://other.example.com' },
      'the token does not have a valid issuer',
    ],
    ['another audience', { aud: 'x' }, 'the token does not have a valid audience'],
    [
      'an audience of the client beside another',
      { aud: 'x', client_id: 'invites' },
      'the token does not have a valid audience',
    ],
    ['no audience', { aud: null }, 'the token does not have a valid audience'],
    ['an expired token', { exp: now - 1 }, 'the token has expired'],
    ['a token without an end', { exp: null }, 'the token has no valid exp'],
    ['a token of tomorrow', { nbf: now + 86_400 }, 'the token is not valid yet'],
    ['a token made tomorrow', { iat: now + 86_400 }, 'the token was issued in the future'],
  ])('%s', async (_, claims, description) => {
    const answer = await as({ sub: 'crm', ...claims }, newRequest());
    expect(answer).toEqual({
      status: 401,
      challenge: reason(description),
      body: { message: 'Unauthorized' },
    });
  });

  test('a key that is not the issuer\u2019s', async () => {
    const forged = (await createJwtIssuer(issuer)).issuer;
    const token = await tokenOf({ sub: 'crm' }, forged);
    expect(await call(`Bearer ${token}`, newRequest())).toMatchObject({
      status: 401,
      challenge: reason('the signature is not valid'),
    });
    const unknown = { ...issuer, key: { ...issuer.key, kid: 'other' } };
    expect(await call(await tokenOf({ sub: 'crm' }, unknown), newRequest())).toMatchObject({
      status: 401,
      challenge: reason('no key of the issuer has this kid'),
    });
  });

  test('a token without a signature, or with another kind of one', async () => {
    const [, payload] = (await tokenOf({ sub: 'crm' })).split('.');
    for (const alg of ['none', 'HS256']) {
      const header = Buffer.from(JSON.stringify({ alg, kid: 'local' })).toString('base64url');
      const answer = await call(`Bearer ${header}.${payload}.`, newRequest());
      expect(answer.status).toBe(401);
    }
  });

  test('a token without one of the scopes: 403', async () => {
    expect(await as({ sub: 'crm', scope: 'openid' }, newRequest())).toEqual({
      status: 403,
      challenge: 'Bearer scope="invites all" error="insufficient_scope"',
      body: { message: 'Forbidden' },
    });
  });

  test('a signature of IAM, and nothing at all', async () => {
    const body = JSON.stringify(newRequest());
    const url = `${run.stack.apiUrl}/invites`;
    expect((await signedFetch(url, { method: 'POST', body })).status).toBe(401);
    expect((await fetch(url, { method: 'POST', body })).headers.get('www-authenticate')).toBe(
      'Bearer',
    );
  });
});

test('no token is logged', async () => {
  const token = await tokenOf({ sub: 'crm' });
  await call(`Bearer ${token}`, newRequest());
  await call(`Bearer ${token.slice(0, -3)}`, newRequest());
  expect(run.lines.length).toBeGreaterThan(0);
  expect(run.lines.join()).not.toContain(token.slice(0, -3));
});
