import { inside, type Place } from '../lib/not-understood.ts';
import type { State } from './definition.ts';
import { checkPath } from './paths.ts';
import { refuse } from './refuse.ts';

/** A rule of a Choice state, or one inside another. */
export type ChoiceRule = { Next?: string } & Record<string, unknown>;

const TYPE_TESTS = ['IsBoolean', 'IsNull', 'IsNumeric', 'IsPresent', 'IsString', 'IsTimestamp'];

/**
 * The comparisons that are understood, with the type that their variable must have. AWS says no to any
 * other; the interpreter would convert it, and find `"5"` or null less than 7.
 */
const COMPARISONS: Record<string, string> = {
  BooleanEquals: 'IsBoolean',
  NumericEquals: 'IsNumeric',
  NumericGreaterThan: 'IsNumeric',
  NumericGreaterThanEquals: 'IsNumeric',
  NumericLessThan: 'IsNumeric',
  NumericLessThanEquals: 'IsNumeric',
  StringEquals: 'IsString',
  StringGreaterThan: 'IsString',
  StringGreaterThanEquals: 'IsString',
  StringLessThan: 'IsString',
  StringLessThanEquals: 'IsString',
  TimestampEquals: 'IsTimestamp',
  TimestampGreaterThan: 'IsTimestamp',
  TimestampGreaterThanEquals: 'IsTimestamp',
  TimestampLessThan: 'IsTimestamp',
  TimestampLessThanEquals: 'IsTimestamp',
};

/** @throws NotUnderstood for a comparison that the interpreter would decide otherwise than AWS */
export function checkChoice(state: State, place: Place): void {
  checkRules(state.Choices, inside(place, 'Choices'));
}

function checkRules(rules: ChoiceRule[], place: Place): void {
  for (const [index, rule] of rules.entries()) checkRule(rule, inside(place, index));
}

function checkRule(rule: ChoiceRule, place: Place): void {
  for (const [field, value] of Object.entries(rule)) {
    const here = inside(place, field);
    if (field === 'And' || field === 'Or') checkRules(value as ChoiceRule[], here);
    else if (field === 'Not') checkRule(value as ChoiceRule, here);
    else if (field === 'Variable') checkPath(value, here);
    else if (!isComparison(field) && field !== 'Next' && field !== 'Comment') {
      refuse(here, 'this comparison is not understood');
    }
  }
}

function isComparison(field: string): boolean {
  return field in COMPARISONS || TYPE_TESTS.includes(field);
}

/**
 * The same rule for the interpreter, which takes a type test with `false` for one that never holds,
 * and does not look at types when it compares.
 */
export function preparedRule({ Next, ...rule }: ChoiceRule): ChoiceRule {
  return { ...prepared(rule), ...(Next !== undefined && { Next }) };
}

function prepared(rule: ChoiceRule): ChoiceRule {
  const { And, Or, Not, Variable } = rule;
  if (And) return { And: (And as ChoiceRule[]).map(prepared) };
  if (Or) return { Or: (Or as ChoiceRule[]).map(prepared) };
  if (Not) return { Not: prepared(Not as ChoiceRule) };
  const comparison = Object.keys(rule).find(isComparison) as string;
  const type = COMPARISONS[comparison];
  if (type)
    return {
      And: [
        { Variable, [type]: true },
        { Variable, [comparison]: rule[comparison] },
      ],
    };
  const test = { Variable, [comparison]: true };
  return rule[comparison] ? test : { Not: test };
}
