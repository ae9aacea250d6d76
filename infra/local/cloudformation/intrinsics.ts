import { inside, NotUnderstood, type Place } from '../lib/not-understood.ts';

/** What a reference gives; `undefined` where the template has no such resource or attribute. */
export type Scope = {
  ref: (name: string) => string | undefined;
  attribute: (logicalId: string, name: string) => string | undefined;
};

const NO_VALUE = Symbol('AWS::NoValue');

/**
 * Replaces CloudFormation's intrinsic functions in `value` by what they give on this machine.
 *
 * Understood: Ref (resources and AWS::* pseudo parameters, AWS::NoValue included), Fn::GetAtt,
 * Fn::Join, Fn::Sub, Fn::Select, Fn::Split.
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 *
 * @throws NotUnderstood for any other function and for a reference to nothing
 */
export function resolveIntrinsics(value: unknown, scope: Scope, place: Place): unknown {
  const resolved = resolve(value, scope, place);
  return resolved === NO_VALUE ? undefined : resolved;
}

function resolve(value: unknown, scope: Scope, place: Place): unknown {
  if (Array.isArray(value)) {
    return value
      .map((item, index) => resolve(item, scope, inside(place, index)))
      .filter((item) => item !== NO_VALUE);
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only && isFunctionName(only[0])) {
    return call(only[0], only[1], scope, place);
  }
  return Object.fromEntries(
    entries
      .map(([key, item]) => [key, resolve(item, scope, inside(place, key))] as const)
      .filter(([, item]) => item !== NO_VALUE),
  );
}

function isFunctionName(key: string): boolean {
  return key === 'Ref' || key.startsWith('Fn::');
}

function call(name: string, argument: unknown, scope: Scope, place: Place): unknown {
  const here = inside(place, name);
  switch (name) {
    case 'Ref':
      if (argument === 'AWS::NoValue') return NO_VALUE;
      return known(scope.ref(text(argument, here)), argument, here);
    case 'Fn::GetAtt': {
      // Both forms of CloudFormation: ["Id", "Attribute"] and "Id.Attribute".
      const parts = typeof argument === 'string' ? splitOnce(argument) : list(argument, here);
      return attribute(text(parts[0], here), text(parts[1], here), scope, here);
    }
    case 'Fn::Join': {
      const [delimiter, items] = list(argument, here);
      const resolved = list(resolve(items, scope, here), here);
      return resolved.map((item) => text(item, here)).join(text(delimiter, here));
    }
    case 'Fn::Split': {
      const [delimiter, source] = list(argument, here);
      return text(resolve(source, scope, here), here).split(text(delimiter, here));
    }
    case 'Fn::Select': {
      const [index, items] = list(argument, here);
      const chosen = list(resolve(items, scope, here), here)[Number(resolve(index, scope, here))];
      return known(chosen, `element ${String(index)}`, here);
    }
    case 'Fn::Sub':
      return substitute(argument, scope, here);
    default:
      throw new NotUnderstood(place, `the intrinsic function ${name} is not understood`);
  }
}

function substitute(argument: unknown, scope: Scope, here: Place): string {
  const [pattern, variables = {}] =
    typeof argument === 'string' ? [argument] : list(argument, here);
  const own = resolve(variables, scope, here) as Record<string, unknown>;
  return text(pattern, here).replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
    if (literal) return `\${${name}}`;
    if (Object.hasOwn(own, name)) return text(own[name], here);
    const [logicalId = '', attributeName] = splitOnce(name);
    return attributeName === undefined
      ? text(known(scope.ref(name), name, here), here)
      : attribute(logicalId, attributeName, scope, here);
  });
}

function attribute(logicalId: string, name: string, scope: Scope, here: Place): string {
  return known(scope.attribute(logicalId, name), `${logicalId}.${name}`, here);
}

function splitOnce(dotted: string): [string, string | undefined] {
  const dot = dotted.indexOf('.');
  return dot < 0 ? [dotted, undefined] : [dotted.slice(0, dot), dotted.slice(dot + 1)];
}

function known<T>(value: T | undefined, name: unknown, here: Place): T {
  if (value === undefined)
    throw new NotUnderstood(here, `the reference to ${String(name)} leads nowhere`);
  return value;
}

function text(value: unknown, here: Place): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw new NotUnderstood(here, `${JSON.stringify(value)} where a string is expected`);
}

function list(value: unknown, here: Place): unknown[] {
  if (Array.isArray(value)) return value;
  throw new NotUnderstood(here, `${JSON.stringify(value)} where a list is expected`);
}
