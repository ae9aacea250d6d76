import { describe, expect, test } from 'vitest';
import { readDefinition } from '../../infra/local/step-functions/api/definition.ts';
import type { State } from '../../infra/local/step-functions/model.ts';
import { functionArn, pass, place, read, task } from './machine.ts';

const done: State = { Type: 'Succeed' };
const choice = (rule: object) => ({
  A: { Type: 'Choice', Choices: [{ Next: 'B', ...rule }], Default: 'B' } as State,
  B: done,
});
const map = (fields: object): State => ({
  Type: 'Map',
  ItemProcessor: { StartAt: 'I', States: { I: pass({}) } },
  End: true,
  ...fields,
});
const retry = (fields: object) => task({ End: true, Retry: [{ ErrorEquals: ['E'], ...fields }] });
const resource = (name: string, Arguments: object = {}) =>
  task({ Resource: `arn:aws:states:::${name}`, Arguments, End: true });

const refusals: [string, () => unknown, RegExp][] = [
  [
    'JSONPath',
    () => read({ A: pass({}) }, { QueryLanguage: 'JSONPath' }),
    /DefinitionString\.QueryLanguage: only "JSONata" is understood/,
  ],
  [
    'no query language, which would be JSONPath',
    () => read({ A: pass({}) }, { QueryLanguage: undefined }),
    /DefinitionString\.QueryLanguage: only "JSONata" is understood/,
  ],
  [
    'JSONPath of one state',
    () => read({ A: pass({ QueryLanguage: 'JSONPath' }) }),
    /States\.A\.QueryLanguage: only "JSONata"/,
  ],
  ...['InputPath', 'OutputPath', 'ResultPath', 'Parameters', 'ResultSelector', 'Result'].map(
    (field): [string, () => unknown, RegExp] => [
      `${field}, which belongs to JSONPath`,
      () => read({ A: pass({ [field]: '$' }) }),
      new RegExp(`States\\.A\\.${field}: this field is not understood`),
    ],
  ),
  [
    'a Parallel',
    () => read({ A: { Type: 'Parallel' as 'Pass', Branches: [], End: true } }),
    /States\.A\.Type: Parallel is not understood/,
  ],
  [
    'credentials of another account',
    () => read({ A: task({ Credentials: { RoleArn: 'arn:aws:iam::1:role/x' }, End: true }) }),
    /States\.A\.Credentials: this field/,
  ],
  [
    'another service',
    () => read({ A: resource('sqs:sendMessage') }),
    /States\.A\.Resource: arn:aws:states:::sqs:sendMessage is not understood, only arn:aws:states:::lambda:invoke,/,
  ],
  [
    'a function without the service integration',
    () => read({ A: task({ Resource: functionArn, End: true }) }),
    /States\.A\.Resource: arn:aws:lambda:.* is not understood/,
  ],
  [
    'a function that is not in the template',
    () => read({ A: resource('lambda:invoke', { FunctionName: `${functionArn}2`, Payload: {} }) }),
    /States\.A\.Arguments\.FunctionName: .*Stack-task2" is not the ARN of a function/,
  ],
  [
    'an asynchronous invocation',
    () =>
      read({
        A: resource('lambda:invoke', {
          FunctionName: functionArn,
          Payload: {},
          InvocationType: 'Event',
        }),
      }),
    /States\.A\.Arguments\.InvocationType: this argument/,
  ],
  [
    'a call without a function',
    () => read({ A: resource('lambda:invoke', { Payload: {} }) }),
    /States\.A\.Arguments\.FunctionName: missing/,
  ],
  [
    'a nested execution with a trace header',
    () => read({ A: resource('states:startExecution.sync:2', { TraceHeader: 'x' }) }),
    /States\.A\.Arguments\.TraceHeader: this argument/,
  ],
  [
    'events for an endpoint of several regions',
    () => read({ A: resource('events:putEvents', { Entries: [], EndpointId: 'x' }) }),
    /States\.A\.Arguments\.EndpointId: this argument/,
  ],
  [
    'a distributed Map',
    () => {
      const ItemProcessor = {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'I',
        States: { I: pass({}) },
      };
      return read({ A: map({ ItemProcessor }) });
    },
    /States\.A\.ItemProcessor\.ProcessorConfig: only \{"Mode": "INLINE"\}/,
  ],
  [
    'items from a bucket',
    () => read({ A: map({ ItemReader: {} }) }),
    /States\.A\.ItemReader: this field/,
  ],
  [
    'tolerated failures',
    () => read({ A: map({ ToleratedFailureCount: 1 }) }),
    /States\.A\.ToleratedFailureCount: this field/,
  ],
  [
    'a field deep in a Map',
    () => {
      const States = { I: pass({ InputPath: '$' }) };
      return read({ A: map({ ItemProcessor: { StartAt: 'I', States } }) });
    },
    /States\.A\.ItemProcessor\.States\.I\.InputPath: this field/,
  ],
  [
    'a comparison of JSONPath in a choice',
    () => read(choice({ Variable: '$.a', IsNull: true })),
    /States\.A\.Choices\.0\.Variable: this field/,
  ],
  [
    'a result path in a catcher',
    () =>
      read({
        A: task({ End: true, Catch: [{ ErrorEquals: ['E'], ResultPath: '$.a', Next: 'B' }] }),
        B: done,
      }),
    /States\.A\.Catch\.0\.ResultPath: this field/,
  ],
  [
    'an unknown field in a retrier',
    () => read({ A: retry({ Limit: 3 }) }),
    /States\.A\.Retry\.0\.Limit: this field/,
  ],
  [
    'an error that never occurs',
    () => read({ A: retry({ ErrorEquals: ['States.Permissions'] }) }),
    /States\.A\.Retry\.0\.ErrorEquals: States\.Permissions does not occur here/,
  ],
  [
    'an error that nothing can catch',
    () =>
      read({
        A: task({ End: true, Catch: [{ ErrorEquals: ['States.Runtime'], Next: 'B' }] }),
        B: done,
      }),
    /States\.A\.Catch\.0\.ErrorEquals: States\.Runtime does not occur here/,
  ],
  ...(
    [
      ['JitterStrategy', 'HALF', /not "FULL" or "NONE"/],
      ['IntervalSeconds', 0, /not a whole number from 1/],
      ['IntervalSeconds', 1.5, /not a whole number from 1/],
      ['MaxDelaySeconds', '9', /not a whole number from 1/],
      ['MaxAttempts', -1, /not a whole number from 0/],
      ['BackoffRate', 0.5, /not a number from 1/],
      ['ErrorEquals', [], /no error/],
      ['ErrorEquals', ['States.ALL', 'E'], /States\.ALL stands alone, and at the end/],
    ] as const
  ).map(([field, value, message]): [string, () => unknown, RegExp] => [
    `${field} ${JSON.stringify(value)} in a retrier`,
    () => read({ A: retry({ [field]: value }) }),
    new RegExp(`States\\.A\\.Retry\\.0\\.${field}: ${message.source}`),
  ]),
  [
    'a catcher after the one for all errors',
    () => {
      const to = (name: string) => ({ ErrorEquals: [name], Next: 'B' });
      return read({ A: task({ End: true, Catch: [to('States.ALL'), to('E')] }), B: done });
    },
    /States\.A\.Catch\.0\.ErrorEquals: States\.ALL stands alone, and at the end/,
  ],
  [
    'heartbeats that may come after the time-out',
    () => read({ A: task({ End: true, TimeoutSeconds: 5, HeartbeatSeconds: 5 }) }),
    /States\.A\.HeartbeatSeconds: not shorter than TimeoutSeconds/,
  ],
  [
    'a way out of a Map',
    () => {
      const ItemProcessor = { StartAt: 'I', States: { I: { Type: 'Pass', Next: 'B' } } };
      return read({ A: map({ ItemProcessor }), B: done });
    },
    /States\.A\.ItemProcessor\.States\.I\.Next: B is not a state of this Map/,
  ],
  [
    'a Map that begins outside itself',
    () => read({ A: map({ ItemProcessor: { StartAt: 'B', States: { I: pass({}) } } }), B: done }),
    /States\.A\.ItemProcessor\.StartAt: B is not a state of this Map/,
  ],
  [
    'a name of 81 characters',
    () => read({ ['x'.repeat(81)]: pass({}) }),
    /a name of more than 80 characters/,
  ],
];

