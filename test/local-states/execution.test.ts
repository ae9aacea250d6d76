import { describe, expect, test, vi } from 'vitest';
import type { State } from '../../infra/local/states/definition.ts';
import { answers, functionArn, over, startMachine, task, throws, types } from './machine.ts';

const done: State = { Type: 'Succeed' };
const pass = (fields: object): State => ({ Type: 'Pass', End: true, ...fields });
const hangs = () => new Promise<never>(() => {});

describe('a task', () => {
  test('calls its function with the payload, and wraps the answer as Lambda’s API', async () => {
    const parameters = { FunctionName: functionArn, Payload: { 'id.$': '$.id', kind: 'x' } };
    const { invoke, run } = startMachine({ A: task({ Parameters: parameters, End: true }) });
    invoke.mockResolvedValue(answers({ ok: true }));
    const { end } = await run({ id: 'i' });
    expect(invoke.mock.calls).toEqual([['Stack-task', '{"id":"i","kind":"x"}']]);
    expect(end).toMatchObject({
      status: 'SUCCEEDED',
      output: { ExecutedVersion: '$LATEST', Payload: { ok: true }, StatusCode: 200 },
    });
  });

  test.each([null, 0, '', false, { a: 1 }])('hands its whole input on: %j', async (input) => {
    const { invoke, run } = startMachine({ A: task({ OutputPath: '$.Payload', End: true }) });
    invoke.mockImplementation(async (_, payload) => answers(JSON.parse(String(payload))));
    expect((await run(input)).end).toMatchObject({ status: 'SUCCEEDED', output: input });
  });

  test('hands on what a path finds, under the function’s version', async () => {
    const FunctionName = `${functionArn}:$LATEST`;
    const statements = [
      { effect: 'Allow', actions: ['lambda:InvokeFunction'], resources: [FunctionName] },
    ];
    const { invoke, run } = startMachine(
      { A: task({ Parameters: { FunctionName, 'Payload.$': '$.a' }, End: true }) },
      {},
      { role: { name: 'r', arn: 'arn:aws:iam::000000000000:role/r', statements } },
    );
    invoke.mockResolvedValue(answers(null));
    await run({ a: [1] });
    expect(invoke.mock.calls).toEqual([['Stack-task', '[1]']]);
  });

  test('calls a plain function ARN with its input, and gives its answer alone', async () => {
    const { invoke, run } = startMachine({ A: { Type: 'Task', Resource: functionArn, End: true } });
    invoke.mockResolvedValue(answers([1]));
    expect((await run({ a: 1 })).end).toMatchObject({ output: [1] });
    expect(invoke.mock.calls).toEqual([['Stack-task', '{"a":1}']]);
  });

  test('puts what is selected of the result into the input', async () => {
    const { invoke, run } = startMachine({
      A: task({ ResultSelector: { 'at.$': '$.Payload.at' }, ResultPath: '$.ticket', End: true }),
    });
    invoke.mockResolvedValue(answers({ at: 'then', more: 1 }));
    expect((await run({ id: 1 })).end).toMatchObject({ output: { id: 1, ticket: { at: 'then' } } });
  });

  test('takes $ for the whole, whatever it is', async () => {
    const whole = { InputPath: '$', OutputPath: '$', ResultPath: '$' };
    const Catch = [{ ErrorEquals: ['E'], ResultPath: '$', Next: 'B' }];
    const { invoke, run } = startMachine({ A: task({ ...whole, Catch, Next: 'B' }), B: done });
    invoke.mockResolvedValue(throws('E'));
    expect((await run(null)).end).toMatchObject({ output: { Error: 'E' } });
    expect(invoke.mock.calls).toEqual([['Stack-task', 'null']]);
  });

  test.each(['$', undefined])('replaces the input at ResultPath %s', async (ResultPath) => {
    const { invoke, run } = startMachine({
      A: { Type: 'Task', Resource: functionArn, End: true, ...(ResultPath && { ResultPath }) },
    });
    invoke.mockResolvedValue(answers({ b: 2 }));
    expect((await run({ a: 1 })).end).toEqual(
      expect.objectContaining({ status: 'SUCCEEDED', output: { b: 2 } }),
    );
  });

  test('ends with States.Timeout when its time is over, also while it waits in line', async () => {
    const { invoke, run } = startMachine({
      A: task({
        TimeoutSeconds: 1,
        Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'B' }],
        End: true,
      }),
      B: done,
    });
    invoke.mockImplementation(hangs);
    const all = await Promise.all(Array.from({ length: 9 }, () => run()));
    for (const { end } of all) {
      expect(end).toMatchObject({ output: { Error: 'States.Timeout', Cause: '' } });
    }
    expect(invoke).toHaveBeenCalledTimes(8);
  });
});

