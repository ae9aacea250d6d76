import { describe, expect, test } from 'vitest';
import { resolveIntrinsics } from '../../infra/local/cloudformation/intrinsics.ts';

const place = { logicalId: 'Thing', type: 'AWS::Some::Thing', path: 'Properties' };
const names: Record<string, string> = { Table: 'the-table', 'AWS::Region': 'us-east-1' };
const attributes: Record<string, string> = {
  'Table.Arn': 'arn:table',
};
const resolve = (value: unknown) =>
  resolveIntrinsics(
    value,
    { ref: (name) => names[name], attribute: (id, name) => attributes[`${id}.${name}`] },
    place,
  );

describe('resolved is', () => {
  test.each([
    ['a Ref to a resource', { Ref: 'Table' }, 'the-table'],
    ['a Ref to a pseudo parameter', { Ref: 'AWS::Region' }, 'us-east-1'],
    ['Fn::GetAtt', { 'Fn::GetAtt': ['Table', 'Arn'] }, 'arn:table'],
    ['Fn::Join', { 'Fn::Join': ['-', ['a', { Ref: 'Table' }]] }, 'a-the-table'],
    ['Fn::Sub', { 'Fn::Sub': `\${Table}/\${AWS::Region}` }, 'the-table/us-east-1'],
    ['what is deep inside', { a: [{ b: { Ref: 'Table' } }] }, { a: [{ b: 'the-table' }] }],
    ['plain data, as it is', { a: 1, b: [true, null, 'x'] }, { a: 1, b: [true, null, 'x'] }],
  ])('%s', (_, value, expected) => {
    expect(resolve(value)).toEqual(expected);
  });
});

describe('refused and named is', () => {
  test.each([
    [
      'another function',
      { a: { 'Fn::ImportValue': 'x' } },
      /Thing \(AWS::Some::Thing\), Properties\.a: the intrinsic function Fn::ImportValue/,
    ],
    [
      'a condition',
      { a: { 'Fn::If': ['c', 1, 2] } },
      /Properties\.a: the intrinsic function Fn::If/,
    ],
    ['a Ref to nothing', { Ref: 'Gone' }, /Properties\.Ref: the reference to Gone/],
    [
      'an attribute that is not known',
      { 'Fn::GetAtt': ['Table', 'StreamArn'] },
      /Table\.StreamArn/,
    ],
    ['a name in Fn::Sub that is not known', { 'Fn::Sub': `\${Gone}` }, /the reference to Gone/],
    ['a literal in Fn::Sub', { 'Fn::Sub': `\${!Kept}` }, /the reference to !Kept/],
    ['Fn::Sub with variables', { 'Fn::Sub': ['a', { b: 'c' }] }, /where a string is expected/],
    [
      'AWS::NoValue',
      { a: { Ref: 'AWS::NoValue' } },
      /Properties\.a\.Ref: the reference to AWS::No/,
    ],
  ])('%s', (_, value, message) => {
    expect(() => resolve(value)).toThrow(message);
  });
});
