import { describe, expect, test, vi } from 'vitest';
import { AwsError } from '../../infra/local/lib/aws-service.ts';
import type { State } from '../../infra/local/step-functions/model.ts';
import {
  answers,
  functionArn,
  machine,
  machineArn,
  pass,
  startMachine,
  startRunner,
  task,
  throws,
  types,
} from './machine.ts';
import { EPOCH } from './virtual-clock.ts';

const done: State = { Type: 'Succeed' };
const hangs = () => new Promise<never>(() => {});
const to = (...ErrorEquals: string[]) => ({ ErrorEquals, Next: 'B' });

describe('a task', () => {
  test('calls its function with the payload, and wraps the answer as Lambda’s API', async () => {
    const Arguments = {
      FunctionName: functionArn,
      Payload: { id: '{% $states.input.id %}', k: 1 },
    };
    const { invoke, run } = startMachine({ A: task({ Arguments, End: true }) });
    invoke.mockResolvedValue(answers({ ok: true }));
    const { end } = await run({ id: 'i' });
    expect(invoke.mock.calls).toEqual([['Stack-task', '{"id":"i","k":1}']]);
    expect(end).toMatchObject({
      status: 'SUCCEEDED',
      output: { ExecutedVersion: '$LATEST', Payload: { ok: true }, StatusCode: 200 },
    });
  });

  test.each([null, 0, '', false, [], { a: 1 }])('hands its whole input on: %j', async (input) => {
    const { invoke, run } = startMachine({
      A: task({ Output: '{% $states.result.Payload %}', End: true }),
    });
    invoke.mockImplementation(async (_, payload) => answers(JSON.parse(String(payload))));
    expect((await run(input)).end).toMatchObject({ status: 'SUCCEEDED', output: input });
  });

  test('takes a function by an expression, and under its version', async () => {
    const Arguments = { FunctionName: `{% '${functionArn}' & ':$LATEST' %}`, Payload: 1 };
    const { invoke, run } = startMachine({ A: task({ Arguments, End: true }) });
    invoke.mockResolvedValue(answers(null));
    await run();
    expect(invoke.mock.calls).toEqual([['Stack-task', '1']]);
  });

  test('ends with States.Timeout when its time is over, also while it waits in line', async () => {
    const { runner, invoke, clock } = startMachine({
      A: task({ TimeoutSeconds: '{% 30 + 30 %}', Catch: [to('States.Timeout')], End: true }),
      B: done,
    });
    invoke.mockImplementation(hangs);
    const all = Array.from({ length: 9 }, () => runner.start(machineArn, '{}'));
    await clock.run();
    for (const execution of all) {
      const output = { Error: 'States.Timeout', Cause: '' };
      expect(execution.end()).toEqual({ status: 'SUCCEEDED', output, at: EPOCH + 60_000 });
    }
    expect(invoke).toHaveBeenCalledTimes(8);
    expect(types(all[0] as (typeof all)[0])).toContain('TaskTimedOut');
  });

  test('without a heartbeat is over too, which its own name and States.Timeout catch', async () => {
    for (const name of ['States.HeartbeatTimeout', 'States.Timeout']) {
      const { invoke, run } = startMachine({
        A: task({ HeartbeatSeconds: 5, TimeoutSeconds: 60, Catch: [to(name)], End: true }),
        B: done,
      });
      invoke.mockImplementation(hangs);
      const { end } = await run();
      expect(end).toMatchObject({ output: { Error: 'States.Timeout' }, at: EPOCH + 5_000 });
    }
  });
});