describe('an error', () => {
  const caught = (errors: string[]) =>
    startMachine({
      A: task({
        End: true,
        Catch: [{ ErrorEquals: errors, ResultPath: '$.error', Next: 'B' }],
      }),
      B: done,
    });

  test('of a function is caught by its type, the cause its answer as JSON', async () => {
    const { invoke, run } = caught(['Conflict']);
    invoke.mockResolvedValue(throws('Conflict', 'told'));
    expect((await run({ id: 1 })).end).toMatchObject({
      output: {
        id: 1,
        error: {
          Error: 'Conflict',
          Cause: '{"errorType":"Conflict","errorMessage":"told","trace":[]}',
        },
      },
    });
  });

  test('without a type is Lambda.Unknown', async () => {
    const { invoke, run } = caught(['Lambda.Unknown']);
    const timedOut = answers({ errorMessage: 'Task timed out after 3.00 seconds' });
    invoke.mockResolvedValue({ ...timedOut, functionError: 'Unhandled' });
    expect((await run()).end).toMatchObject({
      output: {
        error: {
          Error: 'Lambda.Unknown',
          Cause:
            'The cause could not be determined because Lambda did not return an error type. Returned payload: {"errorMessage":"Task timed out after 3.00 seconds"}',
        },
      },
    });
  });

  test('of Lambda itself has its name', async () => {
    const { invoke, run } = caught(['Lambda.TooManyRequestsException']);
    const refusal = { name: 'TooManyRequestsException', statusCode: 429 };
    invoke.mockRejectedValue(Object.assign(new Error('Rate Exceeded.'), refusal));
    expect((await run()).end).toMatchObject({
      output: {
        error: {
          Cause: expect.stringMatching(/^Rate Exceeded\. \(Service: Lambda, Status Code: 429, /),
        },
      },
    });
  });

  test('of a role that may not call the function has AWS’s name, and nothing is called', async () => {
    const role = { name: 'none', arn: 'arn:aws:iam::000000000000:role/none', statements: [] };
    const { invoke, run } = startMachine({ A: task({ End: true }) }, {}, { role });
    expect((await run()).end).toMatchObject({
      status: 'FAILED',
      reason: {
        error: 'Lambda.AWSLambdaException',
        cause: expect.stringContaining(
          `assumed-role/none/Stack-workflow is not authorized to perform: lambda:InvokeFunction on resource: ${functionArn} because`,
        ),
      },
    });
    expect(invoke).not.toHaveBeenCalled();
  });

  test('is an answer longer than Step Functions takes, which States.ALL does not catch', async () => {
    const { invoke, run } = caught(['States.ALL']);
    invoke.mockResolvedValue(answers('x'.repeat(262_144)));
    expect((await run()).end).toMatchObject({
      status: 'FAILED',
      reason: { error: 'States.DataLimitExceeded' },
    });
  });

  test('are data that grow longer than that from state to state', async () => {
    const half = 'x'.repeat(140_000);
    const { run } = startMachine({
      A: { Type: 'Pass', ResultPath: '$.b', Next: 'B' },
      B: { Type: 'Succeed' },
    });
    expect((await run({ a: half })).end).toMatchObject({
      status: 'FAILED',
      reason: {
        error: 'States.DataLimitExceeded',
        cause: expect.stringContaining("'A' returned a result with a size exceeding"),
      },
    });
  });

  test('is retried as often as each retrier says, then caught', async () => {
    // Chance takes the whole of each delay.
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const retrier = {
      IntervalSeconds: 5,
      BackoffRate: 2,
      MaxDelaySeconds: 9,
      JitterStrategy: 'FULL',
    };
    const { invoke, run } = startMachine({
      A: task({
        End: true,
        Retry: [
          { ErrorEquals: ['One'], MaxAttempts: 2, ...retrier },
          { ErrorEquals: ['Two'], MaxAttempts: 1, ...retrier },
        ],
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }],
      }),
      B: done,
    });
    for (const name of ['One', 'Two', 'One']) invoke.mockResolvedValueOnce(throws(name));
    invoke.mockResolvedValue(throws('Two'));
    expect((await run()).end).toMatchObject({ output: { Error: 'Two' } });
    expect(invoke).toHaveBeenCalledTimes(4);
    vi.restoreAllMocks();
  });

  test('that nobody catches ends the execution', async () => {
    const { invoke, run } = caught(['Other']);
    invoke.mockResolvedValue(throws('Crash', 'm'));
    expect((await run()).end).toMatchObject({
      status: 'FAILED',
      reason: { error: 'Crash', cause: '{"errorType":"Crash","errorMessage":"m","trace":[]}' },
    });
  });
});

