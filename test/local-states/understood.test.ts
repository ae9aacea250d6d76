import { describe, expect, test } from 'vitest';
import { readDefinition, type State } from '../../infra/local/states/definition.ts';
import { functionArn, place, read, task } from './machine.ts';

const pass = (fields: object): State => ({ Type: 'Pass', End: true, ...fields });
const choice = (rule: object) => ({
  A: { Type: 'Choice', Choices: [{ Variable: '$.a', ...rule, Next: 'B' }], Default: 'B' } as State,
  B: { Type: 'Succeed' } as State,
});
const retry = (fields: object) => task({ End: true, Retry: [{ ErrorEquals: ['E'], ...fields }] });

const refusals: [string, () => unknown, RegExp][] = [
  [
    'JSONata',
    () => read({ A: pass({}) }, { QueryLanguage: 'JSONata' }),
    /DefinitionString\.QueryLanguage: "JSONata" is not understood/,
  ],
  [
    'JSONata of one state',
    () => read({ A: { Type: 'Pass', QueryLanguage: 'JSONata', End: true } }),
    /States\.A\.QueryLanguage: "JSONata" is not understood/,
  ],
  ['variables', () => read({ A: pass({ Assign: { x: 1 } }) }), /States\.A\.Assign: this field/],
  [
    'a Map',
    () =>
      read({
        A: {
          Type: 'Map' as 'Pass',
          ItemProcessor: { StartAt: 'B', States: { B: pass({}) } },
          End: true,
        },
      }),
    /States\.A\.Type: Map is not understood/,
  ],
  [
    'a Parallel',
    () =>
      read({
        A: {
          Type: 'Parallel' as 'Pass',
          Branches: [{ StartAt: 'B', States: { B: pass({}) } }],
          End: true,
        },
      }),
    /States\.A\.Type: Parallel is not understood/,
  ],
  [
    'a heartbeat',
    () => read({ A: task({ HeartbeatSeconds: 5, TimeoutSeconds: 9, End: true }) }),
    /States\.A\.HeartbeatSeconds: this field/,
  ],
  [
    'a time-out out of the input',
    () => read({ A: task({ TimeoutSecondsPath: '$.a', End: true }) }),
    /States\.A\.TimeoutSecondsPath: this field/,
  ],
  [
    'credentials of another account',
    () => read({ A: task({ Credentials: { RoleArn: 'arn:aws:iam::1:role/x' }, End: true }) }),
    /States\.A\.Credentials: this field/,
  ],
  [
    'a task token',
    () =>
      read({ A: task({ Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken', End: true }) }),
    /States\.A\.Resource: .*waitForTaskToken is not understood, only arn:aws:states:::lambda:invoke/,
  ],
  [
    'another service',
    () => read({ A: task({ Resource: 'arn:aws:states:::sqs:sendMessage', End: true }) }),
    /States\.A\.Resource: arn:aws:states:::sqs:sendMessage/,
  ],
  [
    'a function that is not in the template',
    () =>
      read({
        A: task({ Parameters: { FunctionName: `${functionArn}2`, Payload: {} }, End: true }),
      }),
    /States\.A\.Parameters\.FunctionName: .*Stack-task2", which is no function ARN/,
  ],
  [
    'a function out of the input',
    () => read({ A: task({ Parameters: { 'FunctionName.$': '$.f', Payload: {} }, End: true }) }),
    /States\.A\.Parameters\.FunctionName\.\$: this parameter/,
  ],
  [
    'an asynchronous invocation',
    () =>
      read({
        A: task({
          Parameters: { FunctionName: functionArn, Payload: {}, InvocationType: 'Event' },
          End: true,
        }),
      }),
    /States\.A\.Parameters\.InvocationType: this parameter/,
  ],
  [
    'a call without a payload',
    () => read({ A: task({ Parameters: { FunctionName: functionArn }, End: true }) }),
    /States\.A\.Parameters\.Payload: missing/,
  ],
  [
    'a filter in a path',
    () => read({ A: pass({ InputPath: '$.a[?(@.b)]' }) }),
    /States\.A\.InputPath: the path "\$\.a\[/,
  ],
  [
    'the length of a list in a path',
    () => read({ A: pass({ Parameters: { 'n.$': '$.a.length' } }) }),
    /States\.A\.Parameters\.n\.\$: the path "\$\.a\.length"/,
  ],
  [
    'the state in the context object',
    () => read({ A: pass({ Parameters: { 'n.$': '$$.State.RetryCount' } }) }),
    /States\.A\.Parameters\.n\.\$: the path "\$\$\.State\.RetryCount"/,
  ],
  [
    'a result path into an object',
    () => read({ A: pass({ ResultPath: '$.a.b' }) }),
    /States\.A\.ResultPath: "\$\.a\.b" is not understood/,
  ],
  [
    'a catcher’s result path into an object',
    () =>
      read({
        A: task({ End: true, Catch: [{ ErrorEquals: ['E'], ResultPath: '$.a.b', Next: 'B' }] }),
        B: { Type: 'Succeed' },
      }),
    /States\.A\.Catch\.0\.ResultPath/,
  ],
  [
    'another intrinsic function',
    () => read({ A: pass({ Parameters: { 'x.$': "States.Format('{}', $.a)" } }) }),
    /States\.A\.Parameters\.x\.\$: States\.Format.* only States\.StringToJson/,
  ],
  [
    'an intrinsic function inside another',
    () => read({ A: pass({ Parameters: { 'x.$': 'States.StringToJson(States.UUID())' } }) }),
    /States\.A\.Parameters\.x\.\$: States\.StringToJson\(States/,
  ],
  [
    'an intrinsic function in the payload of a task',
    () =>
      read({
        A: task({
          Parameters: {
            FunctionName: functionArn,
            Payload: { 'x.$': 'States.StringToJson($.a)' },
          },
          End: true,
        }),
      }),
    /States\.A\.Parameters\.Payload\.x\.\$: an intrinsic function/,
  ],
  [
    'a result that counts as none',
    () => read({ A: pass({ Result: 0 }) }),
    /States\.A\.Result: the interpreter ignores the result 0/,
  ],
  [
    'a pattern in a choice',
    () => read(choice({ StringMatches: 'a*' })),
    /States\.A\.Choices\.0\.StringMatches: this comparison/,
  ],
  [
    'a comparison with another path',
    () => read(choice({ NumericEqualsPath: '$.b' })),
    /States\.A\.Choices\.0\.NumericEqualsPath: this comparison/,
  ],
  [
    'a comparison deep in a rule',
    () => {
      const Not = { And: [{ Variable: '$.a', StringMatches: 'a*' }] };
      return read({ A: { Type: 'Choice', Choices: [{ Not, Next: 'B' }] }, B: { Type: 'Succeed' } });
    },
    /States\.A\.Choices\.0\.Not\.And\.0\.StringMatches/,
  ],
  [
    'an error that never occurs',
    () => read({ A: retry({ ErrorEquals: ['States.HeartbeatTimeout'] }) }),
    /States\.A\.Retry\.0\.ErrorEquals: States\.HeartbeatTimeout cannot be handled here/,
  ],
  [
    'States.TaskFailed where there is a time-out, which it does not mean',
    () =>
      read({
        A: task({ End: true, TimeoutSeconds: 5, Retry: [{ ErrorEquals: ['States.TaskFailed'] }] }),
      }),
    /States\.A\.Retry\.0\.ErrorEquals: States\.TaskFailed is not understood beside TimeoutSeconds/,
  ],
  [
    'a retry after more than 24 days',
    () => read({ A: retry({ IntervalSeconds: 60, MaxAttempts: 17 }) }),
    /States\.A\.Retry\.0: the interpreter cannot wait longer/,
  ],
];

describe('a definition is refused, and the state and field named, for', () => {
  test.each(refusals)('%s', (_, definition, message) => {
    expect(definition).toThrow(message);
  });

  test.each([
    ['a state that is not there', { A: { Type: 'Pass', Next: 'B' } }, /MISSING_TRANSITION_TARGET/],
    [
      'a field of another type of state',
      { A: { Type: 'Succeed', Next: 'A' } },
      /SCHEMA_VALIDATION/,
    ],
  ])('%s', (_, States, code) => {
    const text = JSON.stringify({ StartAt: 'A', States });
    expect(() => readDefinition(text, [], place)).toThrow(code);
  });

  test('a text that is no JSON', () => {
    expect(() => readDefinition('{', [], place)).toThrow(/a definition that is no JSON/);
  });
});

test('a long wait between many retries is understood if it has a limit', () => {
  const states = { A: retry({ IntervalSeconds: 5, MaxAttempts: 100, MaxDelaySeconds: 900 }) };
  expect(read(states).States.A?.Retry).toHaveLength(1);
});

test('a definition is read as it is', () => {
  const definition = { StartAt: 'A', States: { A: pass({}) }, TimeoutSeconds: 60 };
  expect(readDefinition(JSON.stringify(definition), [], place)).toEqual(definition);
});