describe('an error', () => {
  const caught = (...errors: string[]) =>
    startMachine({ A: task({ Catch: [to(...errors)], End: true }), B: done });

  test('of a function is caught by its type, the cause its answer as JSON', async () => {
    const { invoke, run } = caught('Conflict');
    invoke.mockResolvedValue(throws('Conflict', 'told'));
    expect((await run()).end).toMatchObject({
      output: {
        Error: 'Conflict',
        Cause: '{"errorType":"Conflict","errorMessage":"told","trace":[]}',
      },
    });
  });

  test('without a type is Lambda.Unknown', async () => {
    const { invoke, run } = caught('Lambda.Unknown');
    const timedOut = answers({ errorMessage: 'Task timed out after 3.00 seconds' });
    invoke.mockResolvedValue({ ...timedOut, functionError: 'Unhandled' });
    expect((await run()).end).toMatchObject({
      output: {
        Error: 'Lambda.Unknown',
        Cause:
          'The cause could not be determined because Lambda did not return an error type. Returned payload: {"errorMessage":"Task timed out after 3.00 seconds"}',
      },
    });
  });

  test('of Lambda itself has its name', async () => {
    const { invoke, run } = caught('Lambda.TooManyRequestsException');
    invoke.mockRejectedValue(new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429));
    expect((await run()).end).toMatchObject({
      output: {
        Cause: expect.stringMatching(/^Rate Exceeded\. \(Service: AWSLambda; Status Code: 429; /),
      },
    });
  });

  test('of a role that may not call the function has AWS’s name, and nothing is called', async () => {
    const { role } = machine({ A: done });
    const none = { ...role, decide: () => ({ allowed: false as const, reason: 'because' }) };
    const { invoke, run } = startMachine({ A: task({ End: true }) }, {}, { role: none });
    expect((await run()).end).toMatchObject({
      status: 'FAILED',
      reason: {
        error: 'Lambda.AWSLambdaException',
        cause: expect.stringContaining(
          `assumed-role/workflow-role/Stack-workflow is not authorized to perform: lambda:InvokeFunction on resource: ${functionArn} because`,
        ),
      },
    });
    expect(invoke).not.toHaveBeenCalled();
  });

  test('is an answer longer than Step Functions takes, which only its own name catches', async () => {
    for (const [name, status] of [
      ['States.ALL', 'FAILED'],
      ['States.TaskFailed', 'FAILED'],
      ['States.DataLimitExceeded', 'SUCCEEDED'],
    ] as const) {
      const { invoke, run } = caught(name);
      invoke.mockResolvedValue(answers('x'.repeat(262_144)));
      const { end } = await run();
      expect([name, end.status]).toEqual([name, status]);
    }
  });

  test.each([
    ['output', { Output: '{% $states.input & $states.input %}' }],
    ['variables', { Assign: { x: '{% $states.input & $states.input %}' } }],
  ])('are %s that grow longer than that', async (_, fields) => {
    const { run } = startMachine({ A: pass({ ...fields, Next: 'B', End: undefined }), B: done });
    expect((await run('x'.repeat(140_000))).end).toMatchObject({
      status: 'FAILED',
      reason: {
        error: 'States.DataLimitExceeded',
        cause: expect.stringContaining("'A' returned a result with a size exceeding"),
      },
    });
  });

  test('States.TaskFailed means every error but a time-out', async () => {
    const failed = caught('States.TaskFailed');
    failed.invoke.mockResolvedValue(throws('Mine'));
    expect((await failed.run()).end).toMatchObject({ status: 'SUCCEEDED' });
    const late = startMachine({
      A: task({ TimeoutSeconds: 5, Catch: [to('States.TaskFailed')], End: true }),
      B: done,
    });
    late.invoke.mockImplementation(hangs);
    expect((await late.run()).end).toMatchObject({ reason: { error: 'States.Timeout' } });
  });

  test('that nobody catches ends the execution', async () => {
    const { invoke, run } = caught('Other');
    invoke.mockResolvedValue(throws('Crash', 'm'));
    expect((await run()).end).toMatchObject({
      status: 'FAILED',
      reason: { error: 'Crash', cause: '{"errorType":"Crash","errorMessage":"m","trace":[]}' },
    });
  });

  test('gives a catcher the input, the error, and variables to set', async () => {
    const Catch = [
      {
        ErrorEquals: ['E'],
        Assign: { name: '{% $states.errorOutput.Error %}' },
        Output: { was: '{% $states.input %}', error: '{% $states.errorOutput.Error %}' },
        Next: 'B',
      },
    ];
    const { invoke, run } = startMachine({
      A: task({ Catch, End: true }),
      B: { Type: 'Succeed', Output: "{% $merge([$states.input, {'name': $name}]) %}" },
    });
    invoke.mockResolvedValue(throws('E'));
    expect((await run({ id: 1 })).end).toMatchObject({
      output: { was: { id: 1 }, error: 'E', name: 'E' },
    });
  });

  test('of a catcher’s own expression ends the execution', async () => {
    const Catch = [{ ...to('E'), Output: '{% $states.input.none %}' }, to('States.ALL')];
    const { invoke, run } = startMachine({ A: task({ Catch, End: true }), B: done });
    invoke.mockResolvedValue(throws('E'));
    expect((await run()).end).toMatchObject({
      status: 'FAILED',
      reason: { error: 'States.QueryEvaluationError' },
    });
  });
});