describe('a Pass state', () => {
  const parse = (path: string) =>
    startMachine({ A: pass({ Parameters: { 'x.$': `States.StringToJson(${path})` } }) });

  test.each([{ a: 'b\\c' }, 'back\\slash', [1], null, 5])('parses JSON text: %j', async (value) => {
    const { run } = parse('$.text');
    expect((await run({ text: JSON.stringify(value) })).end).toMatchObject({
      output: { x: value },
    });
  });

  test('unpacks a cause and the message in it in two steps', async () => {
    const { run } = startMachine({
      A: {
        Type: 'Pass',
        Parameters: { 'cause.$': 'States.StringToJson($.error.Cause)' },
        ResultPath: '$.error',
        Next: 'B',
      },
      B: pass({
        Parameters: { 'problem.$': 'States.StringToJson($.error.cause.errorMessage)' },
        ResultPath: '$.error',
      }),
    });
    const errorMessage = JSON.stringify({ retry_after: 3 });
    const error = { Error: 'RateLimited', Cause: JSON.stringify({ errorMessage }) };
    expect((await run({ id: 1, error })).end).toMatchObject({
      output: { id: 1, error: { problem: { retry_after: 3 } } },
    });
  });

  test.each(['not JSON', 7])('ends the execution for what it cannot parse: %j', async (text) => {
    const { run } = parse('$.text');
    expect((await run({ text })).end).toMatchObject({
      status: 'FAILED',
      reason: {
        error: 'States.Runtime',
        cause: expect.stringMatching(
          /^An error occurred while executing the state 'A' \(entered at the event id #2\)\. /,
        ),
      },
    });
  });

  test('knows its execution', async () => {
    const { run } = startMachine({
      A: pass({
        Parameters: {
          'name.$': '$$.Execution.Name',
          'id.$': '$$.Execution.Id',
          'role.$': '$$.Execution.RoleArn',
          'machine.$': '$$.StateMachine.Name',
          'input.$': '$$.Execution.Input.a',
        },
      }),
    });
    const { execution, end } = await run({ a: 1 });
    expect(end).toMatchObject({
      output: {
        name: execution.name,
        id: execution.arn,
        role: 'arn:aws:iam::000000000000:role/workflow-role',
        machine: 'Stack-workflow',
        input: 1,
      },
    });
  });
});

describe('a Wait state', () => {
  const wait = (fields: object) => startMachine({ A: { Type: 'Wait', End: true, ...fields } });

  test.each([
    ['seconds', { Seconds: 1 }, {}],
    ['seconds out of the input', { SecondsPath: '$.s' }, { s: 0 }],
    ['a time', { Timestamp: '2025-11-23T03:00:00Z' }, {}],
    ['a time out of the input', { TimestampPath: '$.t' }, { t: '2025-11-23T03:00:00.250+01:00' }],
  ])('passes its input on after %s', async (_, fields, input) => {
    const { end } = await wait(fields).run(input);
    expect(end).toMatchObject({ status: 'SUCCEEDED', output: input });
  });

  test('waits until its time has come', async () => {
    const until = Math.floor(Date.now() / 1000) * 1000 + 1000;
    const t = new Date(until).toISOString();
    const { end } = await wait({ TimestampPath: '$.t' }).run({ t });
    expect(end.at).toBeGreaterThanOrEqual(until - 1);
  });

  test('waits for a time that is longer ahead than a timer can be set', async () => {
    const { machine } = wait({ TimestampPath: '$.t' });
    const execution = machine.start('{"t":"2222-01-01T00:00:00Z"}');
    await expect.poll(() => types(execution)).toContain('WaitStateEntered');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(execution.end()).toBeUndefined();
    machine.close();
  });

  test.each([
    [{ SecondsPath: '$.s' }, { s: -1 }],
    [{ SecondsPath: '$.s' }, { s: 1.5 }],
    [{ SecondsPath: '$.s' }, { s: '1' }],
    [{ TimestampPath: '$.t' }, { t: '2025-11-23 03:00:00Z' }],
    [{ TimestampPath: '$.t' }, { t: '2025-13-23T03:00:00Z' }],
    [{ TimestampPath: '$.t' }, { t: 1 }],
    [{ TimestampPath: '$.t' }, {}],
  ])('ends the execution for %j with %j', async (fields, input) => {
    const { end } = await wait(fields).run(input);
    expect(end).toMatchObject({ status: 'FAILED', reason: { error: 'States.Runtime' } });
  });
});

describe('a Choice state', () => {
  const choose = async (rule: object, input: unknown) => {
    const { run } = startMachine({
      A: { Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }], Default: 'No' },
      Yes: pass({ Result: 'yes' }),
      No: pass({ Result: 'no' }),
    });
    return (await run(input)).end;
  };

  test.each([
    [{ Variable: '$.a', StringEquals: 'x' }, { a: 'x' }, 'yes'],
    [{ Variable: '$.a', StringEquals: '1' }, { a: 1 }, 'no'],
    [{ Variable: '$.a', StringLessThan: 'b' }, { a: 'a' }, 'yes'],
    [{ Variable: '$.a', NumericLessThan: 7 }, { a: 5 }, 'yes'],
    [{ Variable: '$.a', NumericLessThan: 7 }, { a: '5' }, 'no'],
    [{ Variable: '$.a', NumericLessThan: 7 }, { a: null }, 'no'],
    [{ Variable: '$.a', BooleanEquals: true }, { a: true }, 'yes'],
    [
      { Variable: '$.a', TimestampLessThan: '2026-01-01T00:00:00Z' },
      { a: '2025-12-31T23:00:00-02:00' },
      'no',
    ],
    [{ Variable: '$.a', IsPresent: true }, { a: null }, 'yes'],
    [{ Variable: '$.a', IsPresent: false }, {}, 'yes'],
    [{ Variable: '$.a', IsPresent: false }, { a: 1 }, 'no'],
    [{ Variable: '$.a', IsNull: false }, { a: 1 }, 'yes'],
    [{ Not: { Variable: '$.a', IsString: false } }, { a: 'x' }, 'yes'],
    [
      {
        And: [
          { Variable: '$.a', NumericGreaterThan: 1 },
          {
            Or: [
              { Variable: '$.b', IsPresent: false },
              { Variable: '$.b', IsNull: true },
            ],
          },
        ],
      },
      { a: 2 },
      'yes',
    ],
  ])('decides %j for %j: %s', async (rule, input, output) => {
    expect(await choose(rule, input)).toMatchObject({ output });
  });

  test('ends the execution for a variable that is not there', async () => {
    const end = await choose({ Variable: '$.a', NumericLessThan: 7 }, {});
    expect(end).toMatchObject({ reason: { error: 'States.Runtime' } });
  });

  test('ends the execution if no rule holds and there is no default', async () => {
    const { run } = startMachine({
      A: { Type: 'Choice', Choices: [{ Variable: '$.a', IsNull: true, Next: 'B' }] },
      B: done,
    });
    expect((await run({ a: 1 })).end).toMatchObject({ reason: { error: 'States.Runtime' } });
  });
});

