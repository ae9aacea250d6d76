import { describe, expect, test, vi } from 'vitest';
import { StateError } from '../../infra/local/step-functions/errors.ts';
import type { State } from '../../infra/local/step-functions/model.ts';
import {
  allowing,
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
import { createVirtualClock, EPOCH } from './virtual-clock.ts';

const done: State = { Type: 'Succeed' };

describe('a task that waits for its token', () => {
  const states = (fields: object = {}) => ({
    A: task({
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Arguments: {
        FunctionName: functionArn,
        Payload: { token: '{% $states.context.Task.Token %}' },
      },
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }],
      End: true,
      ...fields,
    }),
    B: done,
  });
  const begin = async (fields: object = {}) => {
    const started = startMachine(states(fields));
    started.invoke.mockResolvedValue(answers({ ignored: true }));
    const execution = started.runner.start(machineArn, '{}');
    await vi.waitUntil(() => types(execution).includes('TaskSubmitted'));
    const { token } = JSON.parse(String(started.invoke.mock.calls[0]?.[1]));
    return { ...started, execution, token: String(token) };
  };

  test('goes on with what is sent back, and its token is used up', async () => {
    const { runner, execution, token, clock } = await begin();
    runner.openTasks.get(token)?.resolve({ seen: true });
    await clock.run();
    expect(execution.end()).toMatchObject({ status: 'SUCCEEDED', output: { seen: true } });
    expect(runner.openTasks.size).toBe(0);
    expect(types(execution)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
  });

  test('fails with what is sent back', async () => {
    const { runner, execution, token, clock } = await begin();
    runner.openTasks.get(token)?.reject(new StateError('Refused', 'by a person'));
    await clock.run();
    expect(execution.end()).toMatchObject({ output: { Error: 'Refused', Cause: 'by a person' } });
  });

  test('fails without a name, as AWS has it, where none is sent', async () => {
    const { runner, execution, token, clock } = await begin();
    runner.openTasks.get(token)?.reject(new StateError(null, null));
    await clock.run();
    expect(execution.end()).toMatchObject({ output: { Error: null, Cause: null } });
    expect(execution.history.events[5]).toMatchObject({
      type: 'TaskFailed',
      fields: { resource: 'invoke.waitForTaskToken', error: undefined, cause: undefined },
    });
  });

  test('may be ended even before its function has answered', async () => {
    const { runner, invoke, clock } = startMachine(states());
    invoke.mockImplementation(async (_, payload) => {
      runner.openTasks.get(JSON.parse(String(payload)).token)?.resolve('early');
      return answers({});
    });
    const execution = runner.start(machineArn, '{}');
    await clock.run();
    expect(execution.end()).toMatchObject({ output: 'early' });
  });

  test('fails where its function does, and its token with it', async () => {
    const { run, runner, invoke } = startMachine(states());
    invoke.mockResolvedValue(throws('Mine'));
    expect((await run()).end).toMatchObject({ output: { Error: 'Mine' } });
    expect(runner.openTasks.size).toBe(0);
  });

  test('is over with its time-out, however many heartbeats there are', async () => {
    const { runner, execution, token, clock } = await begin({
      TimeoutSeconds: 25,
      HeartbeatSeconds: 10,
    });
    const beat = () => {
      runner.openTasks.get(token)?.heartbeat();
      clock.at(clock.now() + 6_000, beat);
    };
    beat();
    await clock.run(() => execution.end() !== undefined);
    expect(execution.end()).toMatchObject({
      output: { Error: 'States.Timeout', Cause: '' },
      at: EPOCH + 25_000,
    });
  });

  test('is over as soon as a heartbeat fails to come', async () => {
    const { runner, execution, token, clock } = await begin({ HeartbeatSeconds: 10 });
    clock.at(clock.now() + 6_000, () => runner.openTasks.get(token)?.heartbeat());
    await clock.run();
    expect(execution.end()).toMatchObject({
      output: { Error: 'States.Timeout' },
      at: EPOCH + 16_000,
    });
    expect(types(execution)).toContain('TaskTimedOut');
  });

  test('is over with an execution that is stopped', async () => {
    const { runner, execution } = await begin();
    execution.stop({});
    await vi.waitUntil(() => runner.openTasks.size === 0);
    expect(types(execution).at(-1)).toBe('ExecutionAborted');
  });
});

