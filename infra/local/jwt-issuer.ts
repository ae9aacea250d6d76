import {
  exportJWK,
  generateKeyPair,
  importJWK,
  type JSONWebKeySet,
  type JWK,
  type JWTPayload,
  SignJWT,
} from 'jose';
import type { JwtAuthorizer } from './http-api/jwt-authorizer.ts';

/** What `npm start -- --jwt` configures, where the configuration says nothing else. */
export const LOCAL_JWT = {
  issuer: 'https://issuer.example',
  audience: ['slack-connect-invites'],
  groupsClaim: 'groups',
};

/** Where the local run shows its issuer, at the port of the AWS services. */
export const ISSUER_PATH = '/_local/jwt-issuer';

/**
 * All that is needed to make tokens for this run. Its key is worth nothing elsewhere, and is gone
 * with the run.
 */
export type JwtIssuer = JwtAuthorizer & { key: JWK };

/** Stands in for the configured issuer, with a key of its own. */
export const createJwtIssuer = async (
  authorizer: JwtAuthorizer,
): Promise<{ issuer: JwtIssuer; keys: JSONWebKeySet }> => {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const kid = 'local';
  return {
    issuer: { ...authorizer, key: { ...(await exportJWK(privateKey)), kid } },
    keys: { keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' }] },
  };
};

const LIFETIME_S = 3600;

/**
 * @param claims laid over those that the run requires; what is null is left out.
 * @returns a token that the run takes for an hour.
 */
export const newToken = async (
  { issuer, audience, key }: JwtIssuer,
  claims: Record<string, unknown>,
): Promise<string> => {
  const now = Math.floor(Date.now() / 1000);
  const usual = { iss: issuer, aud: audience[0], iat: now, exp: now + LIFETIME_S };
  const payload = Object.entries({ ...usual, ...claims }).filter(([, value]) => value !== null);
  return new SignJWT(Object.fromEntries(payload) as JWTPayload)
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: key.kid as string })
    .sign(await importJWK(key, 'RS256'));
};
