import { randomBytes } from 'node:crypto';
import { LOCAL_ACCOUNT } from '../lib/account.ts';
import type { Principal } from '../lib/principal.ts';
import { decide } from './policy.ts';
import type { RoleModel } from './roles.ts';

export type Principals = {
  /** All principals by access key id. */
  byKey: ReadonlyMap<string, Principal>;
  /** The variables through which a function's SDK finds the function's own credentials. */
  environmentOf: (functionName: string) => Record<string, string>;
};

/**
 * The operator (access key and secret `local`, may do everything) and one session of its own role
 * for each function, as Lambda makes it: the session's name is the function's.
 */
export function createPrincipals(
  functions: readonly { name: string; role: RoleModel }[],
): Principals {
  const operator: Principal = {
    accessKeyId: 'local',
    secretAccessKey: 'local',
    arn: `arn:aws:iam::${LOCAL_ACCOUNT}:user/local`,
    userId: 'AIDALOCALOPERATOR0000',
    decide: () => ({ allowed: true }),
  };
  const sessions = new Map(functions.map((model) => [model.name, session(model)]));
  const all = [operator, ...sessions.values()];
  return {
    byKey: new Map(all.map((principal) => [principal.accessKeyId, principal])),
    environmentOf: (functionName) => {
      const { accessKeyId, secretAccessKey, sessionToken } = sessions.get(functionName) as Session;
      return {
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_SESSION_TOKEN: sessionToken,
      };
    },
  };
}

type Session = Principal & { sessionToken: string };

/**
 * A session of a role, as a service that assumed the role has it.
 * @param name the session's name, which says what it is for
 */
export function session({ name, role }: { name: string; role: RoleModel }): Session {
  return {
    accessKeyId: `ASIA${randomId(16)}`,
    secretAccessKey: randomBytes(30).toString('base64'),
    sessionToken: randomBytes(96).toString('base64'),
    arn: `arn:aws:sts::${LOCAL_ACCOUNT}:assumed-role/${role.name}/${name}`,
    userId: `AROA${randomId(16)}:${name}`,
    decide: (action, resource, keys) => decide(role.statements, action, resource, keys),
  };
}

function randomId(length: number): string {
  return randomBytes(length).toString('hex').toUpperCase().slice(0, length);
}
