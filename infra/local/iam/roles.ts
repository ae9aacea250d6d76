import type { Assembly } from '../cloudformation/assembly.ts';
import { inside, NotUnderstood, type Place } from '../lib/not-understood.ts';
import { decide, readStatements, type Statement, trusts } from './policy.ts';

/** A role of the template with everything that it allows and denies. */
export type RoleModel = { name: string; arn: string; statements: Statement[] };

/** @throws NotUnderstood for a role that is not of this template, or that `service` cannot assume. */
export function readRole(
  assembly: Assembly,
  arn: string,
  service: 'lambda.amazonaws.com' | 'states.amazonaws.com',
  place: Place,
): RoleModel {
  const role = assembly.ofType('AWS::IAM::Role').find(({ attributes }) => attributes.Arn === arn);
  if (!role) throw new NotUnderstood(place, `${arn}, which is no role of this template`);
  const trust = inside(role.place, 'AssumeRolePolicyDocument');
  if (!trusts(role.properties.AssumeRolePolicyDocument, service, trust)) {
    throw new NotUnderstood(
      trust,
      `a role that ${service} cannot assume`,
      `Its trust policy must allow sts:AssumeRole to the service ${service}.`,
    );
  }
  const policies: { PolicyDocument: unknown }[] = role.properties.Policies ?? [];
  const statements = policies.flatMap(({ PolicyDocument }, index) =>
    readStatements(PolicyDocument, inside(inside(role.place, 'Policies'), index)),
  );
  return { name: role.name, arn, statements };
}

/**
 * What a service itself does with the role. No request on this machine would show it.
 * @param place where the role is referred to
 * @param otherwise what AWS does without the grant
 * @throws NotUnderstood at the first action that the role does not allow
 */
export function checkGrants(
  role: RoleModel,
  needed: [action: string, resource: string][],
  place: Place,
  otherwise: string,
): void {
  for (const [action, resource] of needed) {
    if (decide(role.statements, action, resource).allowed) continue;
    throw new NotUnderstood(
      place,
      `${role.name} does not allow ${action} on ${resource}`,
      `${otherwise}: grant it.`,
    );
  }
}