describe('a task that runs another state machine', () => {
  const innerArn = `${machineArn}-inner`;
  const innerRun = (name: string) => `${innerArn.replace(':stateMachine:', ':execution:')}:${name}`;
  const start = (inner: Record<string, State>, fields: object = {}, change = {}) => {
    const clock = createVirtualClock();
    const outer = machine({
      A: task({
        Resource: 'arn:aws:states:::states:startExecution.sync:2',
        Arguments: { StateMachineArn: innerArn, Name: 'run', Input: { a: '{% $states.input %}' } },
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }],
        End: true,
        ...fields,
      }),
      B: done,
    });
    const started = startRunner(
      [
        { ...outer, ...change },
        { ...machine(inner), arn: innerArn, name: 'inner' },
      ],
      clock,
    );
    const execution = started.runner.start(machineArn, '1', 'outer');
    return { ...started, clock, execution };
  };

  test('gives its output, and what DescribeExecution tells', async () => {
    const { execution, clock } = start({ I: pass({ Output: '{% $states.input.a + 1 %}' }) });
    await clock.run();
    expect(execution.end()).toMatchObject({
      output: {
        ExecutionArn: innerRun('run'),
        Input: { a: 1 },
        InputDetails: { Included: true },
        Name: 'run',
        Output: 2,
        OutputDetails: { Included: true },
        StartDate: EPOCH,
        StateMachineArn: innerArn,
        Status: 'SUCCEEDED',
        StopDate: EPOCH,
      },
    });
    expect(types(execution)).toContain('TaskSubmitted');
  });

  test('fails as States.TaskFailed where that fails, the cause its description', async () => {
    const { execution, clock } = start({ I: { Type: 'Fail', Error: 'Mine', Cause: 'why' } });
    await clock.run();
    const { Error: error, Cause } = (execution.end() as { output: Record<string, string> }).output;
    expect(error).toBe('States.TaskFailed');
    expect(JSON.parse(String(Cause))).toMatchObject({
      ExecutionArn: innerRun('run'),
      Input: '{"a":1}',
      Status: 'FAILED',
      Error: 'Mine',
      Cause: 'why',
    });
  });

  test('says so where somebody stops that', async () => {
    const { execution, runner, clock } = start({ I: { Type: 'Wait', Seconds: 60, End: true } });
    await vi.waitUntil(() => runner.executions.has(innerRun('run')));
    runner.executions.get(innerRun('run'))?.stop({});
    await clock.run();
    const { Cause } = (execution.end() as { output: Record<string, string> }).output;
    expect(JSON.parse(String(Cause))).toMatchObject({ Status: 'ABORTED' });
  });

  test.each([
    ['is stopped', {}],
    ['has waited long enough', { TimeoutSeconds: 30 }],
  ])('stops that when it %s', async (how, fields) => {
    const { execution, runner, clock } = start(
      { I: { Type: 'Wait', Seconds: 60, End: true } },
      fields,
    );
    await vi.waitUntil(() => runner.executions.has(innerRun('run')));
    if (how === 'is stopped') execution.stop({});
    await clock.run();
    expect(runner.executions.get(innerRun('run'))?.end()).toMatchObject({ status: 'ABORTED' });
  });

  test.each([
    [
      'the same name a second time',
      { Input: { other: 1 } },
      'StepFunctions.ExecutionAlreadyExistsException',
    ],
    [
      'a machine that is not there',
      { StateMachineArn: `${machineArn}-none` },
      'StepFunctions.StateMachineDoesNotExistException',
    ],
    ['a name that is none', { Name: 'a b' }, 'StepFunctions.InvalidNameException'],
  ])('fails for %s', async (_, change, error) => {
    const Arguments = { StateMachineArn: innerArn, Name: 'run', ...change };
    const { execution, runner, clock } = start({ I: pass({}) }, { Arguments });
    runner.start(innerArn, '{}', 'run');
    await clock.run();
    expect(execution.end()).toMatchObject({ output: { Error: error } });
  });

  test('fails where its role may not', async () => {
    const role = allowing('lambda:InvokeFunction');
    const { execution, clock } = start({ I: pass({}) }, {}, { role });
    await clock.run();
    expect(execution.end()).toMatchObject({
      output: {
        Error: 'StepFunctions.AWSStepFunctionsException',
        Cause: expect.stringContaining('not authorized to perform: states:StartExecution'),
      },
    });
  });
});

describe('a task that puts events', () => {
  const put = (Entries: unknown, change = {}) =>
    startMachine(
      {
        A: {
          Type: 'Task',
          Resource: 'arn:aws:states:::events:putEvents',
          Arguments: { Entries },
          End: true,
        },
      },
      {},
      change,
    );
  const entry = { Source: 'mine', DetailType: 'Invited', Detail: { id: '{% $states.input.id %}' } };

  test('puts each on its bus, with the execution among its resources', async () => {
    const { run, bus } = put([entry, { ...entry, Detail: '{"id":"text"}', Resources: ['other'] }]);
    const { execution, end } = await run({ id: 'i' });
    const own = [machineArn, execution.arn];
    expect(bus.events).toMatchObject([
      { source: 'mine', 'detail-type': 'Invited', detail: { id: 'i' }, resources: own },
      { detail: { id: 'text' }, resources: ['other', ...own] },
    ]);
    expect(end).toMatchObject({
      output: {
        Entries: bus.events.map(({ id }) => ({ EventId: id })),
        FailedEntryCount: 0,
      },
    });
  });

  test.each([
    [{ ...entry, Source: undefined }, 'InvalidArgument', /Source is a required argument/],
    [{ ...entry, Detail: '"text"' }, 'MalformedDetail', /Detail is malformed/],
    [{ ...entry, Detail: 'not JSON' }, 'MalformedDetail', /Detail is malformed/],
    [{ ...entry, Detail: '{"id":' }, 'MalformedDetail', /Detail is malformed/],
    [{ ...entry, Detail: [1] }, 'MalformedDetail', /Detail is malformed/],
  ])('fails where one entry does: %j', async (bad, code, message) => {
    const { run, bus } = put([entry, JSON.parse(JSON.stringify(bad))]);
    const { end } = await run({ id: 'i' });
    const { error, cause } = (end as { reason: { error: string; cause: string } }).reason;
    expect(error).toBe('EventBridge.FailedEntry');
    expect(JSON.parse(cause)).toMatchObject({
      FailedEntryCount: 1,
      Entries: [
        { EventId: expect.any(String) },
        { ErrorCode: code, ErrorMessage: expect.stringMatching(message) },
      ],
    });
    expect(bus.events).toHaveLength(1);
  });

  test('fails where its role may not, for the bus that it names', async () => {
    const { run, bus } = put([{ ...entry, EventBusName: 'own' }], { role: allowing() });
    expect((await run({ id: 'i' })).end).toMatchObject({
      reason: {
        error: 'EventBridge.AWSEventBridgeException',
        cause: expect.stringContaining(
          'events:PutEvents on resource: arn:aws:events:us-east-1:000000000000:event-bus/own',
        ),
      },
    });
    expect(bus.events).toEqual([]);
  });
});