describe('a retrier', () => {
  /** When the function was called, in seconds after the start. */
  const retried = async (Retry: object[], failures: string[]) => {
    const { invoke, clock, run } = startMachine({
      A: task({ Retry, Output: '{% $states.context.State.RetryCount %}', End: true }),
    });
    const times: number[] = [];
    invoke.mockImplementation(async () => {
      times.push((clock.now() - EPOCH) / 1000);
      const name = failures.shift();
      return name === undefined ? answers({}) : throws(name);
    });
    return { times, end: (await run()).end };
  };

  test('waits 1 second, twice as long each time, and gives up after 3, unless it says otherwise', async () => {
    const { times, end } = await retried([{ ErrorEquals: ['E'] }], Array(9).fill('E'));
    expect(times).toEqual([0, 1, 3, 7]);
    expect(end).toMatchObject({ reason: { error: 'E' } });
  });

  test('waits as its interval, its rate and its longest delay say', async () => {
    const retrier = { IntervalSeconds: 5, BackoffRate: 3, MaxDelaySeconds: 20, MaxAttempts: 4 };
    const { times, end } = await retried([{ ErrorEquals: ['E'], ...retrier }], Array(4).fill('E'));
    expect(times).toEqual([0, 5, 20, 40, 60]);
    expect(end).toMatchObject({ status: 'SUCCEEDED', output: 4 });
  });

  test('with full jitter waits a part of it, by chance', async () => {
    vi.spyOn(Math, 'random').mockReturnValueOnce(0.5).mockReturnValueOnce(0.25);
    const retrier = { IntervalSeconds: 8, BackoffRate: 1, JitterStrategy: 'FULL' };
    const { times } = await retried([{ ErrorEquals: ['E'], ...retrier }], ['E', 'E']);
    expect(times).toEqual([0, 4, 6]);
    vi.restoreAllMocks();
  });

  test('counts for itself, and the first that means an error is the one', async () => {
    const none = { IntervalSeconds: 1, BackoffRate: 1 };
    const retriers = [
      { ErrorEquals: ['Never'], MaxAttempts: 0 },
      { ErrorEquals: ['One'], MaxAttempts: 2, ...none },
      { ErrorEquals: ['States.ALL'], MaxAttempts: 1, ...none },
    ];
    const errors = ['One', 'Two', 'One', 'One'];
    const { times, end } = await retried(retriers, [...errors]);
    expect(times).toHaveLength(4);
    expect(end).toMatchObject({ reason: { error: 'One' } });
    expect((await retried(retriers, ['Never'])).times).toHaveLength(1);
  });

  test('waits for longer than a timer of Node.js can run', async () => {
    const retrier = { IntervalSeconds: 3_000_000, MaxAttempts: 1 };
    const { times } = await retried([{ ErrorEquals: ['E'], ...retrier }], ['E']);
    expect(times).toEqual([0, 3_000_000]);
  });
});

