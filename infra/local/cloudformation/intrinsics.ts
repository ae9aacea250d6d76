import { inside, NotUnderstood, type Place } from '../lib/not-understood.ts';

/** What a reference gives; `undefined` where the template has no such resource or attribute. */
export type Scope = {
  ref: (name: string) => string | undefined;
  attribute: (logicalId: string, name: string) => string | undefined;
};

/**
 * Replaces CloudFormation's intrinsic functions in `value` by what they give on this machine.
 *
 * It understands what CDK writes: Ref (resources and AWS::* pseudo parameters), Fn::GetAtt,
 * Fn::Join, and Fn::Sub of a text alone.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 *
 * @throws NotUnderstood for any other function and for a reference to nothing
 */
export function resolveIntrinsics(value: unknown, scope: Scope, place: Place): unknown {
  if (Array.isArray(value)) {
    return value.map((item, index) => resolveIntrinsics(item, scope, inside(place, index)));
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [[name, argument] = ['', undefined], ...others] = entries;
  if (others.length === 0 && (name === 'Ref' || name.startsWith('Fn::'))) {
    return call(name, argument, scope, place);
  }
  return Object.fromEntries(
    entries.map(([key, item]) => [key, resolveIntrinsics(item, scope, inside(place, key))]),
  );
}

function call(name: string, argument: unknown, scope: Scope, place: Place): string {
  const here = inside(place, name);
  switch (name) {
    case 'Ref':
      return known(scope.ref(text(argument, here)), argument, here);
    case 'Fn::GetAtt': {
      const [logicalId, attribute] = list(argument, here).map((part) => text(part, here));
      return known(
        scope.attribute(logicalId ?? '', attribute ?? ''),
        `${logicalId}.${attribute}`,
        here,
      );
    }
    case 'Fn::Join': {
      const [delimiter, items] = list(argument, here);
      const resolved = list(resolveIntrinsics(items, scope, here), here);
      return resolved.map((item) => text(item, here)).join(text(delimiter, here));
    }
    case 'Fn::Sub':
      return text(argument, here).replace(/\$\{([^}]*)\}/g, (_, reference: string) =>
        known(scope.ref(reference), reference, here),
      );
    default:
      throw new NotUnderstood(place, `the intrinsic function ${name} is not understood`);
  }
}

function known(value: string | undefined, reference: unknown, here: Place): string {
  if (value !== undefined) return value;
  throw new NotUnderstood(here, `the reference to ${String(reference)} leads nowhere`);
}

function text(value: unknown, here: Place): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw new NotUnderstood(here, `${JSON.stringify(value)} where a string is expected`);
}

function list(value: unknown, here: Place): unknown[] {
  if (Array.isArray(value)) return value;
  throw new NotUnderstood(here, `${JSON.stringify(value)} where a list is expected`);
}