const expressions: [string, string, RegExp][] = [
  ['an expression that does not end', '{% $states.input', /an expression begins with \{% and ends/],
  ['an expression with a space before it', ' {% 1 %}', /an expression begins with \{% and ends/],
  ['what is not JSONata', '{% 1 + %}', /not JSONata: /],
  ['$eval', "{% $eval('1') %}", /\$eval is not understood: use \$parse/],
  ['$eval by another name', '{% ($e := $eval; $e("1")) %}', /\$eval is not understood/],
  ['$ at the top', '{% $.a %}', /\$ has no value here: use \$states\.input/],
  ['$$ at the top', '{% $$ %}', /\$\$ has no value here/],
  ['a field name at the top', '{% order.id %}', /order has no value here: use \$states\.input/],
  ['a field name in an argument', '{% $count(order) %}', /order has no value here/],
  ['a wildcard at the top', '{% *.id %}', /\* has no value here/],
  [
    'a result before there is one',
    '{% $states.result.a %}',
    /\$states\.result has no value in this field/,
  ],
  [
    'an error where nothing failed',
    '{% $states.errorOutput %}',
    /\$states\.errorOutput has no value/,
  ],
  ['another member of $states', '{% $states.Input %}', /\$states\.Input has no value/],
];

describe('a definition is refused, and the state and field named, for', () => {
  test.each(refusals)('%s', (_, definition, message) => {
    expect(definition).toThrow(message);
  });

  test.each(expressions)('%s', (_, Output, message) => {
    expect(() => read({ A: pass({ Output: { in: [Output] } }) })).toThrow(
      new RegExp(`States\\.A\\.Output\\.in\\.0: ${message.source}`),
    );
  });

  test.each(['states', '1st', 'a-b', '', 'x'.repeat(81)])('the variable %j', (name) => {
    expect(() => read({ A: pass({ Assign: { [name]: 1 } }) })).toThrow(/not a variable’s name/);
  });

  test('a variable of a Map that the states around it assign too', () => {
    const ItemProcessor = { StartAt: 'I', States: { I: pass({ Assign: { x: 1 } }) } };
    expect(() =>
      read({ A: pass({ Assign: { x: 1 }, Next: 'B' }), B: map({ ItemProcessor }) }),
    ).toThrow(/ItemProcessor\.States\.I\.Assign\.x: the states around this Map assign/);
  });

  test.each([
    ['a state that is not there', { A: { Type: 'Pass', Next: 'B' } }, /MISSING_TRANSITION_TARGET/],
    ['a state without an end', { A: { Type: 'Pass' } }, /MISSING_TERMINAL_STATE/],
    ['a state that nothing leads to', { A: pass({}), B: pass({}) }, /UNREACHABLE|B/],
  ])('%s, by the second opinion', (_, States, code) => {
    const text = JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'A', States });
    expect(() => readDefinition(text, [], place)).toThrow(code);
  });

  test.each(['{', '', '1', 'null', '"text"'])('the text %j', (text) => {
    expect(() => readDefinition(text, [], place)).toThrow(/a definition that is not a JSON object/);
  });

  test.each([
    { States: null },
    { States: { A: null } },
    { States: { A: { Type: 'Choice', Choices: 1 } } },
    { States: { A: { Type: 'Task', Catch: [null] } } },
    { States: { A: { Type: 'Map', ItemProcessor: { States: [] } } } },
    { States: { A: { Type: 'Pass', Assign: null, End: true } } },
  ])('what has another shape: %j', (fields) => {
    const text = JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'A', ...fields });
    expect(() => readDefinition(text, [], place)).toThrow(/^The local run stops at Workflow/);
  });
});