describe('a Wait state', () => {
  const wait = (fields: object) => startMachine({ A: { Type: 'Wait', End: true, ...fields } });
  const until = new Date(EPOCH + 90_000).toISOString();

  test.each([
    ['seconds', { Seconds: 90 }, {}],
    ['seconds out of the input', { Seconds: '{% $states.input.s %}' }, { s: 90 }],
    ['a time', { Timestamp: until }, {}],
    ['a time out of the input', { Timestamp: '{% $states.input.t %}' }, { t: until }],
    [
      'a time whose fraction of a second does not count',
      { Timestamp: '{% $states.input.t %}' },
      { t: '2025-11-23T04:01:30.999+01:00' },
    ],
  ])('passes its input on after %s', async (_, fields, input) => {
    const { end } = await wait(fields).run(input);
    expect(end).toEqual({ status: 'SUCCEEDED', output: input, at: EPOCH + 90_000 });
  });

  test('goes on at once where the time is over, and has output and variables', async () => {
    const { run } = startMachine({
      A: {
        Type: 'Wait',
        Timestamp: '2025-11-22T03:00:00Z',
        Output: 1,
        Assign: { x: 2 },
        Next: 'B',
      },
      B: { Type: 'Succeed', Output: '{% [$states.input, $x] %}' },
    });
    expect((await run()).end).toEqual({ status: 'SUCCEEDED', output: [1, 2], at: EPOCH });
  });

  test.each([
    [{ Seconds: '{% $states.input.s %}' }, { s: -1 }],
    [{ Seconds: '{% $states.input.s %}' }, { s: 1.5 }],
    [{ Seconds: '{% $states.input.s %}' }, { s: '1' }],
    [{ Timestamp: '{% $states.input.t %}' }, { t: '2025-11-23 03:00:00Z' }],
    [{ Timestamp: '{% $states.input.t %}' }, { t: '2025-13-23T03:00:00Z' }],
    [{ Timestamp: '{% $states.input.t %}' }, { t: '2025-11-23T25:00:00Z' }],
    [{ Timestamp: '{% $states.input.t %}' }, { t: '2025-11-23T03:00:00' }],
    [{ Timestamp: '{% $states.input.t %}' }, { t: 1 }],
    [{ Timestamp: '{% $states.input.t %}' }, {}],
  ])('ends the execution for %j with %j', async (fields, input) => {
    const { end } = await wait(fields).run(input);
    expect(end).toMatchObject({ reason: { error: 'States.QueryEvaluationError' } });
  });
});

