import { inside, NotUnderstood, type Place } from '../lib/not-understood.ts';
import type { Decision } from '../lib/principal.ts';

/** One statement of an identity-based policy, in its normal form. */
export type Statement = {
  effect: 'Allow' | 'Deny';
  actions: string[];
  resources: string[];
  /**
   * Patterns of `dynamodb:LeadingKeys`. Every partition key of the request has to match one of
   * them.
   */
  leadingKeys?: string[];
};

/**
 * Reads the statements of a policy document.
 * @throws NotUnderstood for everything that would change the decision but is not evaluated here:
 *   every Condition but the one on DynamoDB's partition keys, NotAction, NotResource, policy
 *   variables
 */
export function readStatements(document: unknown, place: Place): Statement[] {
  return many((document as Record<string, unknown>).Statement).map((statement, index) => {
    const here = inside(inside(place, 'Statement'), index);
    const {
      Sid: _,
      Effect,
      Action,
      Resource,
      Condition,
      ...others
    } = statement as Record<string, unknown>;
    const [other] = Object.keys(others);
    if (other)
      throw new NotUnderstood(
        inside(here, other),
        'this element of a policy statement is not understood',
      );
    if (Effect !== 'Allow' && Effect !== 'Deny') {
      throw new NotUnderstood(
        inside(here, 'Effect'),
        `${JSON.stringify(Effect)} is not understood`,
      );
    }
    const leadingKeys = readCondition(Condition, inside(here, 'Condition'));
    return {
      effect: Effect,
      actions: strings(Action, inside(here, 'Action')),
      resources: strings(Resource, inside(here, 'Resource')),
      ...(leadingKeys && { leadingKeys }),
    };
  });
}

const KEY = 'dynamodb:LeadingKeys';

/**
 * The only condition that is evaluated here: which items of a table, by their partition key.
 * Without its second half, it would hold for requests that name no item.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
function readCondition(condition: unknown, place: Place): string[] | undefined {
  if (condition === undefined) return undefined;
  const { 'ForAllValues:StringLike': like, Null, ...others } = condition as Record<string, unknown>;
  const [other] = Object.keys(others);
  const { [KEY]: patterns, ...otherKeys } = (like ?? {}) as Record<string, unknown>;
  const [otherKey] = Object.keys(otherKeys);
  const isComplete = patterns !== undefined && JSON.stringify(Null) === `{"${KEY}":"false"}`;
  if (other !== undefined || otherKey !== undefined || !isComplete) {
    throw new NotUnderstood(
      inside(place, other ?? otherKey ?? (patterns ? 'Null' : 'ForAllValues:StringLike')),
      `of conditions only ForAllValues:StringLike on ${KEY} is understood, with Null of it "false"`,
    );
  }
  return strings(patterns, inside(place, KEY));
}

/**
 * Decides as IAM does for identity-based policies alone: an explicit Deny wins, then any Allow, else no.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 * @param action such as `dynamodb:GetItem`, compared without regard to case
 * @param resource an ARN, compared exactly
 * @param keys the partition keys that the request names; undefined if it names none
 */
export function decide(
  statements: Statement[],
  action: string,
  resource: string,
  keys?: readonly string[],
): Decision {
  const applying = statements.filter(
    ({ actions, resources, leadingKeys }) =>
      actions.some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
      resources.some((pattern) => matches(pattern, resource)) &&
      (!leadingKeys || keys?.every((key) => leadingKeys.some((pattern) => matches(pattern, key)))),
  );
  if (applying.some(({ effect }) => effect === 'Deny')) {
    return { allowed: false, reason: 'with an explicit deny in an identity-based policy' };
  }
  if (applying.length > 0) return { allowed: true };
  return { allowed: false, reason: `because no identity-based policy allows the ${action} action` };
}

/** IAM's wildcards, as in ArnLike: `*` is any run of characters, `?` exactly one. */
export function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

/**
 * May a service, such as `lambda.amazonaws.com`, assume a role with this trust policy?
 * @throws NotUnderstood for a statement that does more than allow services
 */
export function trusts(document: unknown, service: string, place: Place): boolean {
  return many((document as Record<string, unknown>).Statement).some((statement, index) => {
    const here = inside(inside(place, 'Statement'), index);
    const { Sid: _, Effect, Action, Principal, ...others } = statement as Record<string, unknown>;
    const [other] = Object.keys(others);
    if (other)
      throw new NotUnderstood(
        inside(here, other),
        'this element of a trust policy is not understood',
      );
    if (Effect !== 'Allow')
      throw new NotUnderstood(
        inside(here, 'Effect'),
        `${JSON.stringify(Effect)} is not understood`,
      );
    const services = many((Principal as Record<string, unknown> | undefined)?.Service);
    return many(Action).includes('sts:AssumeRole') && services.includes(service);
  });
}

function many(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

function strings(value: unknown, place: Place): string[] {
  const items = many(value);
  if (!items.every((item) => typeof item === 'string')) {
    throw new NotUnderstood(place, `${JSON.stringify(value)} where strings are expected`);
  }
  const variable = items.find((item) => item.includes('${'));
  if (variable === undefined) return items;
  throw new NotUnderstood(place, `the variable in ${variable} is not understood`);
}