describe('an expression may', () => {
  test.each([
    ['have a context of its own in a filter', '{% $states.input.list[$ = 1 and a > 2].b %}'],
    ['name fields along a path', '{% $states.input.a.b.c %}'],
    ['sort, group and reshape', "{% $states.input.list^(>a){b: c}.{'d': $} %}"],
    ['use functions of its own', '{% $map($states.input.list, function($v, $i) { $v.a + $i }) %}'],
    ['bind variables', '{% ($a := 1; $b := $a + 1; $a + $b) %}'],
    ['transform', "{% $states.input ~> |list|{'a': b}| %}"],
    ['see the context', '{% $states.context.Execution.Name %}'],
  ])('%s', (_, Output) => {
    expect(() => read({ A: pass({ Output }) })).not.toThrow();
  });

  test.each([
    ['the result', 'Output', '{% $states.result %}'],
    ['the result', 'Assign', { r: '{% $states.result %}' }],
  ])('see %s in %s of a Task', (_, field, value) => {
    expect(() => read({ A: task({ [field]: value, End: true }) })).not.toThrow();
  });

  test('see the error in a catcher', () => {
    const Output = '{% $states.errorOutput %}';
    const Catch = [{ ErrorEquals: ['E'], Output, Next: 'B' }];
    expect(() => read({ A: task({ End: true, Catch }), B: done })).not.toThrow();
  });
});