describe('a Choice state', () => {
  const choose = async (Choices: object[], input: unknown, fields: object = { Default: 'No' }) => {
    const { run } = startMachine({
      A: { Type: 'Choice', Choices: Choices.map((rule) => ({ Next: 'Yes', ...rule })), ...fields },
      Yes: pass({ Output: { yes: '{% $states.input %}' } }),
      No: pass({ Output: { no: '{% $states.input %}' } }),
    });
    return (await run(input)).end;
  };

  test('goes where the first rule that holds says, and to its default where none does', async () => {
    const rules = [
      { Condition: '{% $states.input > 9 %}', Next: 'No' },
      { Condition: '{% $states.input > 5 %}' },
    ];
    expect(await choose(rules, 10)).toMatchObject({ output: { no: 10 } });
    expect(await choose(rules, 6)).toMatchObject({ output: { yes: 6 } });
    expect(await choose(rules, 1)).toMatchObject({ output: { no: 1 } });
  });

  test('has an output for each rule, and one of its own for the default', async () => {
    const rules = [{ Condition: '{% $states.input %}', Output: 'of the rule' }];
    const fields = { Default: 'No', Output: 'of the state' };
    expect(await choose(rules, true, fields)).toMatchObject({ output: { yes: 'of the rule' } });
    expect(await choose(rules, false, fields)).toMatchObject({ output: { no: 'of the state' } });
  });

  test.each([1, 'true', null, {}])('ends the execution for the condition %j', async (value) => {
    const end = await choose([{ Condition: '{% $states.input.v %}' }], { v: value });
    expect(end).toMatchObject({ reason: { error: 'States.QueryEvaluationError' } });
  });

  test('ends the execution if no rule holds and there is no default', async () => {
    expect(await choose([{ Condition: '{% false %}' }], 1, {})).toMatchObject({
      reason: {
        error: 'States.Runtime',
        cause: expect.stringMatching(
          /^An error occurred while executing the state 'A' \(entered at/,
        ),
      },
    });
  });
});

describe('variables', () => {
  test('are there for all states that follow, and both fields see them as they were', async () => {
    const { run } = startMachine({
      A: pass({ Assign: { x: 1, list: [1] }, Next: 'B', End: undefined }),
      B: pass({
        Assign: { x: '{% $x + 1 %}', was: '{% $x %}' },
        Output: '{% $x %}',
        Next: 'C',
        End: undefined,
      }),
      C: pass({
        Output: {
          x: '{% $x %}',
          was: '{% $was %}',
          list: '{% $list %}',
          before: '{% $states.input %}',
        },
      }),
    });
    expect((await run()).end).toMatchObject({ output: { x: 2, was: 1, list: [1], before: 1 } });
  });

  test('stay as they are where a task is tried again', async () => {
    const { invoke, run } = startMachine({
      A: pass({ Assign: { n: 1 }, Next: 'B', End: undefined }),
      B: task({
        Assign: { n: '{% $n + 1 %}' },
        Retry: [{ ErrorEquals: ['E'] }],
        Next: 'C',
      }),
      C: pass({ Output: '{% $n %}' }),
    });
    invoke.mockResolvedValueOnce(throws('E')).mockResolvedValueOnce(answers({}));
    expect((await run()).end).toMatchObject({ output: 2 });
  });
});

test.each([
  [{ Error: 'Mine', Cause: 'why' }, {}, { error: 'Mine', cause: 'why' }],
  [
    { Error: '{% $states.input.e %}', Cause: '{% $states.input.c %}' },
    { e: 'E', c: 'C' },
    { error: 'E', cause: 'C' },
  ],
  [{ Error: 'Mine' }, {}, { error: 'Mine', cause: undefined }],
  [{ Error: 'Mine', Cause: '{% "" %}' }, {}, { error: 'Mine', cause: undefined }],
  [{}, {}, { error: undefined, cause: undefined }],
])('a Fail state %j ends the execution with its error', async (fields, input, reason) => {
  const { run } = startMachine({ A: { Type: 'Fail', ...fields } });
  expect((await run(input)).end).toEqual({ status: 'FAILED', reason, at: EPOCH });
});

test('the context tells of the execution, the machine and the state', async () => {
  const { run } = startMachine({ A: pass({ Output: '{% $states.context %}' }) });
  const { execution, end } = await run({ a: 1 }, 'one');
  const time = new Date(EPOCH).toISOString();
  expect(end).toMatchObject({
    output: {
      Execution: {
        Id: execution.arn,
        Input: { a: 1 },
        Name: 'one',
        RoleArn: 'arn:aws:iam::000000000000:role/workflow-role',
        StartTime: time,
      },
      State: { EnteredTime: time, Name: 'A', RetryCount: 0 },
      StateMachine: { Id: machineArn, Name: 'Stack-workflow' },
    },
  });
});

test.each([
  ['a wait', { Type: 'Wait', Seconds: 600, End: true } as State],
  ['a task', task({ End: true })],
  [
    'a task with a longer time-out',
    task({ TimeoutSeconds: 600, Catch: [to('States.ALL')], End: true }),
  ],
  [
    'a wait between two attempts',
    task({ Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 600 }], End: true }),
  ],
])('an execution ends when its time is over, in the midst of %s', async (name, state) => {
  const { invoke, run } = startMachine(
    { A: state, ...(state.Catch && { B: done }) },
    { TimeoutSeconds: 60 },
  );
  invoke.mockImplementation(name.includes('between') ? async () => throws('E') : hangs);
  const { execution, end } = await run();
  expect(end).toEqual({ status: 'TIMED_OUT', reason: {}, at: EPOCH + 60_000 });
  expect(execution.history.events.at(-1)).toMatchObject({
    type: 'ExecutionTimedOut',
    previousEventId: 0,
    fields: { error: 'States.Timeout' },
  });
});

