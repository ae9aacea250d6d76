import {
  createLocalJWKSet,
  decodeProtectedHeader,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  jwtVerify,
} from 'jose';

/** A JWT authorizer of the template, with the scopes that a route requires. */
export type JwtAuthorizer = { issuer: string; audience: string[]; scopes: string[] };

/** What a function learns of a token. */
export type VerifiedJwt = { claims: Record<string, string>; scopes: string[] | null };

export type JwtRefusal = {
  status: 401 | 403;
  /** The header `www-authenticate`. */
  challenge: string;
  /** For the log. It contains nothing of the token. */
  why: string;
};

export type CheckJwt = (
  authorization: string | undefined,
  authorizer: JwtAuthorizer,
) => Promise<{ jwt: VerifiedJwt } | { refusal: JwtRefusal }>;

/**
 * Checks a bearer token as the JWT authorizer of an HTTP API does: signature and `kid`, `iss`, `aud`
 * or else `client_id`, `exp`, `nbf`, `iat`, and at least one of the route's scopes.
 * @param keys the issuer's public keys. API Gateway fetches them from the issuer.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
 */
export const jwtChecker = (keys: JSONWebKeySet): CheckJwt => {
  const keyOf = createLocalJWKSet(keys);
  return async (authorization, authorizer) => {
    const [, token] = /^\s*(?:bearer\s+)?(\S+)\s*$/i.exec(authorization ?? '') ?? [];
    if (token === undefined) {
      return { refusal: { status: 401, challenge: 'Bearer', why: 'no token in Authorization' } };
    }
    const { issuer, audience, scopes } = authorizer;
    try {
      if (decodeProtectedHeader(token).kid === undefined) return invalid('the token has no kid');
      const { payload } = await jwtVerify(token, keyOf, {
        issuer,
        algorithms: ['RS256'],
        requiredClaims: ['exp'],
      });
      if ((payload.iat ?? 0) > Date.now() / 1000) {
        return invalid('the token was issued in the future');
      }
      if (!isFor(payload, audience)) {
        return invalid('the token does not have a valid audience');
      }
      const given = scopesOf(payload);
      const matched = scopes.filter((scope) => given.includes(scope));
      if (scopes.length > 0 && matched.length === 0) return insufficient(scopes);
      return { jwt: { claims: asTexts(payload), scopes: scopes.length > 0 ? matched : null } };
    } catch (error) {
      return invalid(reasonOf(error));
    }
  };
};

const invalid = (reason: string): { refusal: JwtRefusal } => ({
  refusal: {
    status: 401,
    challenge: `Bearer scope="" error="invalid_token" error_description="${reason}"`,
    why: reason,
  },
});

const insufficient = (scopes: string[]): { refusal: JwtRefusal } => ({
  refusal: {
    status: 403,
    challenge: `Bearer scope="${scopes.join(' ')}" error="insufficient_scope"`,
    why: `the token has none of the scopes ${scopes.join(', ')}`,
  },
});

/** `client_id` counts only in a token without `aud`. */
const isFor = ({ aud, client_id }: JWTPayload, audience: string[]): boolean =>
  [aud ?? client_id].flat().some((one) => typeof one === 'string' && audience.includes(one));

const scopesOf = ({ scope, scp }: JWTPayload): string[] =>
  [scope ?? scp].flat().flatMap((text) => (typeof text === 'string' ? text.split(' ') : []));

/** The claims as a function gets them: all of them texts, a list as `[one two]`. */
const asTexts = (payload: JWTPayload): Record<string, string> =>
  Object.fromEntries(Object.entries(payload).map(([claim, value]) => [claim, asText(value)]));

const asText = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(asText).join(' ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const pairs = Object.entries(value).map(([key, item]) => `${key}:${asText(item)}`);
  return `map[${pairs.sort().join(' ')}]`;
};

/** Why jose refuses a token, without anything that the token says. */
const reasonOf = (error: unknown): string => {
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'nbf') return 'the token is not valid yet';
    if (error.claim === 'iss') return 'the token does not have a valid issuer';
    return `the token has no valid ${error.claim}`;
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return 'the token is not signed with RS256';
  if (error instanceof errors.JWKSNoMatchingKey) return 'no key of the issuer has this kid';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'the signature is not valid';
  return 'the token cannot be read';
};