test.each([
  [{ Error: 'Mine', Cause: 'why' }, {}, { error: 'Mine', cause: 'why' }],
  [
    { ErrorPath: '$.e', CausePath: '$.c' },
    { e: 'E', c: 'C' },
    { error: 'E', cause: 'C' },
  ],
  [{ Error: 'Mine' }, {}, { error: 'Mine', cause: undefined }],
  [{}, {}, { error: undefined, cause: undefined }],
])('a Fail state %j ends the execution with its error', async (fields, input, reason) => {
  const { run } = startMachine({ A: { Type: 'Fail', ...fields } });
  expect((await run(input)).end).toEqual({ status: 'FAILED', reason, at: expect.any(Number) });
});

test('an execution ends when its time is over, and what waits in it ends too', async () => {
  const { run } = startMachine(
    { A: { Type: 'Wait', Seconds: 60, End: true } },
    { TimeoutSeconds: 1 },
  );
  expect((await run()).end).toMatchObject({ status: 'TIMED_OUT', reason: {} });
});

test('an execution that goes round and round ends with the last event that there is room for', async () => {
  const { run } = startMachine({
    A: { Type: 'Pass', Next: 'B' },
    B: { Type: 'Choice', Choices: [{ Variable: '$', IsNull: true, Next: 'A' }], Default: 'A' },
  });
  const { execution, end } = await run();
  expect(end).toMatchObject({
    reason: {
      error: 'States.Runtime',
      cause: 'The execution reached the maximum number of history events (25000).',
    },
  });
  expect(execution.history.events).toHaveLength(25_000);
  expect(execution.history.events.at(-1)).toMatchObject({ id: 25_000, type: 'ExecutionFailed' });
});