test('an execution that goes round and round ends with the last event that there is room for', async () => {
  const { execution, end } = await startMachine({
    A: { Type: 'Pass', Next: 'B' },
    B: { Type: 'Pass', Next: 'A' },
  }).run();
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
    const { begin, invoke } = startMachine({ A: task({ End: true }) });
    invoke.mockImplementation(hangs);
    const execution = await begin();
    execution.stop({ error: 'Enough', cause: 'of it' });
    expect(execution.end()).toMatchObject({
      status: 'ABORTED',
      reason: { error: 'Enough', cause: 'of it' },
    });
  });

  test('retries nothing, catches nothing and waits for nothing any more', async () => {
    const { runner, clock, invoke } = startMachine({
      A: task({
        Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 9, IntervalSeconds: 60 }],
        Catch: [to('States.ALL')],
        Next: 'B',
      }),
      B: task({ End: true }),
    });
    invoke.mockResolvedValue(throws('E'));
    const execution = runner.start(machineArn, '{}');
    await expect.poll(() => types(execution)).toContain('TaskFailed');
    execution.stop({});
    await clock.run();
    expect(invoke).toHaveBeenCalledOnce();
    expect(clock.alarms()).toBe(0);
    expect(types(execution).at(-1)).toBe('ExecutionAborted');
  });

  test('stays as it ended', async () => {
    const { execution, end } = await startMachine({ A: done }).run();
    expect(execution.stop({ error: 'late' })).toBe(end);
    expect(types(execution).at(-1)).toBe('ExecutionSucceeded');
  });
});

test('executions that have come to an end leave no timer behind', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const wait = machine({ A: { Type: 'Wait', Seconds: 60, End: true } }, { TimeoutSeconds: 600 });
  const work = machine(
    {
      A: task({
        TimeoutSeconds: 60,
        Retry: [{ ErrorEquals: ['E'], IntervalSeconds: 60 }],
        End: true,
      }),
    },
    { TimeoutSeconds: 600 },
  );
  const { runner, invoke } = startRunner([wait, { ...work, arn: `${machineArn}-2` }]);
  invoke.mockResolvedValueOnce(throws('E'));
  invoke.mockImplementation(hangs);
  const arns = [machineArn, `${machineArn}-2`, `${machineArn}-2`];
  const executions = arns.map((arn) => runner.start(arn, '{}'));
  await expect.poll(() => invoke.mock.calls.length).toBe(2);
  await expect.poll(timers).toBe(before + 3);
  runner.stop();
  expect(executions.map((execution) => execution.end()?.status)).toEqual(Array(3).fill('ABORTED'));
  await expect.poll(timers).toBe(before);
});

test('each end is a line of the log: names, never data', async () => {
  const { run, lines } = startMachine({
    A: {
      Type: 'Choice',
      Choices: [{ Condition: '{% $exists($states.input.e) %}', Next: 'B' }],
      Default: 'C',
    },
    B: { Type: 'Fail', Error: '{% $states.input.e %}', Cause: 'person@partner.example' },
    C: done,
  });
  await run({}, 'one');
  await run({ e: 'Mine' }, 'two');
  await run({ e: 'person@partner.example' }, 'three');
  expect(lines).toEqual(['one SUCCEEDED 0.0 s', 'two FAILED Mine 0.0 s', 'three FAILED 0.0 s']);
});

test('with too many events, the executions that ended first are forgotten, and none that goes on', async () => {
  const waits = machine({ A: { Type: 'Wait', Seconds: '{% $states.input %}', End: true } });
  const { runner } = startRunner([waits], undefined, 12);
  const going = runner.start(machineArn, '600', 'going');
  for (const name of ['one', 'two', 'three']) await runner.start(machineArn, '0', name).ended;
  // Each of them has four events, and the one that goes on has two.
  const known = () => [...runner.executions.values()].map(({ name }) => name);
  await expect.poll(known).toEqual(['going', 'two', 'three']);
  going.stop({});
});

test('an execution that is stopped while an expression is evaluated begins nothing after it', async () => {
  const { runner, clock, invoke } = startMachine({
    A: { Type: 'Wait', Seconds: '{% 600 %}', Next: 'B' },
    B: task({ End: true }),
  });
  const execution = runner.start(machineArn, '{}');
  execution.stop({});
  await clock.run();
  expect(clock.alarms()).toBe(0);
  expect(invoke).not.toHaveBeenCalled();
  expect(types(execution)).toEqual(['ExecutionStarted', 'WaitStateEntered', 'ExecutionAborted']);
});