test.each([
  ['an expression of several lines', '{% (\n  $x := 1;\n  $x\n) %}'],
  ['an expression without blanks', '{%1%}'],
  ['a text', 'plain'],
  ['a number', 5],
  ['null', null],
  ['lists in a list', [[1], ['{% 2 %}']]],
])('an output may be %s, whatever the second opinion thinks of it', (_, Output) => {
  const States = { Output: pass({ Output, Assign: { matrix: [[1], [2]] } }) };
  const text = JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'Output', States });
  expect(readDefinition(text, [], place)).toEqual(JSON.parse(text));
});

test('a definition with every field that there is, is read as it is', () => {
  const handlers = {
    Retry: [
      {
        Comment: 'c',
        ErrorEquals: ['States.Timeout', 'Mine'],
        IntervalSeconds: 1,
        BackoffRate: 1.5,
        MaxAttempts: 2,
        MaxDelaySeconds: 9,
        JitterStrategy: 'FULL',
      },
    ],
    Catch: [
      {
        Comment: 'c',
        ErrorEquals: ['States.ALL'],
        Assign: { e: '{% $states.errorOutput %}' },
        Output: '{% $states.input %}',
        Next: 'F',
      },
    ],
  };
  const on = { Comment: 'c', Assign: { x: 1 }, Output: '{% $states.input %}' };
  const definition = {
    Comment: 'c',
    QueryLanguage: 'JSONata',
    Version: '1.0',
    TimeoutSeconds: 60,
    StartAt: 'T',
    States: {
      T: {
        Type: 'Task',
        QueryLanguage: 'JSONata',
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
        Arguments: {
          FunctionName: `${functionArn}:$LATEST`,
          Payload: '{% $states.context.Task.Token %}',
        },
        TimeoutSeconds: '{% 60 %}',
        HeartbeatSeconds: 10,
        ...handlers,
        ...on,
        Next: 'N',
      },
      N: {
        Type: 'Task',
        Resource: 'arn:aws:states:::states:startExecution.sync:2',
        Arguments: { StateMachineArn: 'arn', Name: 'n', Input: {} },
        Next: 'E',
      },
      E: {
        Type: 'Task',
        Resource: 'arn:aws:states:::events:putEvents',
        Arguments: { Entries: [] },
        Next: 'M',
      },
      M: {
        Type: 'Map',
        Items: '{% [1] %}',
        ItemSelector: { i: '{% $states.context.Map.Item.Value %}' },
        MaxConcurrency: 2,
        ItemProcessor: {
          ProcessorConfig: { Mode: 'INLINE' },
          StartAt: 'I',
          States: { I: { Type: 'Pass', End: true } },
        },
        ...handlers,
        ...on,
        Next: 'W',
      },
      W: { Type: 'Wait', Seconds: 1, ...on, Next: 'U' },
      U: { Type: 'Wait', Timestamp: '2025-11-23T03:00:00Z', Next: 'P' },
      P: { Type: 'Pass', ...on, Next: 'C' },
      C: {
        Type: 'Choice',
        Choices: [{ Condition: '{% true %}', ...on, Next: 'S' }],
        Default: 'S',
        ...on,
      },
      S: { Type: 'Succeed', Comment: 'c', Output: '{% 1 %}' },
      F: { Type: 'Fail', Comment: 'c', Error: 'Mine', Cause: '{% $states.input.Cause %}' },
    },
  };
  expect(readDefinition(JSON.stringify(definition), [functionArn], place)).toEqual(definition);
});