describe('an execution that is stopped', () => {
  test('is aborted at once, with its task at work', async () => {
    const { machine, invoke } = startMachine({ A: task({ End: true }) });
    invoke.mockImplementation(hangs);
    const execution = machine.start('{}');
    await expect.poll(() => invoke.mock.calls.length).toBe(1);
    execution.stop({ error: 'Enough', cause: 'of it' });
    expect(execution.end()).toMatchObject({
      status: 'ABORTED',
      reason: { error: 'Enough', cause: 'of it' },
    });
  });

  test('retries nothing, catches nothing and calls nothing any more', async () => {
    const { machine, invoke } = startMachine({
      A: task({
        Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 9, IntervalSeconds: 60 }],
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }],
        Next: 'B',
      }),
      B: task({ End: true }),
    });
    invoke.mockResolvedValue(throws('E'));
    const execution = machine.start('{}');
    await expect.poll(() => types(execution)).toContain('TaskFailed');
    execution.stop({});
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(invoke).toHaveBeenCalledOnce();
    expect(types(execution).at(-1)).toBe('ExecutionAborted');
  });

  test('stays as it ended', async () => {
    const { run } = startMachine({ A: done });
    const { execution, end } = await run();
    expect(execution.stop({ error: 'late' })).toBe(end);
    expect(types(execution).at(-1)).toBe('ExecutionSucceeded');
  });
});

test('the end of a machine aborts its executions and leaves no timer behind', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const { machine, invoke } = startMachine(
    {
      A: {
        Type: 'Choice',
        Choices: [{ Variable: '$.w', IsPresent: true, Next: 'W' }],
        Default: 'T',
      },
      W: { Type: 'Wait', Seconds: 60, End: true },
      T: task({
        TimeoutSeconds: 60,
        Retry: [{ ErrorEquals: ['E'], IntervalSeconds: 60 }],
        End: true,
      }),
    },
    { TimeoutSeconds: 600 },
  );
  invoke.mockResolvedValueOnce(throws('E'));
  invoke.mockImplementation(hangs);
  const executions = ['{"w":1}', '{}', '{}'].map((input) => machine.start(input));
  await expect.poll(() => invoke.mock.calls.length).toBe(2);
  const atWork = timers();
  machine.close();
  expect(executions.map((execution) => execution.end()?.status)).toEqual(Array(3).fill('ABORTED'));
  // An attempt that is about to begin finds out a turn later that it is not wanted any more.
  for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
  // Each has its time-out, one waits, one is about to try again, one is at work, for a limited time;
  // and the interpreter has a timer of its own for each task or wait.
  expect(timers()).toBeLessThanOrEqual(atWork - 8);
});

test('each end is a line of the log: names, never data', async () => {
  const { machine, lines } = startMachine({
    A: { Type: 'Choice', Choices: [{ Variable: '$.e', IsPresent: true, Next: 'B' }], Default: 'C' },
    B: { Type: 'Fail', ErrorPath: '$.e', Cause: 'person@partner.example' },
    C: done,
  });
  await over(machine.start('{}', 'one'));
  await over(machine.start('{"e":"Mine"}', 'two'));
  await over(machine.start('{"e":"person@partner.example"}', 'three'));
  expect(lines).toEqual([
    expect.stringMatching(/^one SUCCEEDED 0\.\d s$/),
    expect.stringMatching(/^two FAILED Mine 0\.\d s$/),
    expect.stringMatching(/^three FAILED 0\.\d s$/),
  ]);
});
