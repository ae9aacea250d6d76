import {
  CreateStateMachineCommand,
  type CreateStateMachineInput,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  type GetExecutionHistoryInput,
  ListActivitiesCommand,
  ListExecutionsCommand,
  type ListExecutionsInput,
  ListStateMachinesCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  type StartExecutionInput,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { InvokeResult } from '../../infra/local/lambda/lambda.ts';
import { startEndpoint } from '../support/local-endpoint.ts';
import { type Credentials, operator } from '../support/local-signing.ts';
import { answers, functionArn, machine, startRunner, task, throws } from './machine.ts';

const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:Stack-workflow';
const executionArn = (name: string) =>
  `arn:aws:states:us-east-1:000000000000:execution:Stack-workflow:${name}`;

const { runner, invoke } = startRunner([
  machine({
    Call: task({
      Output: "{% $merge([$states.input, {'kept': $states.result.Payload.kept}]) %}",
      Assign: { seen: '{% $states.result.StatusCode %}' },
      Catch: [{ ErrorEquals: ['Told'], Output: '{% $states.input %}', Next: 'Failed' }],
      Next: 'Keep',
    }),
    Keep: { Type: 'Pass', Output: '{% $states.input.kept %}', End: true },
    Failed: { Type: 'Fail', Error: 'Mine', Cause: 'why' },
  }),
]);
let endpoint: Awaited<ReturnType<typeof startEndpoint>>;

beforeAll(async () => {
  endpoint = await startEndpoint(runner);
});
afterAll(async () => {
  runner.stop();
  await endpoint.close();
});
/** Until the test is over; a function that never ends would keep its place in the line. */
let hanging = Promise.withResolvers<InvokeResult>();
beforeEach(() => {
  hanging.resolve(answers({}));
  hanging = Promise.withResolvers();
  invoke.mockReset().mockImplementation(async () => answers({ kept: [1] }));
});

const client = (credentials: Credentials = operator) => new SFNClient(endpoint.client(credentials));
const start = (input: Partial<StartExecutionInput> = {}, credentials?: Credentials) =>
  client(credentials).send(new StartExecutionCommand({ stateMachineArn, ...input }));
const describeExecution = (name: string, credentials?: Credentials) =>
  client(credentials).send(new DescribeExecutionCommand({ executionArn: executionArn(name) }));
const history = (name: string, input: Partial<GetExecutionHistoryInput> = {}) =>
  client().send(new GetExecutionHistoryCommand({ executionArn: executionArn(name), ...input }));
const list = (input: Partial<ListExecutionsInput> = {}) =>
  client().send(new ListExecutionsCommand({ stateMachineArn, ...input }));
const stop = (name: string, why = {}) =>
  client().send(new StopExecutionCommand({ executionArn: executionArn(name), ...why }));

/** Starts one and waits for its end. */
async function run(name: string): Promise<void> {
  await start({ name, input: '{"id":1}' });
  await expect.poll(async () => (await describeExecution(name)).status).not.toBe('RUNNING');
}

/** Starts one whose first task does not end. */
async function hang(name: string, input = '{"id":1}') {
  invoke.mockReturnValue(hanging.promise);
  return start({ name, input });
}

describe('StartExecution', () => {
  test('starts an execution, whose ARN has its name', async () => {
    const before = Date.now();
    const { executionArn: arn, startDate } = await start({ name: 'first' });
    expect(arn).toBe(executionArn('first'));
    expect(startDate?.getTime()).toBeGreaterThanOrEqual(before);
  });

  test('makes up a name, and takes {} for no input', async () => {
    const { executionArn: arn } = await start();
    const name = arn?.split(':').at(-1) as string;
    expect(name).toMatch(/^[\da-f-]{36}$/);
    expect((await describeExecution(name)).input).toBe('{}');
  });

  test('starts nothing twice: the same name and input get the same answer while it runs', async () => {
    const one = await hang('twice');
    const two = await start({ name: 'twice', input: '{"id":1}' });
    expect([two.executionArn, two.startDate]).toEqual([one.executionArn, one.startDate]);
    await stop('twice');
    expect(invoke).toHaveBeenCalledOnce();
  });

  test.each([['{"id":2}'], ['{"id": 1}']])(
    'refuses a name in use for the input %s',
    async (input) => {
      const name = `used-${input.length}`;
      await hang(name);
      await expect(start({ name, input })).rejects.toMatchObject({
        name: 'ExecutionAlreadyExists',
        message: `Execution Already Exists: '${executionArn(name)}'`,
      });
      await stop(name);
    },
  );

  test('refuses the name of an execution that is over, whatever the input', async () => {
    await run('over');
    await expect(start({ name: 'over', input: '{"id":1}' })).rejects.toMatchObject({
      name: 'ExecutionAlreadyExists',
    });
  });

  test.each(['', 'a b', 'a:b', 'a/b', 'a"b', 'a#b', 'a\u0007b', 'x'.repeat(81)])(
    'refuses the name %j',
    async (name) => {
      await expect(start({ name })).rejects.toMatchObject({ name: 'InvalidName' });
    },
  );

  test('takes a name of 80 characters with what else is allowed', async () => {
    const name = `ä.-_+=@!()'${'x'.repeat(69)}`;
    await expect(start({ name })).resolves.toMatchObject({ executionArn: executionArn(name) });
  });

  test('refuses an input that is not JSON, without quoting it', async () => {
    await expect(start({ input: '{person@partner.example}' })).rejects.toMatchObject({
      name: 'InvalidExecutionInput',
      message: expect.not.stringContaining('person'),
    });
  });

  test('takes an input of 256 KiB and refuses a longer one', async () => {
    const input = (bytes: number) => JSON.stringify('é'.repeat((bytes - 2) / 2));
    await expect(start({ input: input(262_144) })).resolves.toBeDefined();
    await expect(start({ input: input(262_146) })).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  test.each([
    ['arn:aws:states:us-east-1:000000000000:stateMachine:gone', 'StateMachineDoesNotExist'],
    ['Stack-workflow', 'InvalidArn'],
    [executionArn('first'), 'InvalidArn'],
  ])('refuses the state machine %s', async (arn, name) => {
    await expect(start({ stateMachineArn: arn })).rejects.toMatchObject({ name });
  });
});

describe('DescribeExecution', () => {
  test('tells of one that runs', async () => {
    await hang('running');
    const { status, output, stopDate, name } = await describeExecution('running');
    expect({ status, output, stopDate, name }).toEqual({
      status: 'RUNNING',
      output: undefined,
      stopDate: undefined,
      name: 'running',
    });
    await stop('running');
  });

  test('tells the output as JSON', async () => {
    await run('good');
    expect(await describeExecution('good')).toMatchObject({
      status: 'SUCCEEDED',
      stateMachineArn,
      input: '{"id":1}',
      output: '[1]',
      stopDate: expect.any(Date),
    });
  });

  test('tells error and cause', async () => {
    invoke.mockResolvedValue(throws('Told'));
    await run('bad');
    expect(await describeExecution('bad')).toMatchObject({
      status: 'FAILED',
      error: 'Mine',
      cause: 'why',
    });
  });

  test('does not know another', async () => {
    await expect(describeExecution('gone')).rejects.toMatchObject({
      name: 'ExecutionDoesNotExist',
      message: `Execution Does Not Exist: '${executionArn('gone')}'`,
    });
  });
});

describe('StopExecution', () => {
  test('aborts, and says why', async () => {
    await hang('stopped');
    const { stopDate } = await stop('stopped', { error: 'Enough', cause: 'of it' });
    expect(await describeExecution('stopped')).toMatchObject({
      status: 'ABORTED',
      error: 'Enough',
      cause: 'of it',
      stopDate,
    });
  });

  test.each([{ error: 'x'.repeat(257) }, { cause: 'x'.repeat(32_769) }])(
    'refuses an error or a cause that is too long',
    async (why) => {
      await expect(stop('stopped', why)).rejects.toMatchObject({ name: 'ValidationException' });
    },
  );

  test('leaves one that is over as it is', async () => {
    await run('stopped-late');
    await stop('stopped-late');
    expect((await describeExecution('stopped-late')).status).toBe('SUCCEEDED');
  });
});

describe('GetExecutionHistory', () => {
  test("tells what happened, in AWS's events", async () => {
    await run('told');
    const { events = [] } = await history('told');
    const json = (value: unknown) => JSON.stringify(value);
    const untruncated = { truncated: false };
    const integration = { resourceType: 'lambda', resource: 'invoke' };
    const answer = {
      ExecutedVersion: '$LATEST',
      Payload: { kept: [1] },
      SdkHttpMetadata: { HttpStatusCode: 200 },
      SdkResponseMetadata: { RequestId: 'request-1' },
      StatusCode: 200,
    };
    const between = json({ id: 1, kept: [1] });
    expect(events.map(({ timestamp: _, ...event }) => event)).toEqual([
      {
        id: 1,
        previousEventId: 0,
        type: 'ExecutionStarted',
        executionStartedEventDetails: {
          roleArn: 'arn:aws:iam::000000000000:role/workflow-role',
          input: '{"id":1}',
          inputDetails: untruncated,
        },
      },
      {
        id: 2,
        previousEventId: 0,
        type: 'TaskStateEntered',
        stateEnteredEventDetails: { name: 'Call', input: '{"id":1}', inputDetails: untruncated },
      },
      {
        id: 3,
        previousEventId: 2,
        type: 'TaskScheduled',
        taskScheduledEventDetails: {
          ...integration,
          region: 'us-east-1',
          parameters: json({ FunctionName: functionArn, Payload: { id: 1 } }),
        },
      },
      { id: 4, previousEventId: 3, type: 'TaskStarted', taskStartedEventDetails: integration },
      {
        id: 5,
        previousEventId: 4,
        type: 'TaskSucceeded',
        taskSucceededEventDetails: {
          ...integration,
          output: json(answer),
          outputDetails: untruncated,
        },
      },
      {
        id: 6,
        previousEventId: 5,
        type: 'TaskStateExited',
        stateExitedEventDetails: {
          name: 'Call',
          output: between,
          outputDetails: untruncated,
          assignedVariables: { seen: '200' },
          assignedVariablesDetails: untruncated,
        },
      },
      {
        id: 7,
        previousEventId: 6,
        type: 'PassStateEntered',
        stateEnteredEventDetails: { name: 'Keep', input: between, inputDetails: untruncated },
      },
      {
        id: 8,
        previousEventId: 7,
        type: 'PassStateExited',
        stateExitedEventDetails: { name: 'Keep', output: '[1]', outputDetails: untruncated },
      },
      {
        id: 9,
        previousEventId: 8,
        type: 'ExecutionSucceeded',
        executionSucceededEventDetails: { output: '[1]', outputDetails: untruncated },
      },
    ]);
  });

  test('tells what failed, and where it led', async () => {
    invoke.mockResolvedValue(throws('Told', 'm'));
    await run('failed');
    const { events = [] } = await history('failed');
    expect(events.slice(4)).toMatchObject([
      {
        type: 'TaskFailed',
        taskFailedEventDetails: {
          error: 'Told',
          cause: '{"errorType":"Told","errorMessage":"m","trace":[]}',
        },
      },
      { type: 'TaskStateExited', stateExitedEventDetails: { output: '{"id":1}' } },
      { type: 'FailStateEntered' },
      { type: 'ExecutionFailed', executionFailedEventDetails: { error: 'Mine', cause: 'why' } },
    ]);
  });

  test('tells of an abort as of an event that follows none', async () => {
    await hang('aborted');
    await expect.poll(async () => (await history('aborted')).events?.length).toBe(4);
    await stop('aborted', { error: 'Enough' });
    expect((await history('aborted')).events?.at(-1)).toMatchObject({
      id: 5,
      previousEventId: 0,
      type: 'ExecutionAborted',
      executionAbortedEventDetails: { error: 'Enough' },
    });
  });

  test('leaves inputs and outputs out if told to', async () => {
    await run('without-data');
    const { events } = await history('without-data', { includeExecutionData: false });
    expect(events).toHaveLength(9);
    expect(JSON.stringify(events)).not.toMatch(/"(input|output|parameters|assigned\w*)"|kept/);
  });

  test('comes page by page, in either order', async () => {
    await run('paged');
    const ids = async (reverseOrder: boolean) => {
      const pages: unknown[][] = [];
      let nextToken: string | undefined;
      do {
        const page = await history('paged', { maxResults: 4, nextToken, reverseOrder });
        pages.push((page.events ?? []).map(({ id }) => id));
        nextToken = page.nextToken;
      } while (nextToken);
      return pages;
    };
    expect(await ids(false)).toEqual([[1, 2, 3, 4], [5, 6, 7, 8], [9]]);
    expect(await ids(true)).toEqual([[9, 8, 7, 6], [5, 4, 3, 2], [1]]);
  });
});

describe('ListExecutions', () => {
  test('lists the newest first', async () => {
    await run('older');
    await run('newer');
    const { executions = [] } = await list();
    expect(executions.slice(0, 2)).toMatchObject([
      { name: 'newer', stateMachineArn, executionArn: executionArn('newer'), status: 'SUCCEEDED' },
      { name: 'older', stopDate: expect.any(Date) },
    ]);
  });

  test('lists those with a status, page by page, also when new ones come in between', async () => {
    for (const name of ['abort-1', 'abort-2', 'abort-3']) {
      await hang(name);
      await stop(name);
    }
    const first = await list({ statusFilter: 'ABORTED', maxResults: 2 });
    await hang('abort-4');
    const second = await list({
      statusFilter: 'ABORTED',
      maxResults: 1,
      nextToken: first.nextToken,
    });
    await stop('abort-4');
    expect(first.executions?.map(({ name }) => name)).toEqual(['abort-3', 'abort-2']);
    expect(second.executions?.map(({ name }) => name)).toEqual(['abort-1']);
  });

  test.each([
    [{ maxResults: 1001 }, 'ValidationException'],
    [{ statusFilter: 'DONE' as 'FAILED' }, 'ValidationException'],
    [{ nextToken: 'mine' }, 'InvalidToken'],
  ])('refuses %j', async (input, name) => {
    await expect(list(input)).rejects.toMatchObject({ name });
  });
});

test('describes the state machine', async () => {
  const described = await client().send(new DescribeStateMachineCommand({ stateMachineArn }));
  expect(described).toMatchObject({
    name: 'Stack-workflow',
    type: 'STANDARD',
    status: 'ACTIVE',
    roleArn: 'arn:aws:iam::000000000000:role/workflow-role',
    loggingConfiguration: { level: 'ALL', includeExecutionData: false },
    tracingConfiguration: { enabled: true },
  });
  expect(JSON.parse(described.definition ?? '')).toMatchObject({ StartAt: 'Call' });
});

test('lists the state machines', async () => {
  const { stateMachines } = await client().send(new ListStateMachinesCommand());
  expect(stateMachines).toMatchObject([{ stateMachineArn, name: 'Stack-workflow' }]);
});

describe('a function', () => {
  test('may start and see what its role allows', async () => {
    await start({ name: 'by-function' }, endpoint.functionCredentials);
    await expect(
      describeExecution('by-function', endpoint.functionCredentials),
    ).resolves.toMatchObject({ name: 'by-function' });
  });

  test.each([
    ['states:StopExecution', new StopExecutionCommand({ executionArn: executionArn('x') })],
    [
      'states:GetExecutionHistory',
      new GetExecutionHistoryCommand({ executionArn: executionArn('x') }),
    ],
    ['states:ListExecutions', new ListExecutionsCommand({ stateMachineArn })],
    ['states:DescribeStateMachine', new DescribeStateMachineCommand({ stateMachineArn })],
    ['states:ListStateMachines', new ListStateMachinesCommand()],
    [
      'states:StartExecution',
      new StartExecutionCommand({ stateMachineArn: `${stateMachineArn}2` }),
    ],
  ])('is refused %s', async (action, command) => {
    const sent = client(endpoint.functionCredentials).send(command as StopExecutionCommand);
    await expect(sent).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(`not authorized to perform: ${action} on resource: `),
    });
  });
});

test('names the operations that it has, where it does not have the one of a request', async () => {
  const command = new ListActivitiesCommand();
  await expect(client().send(command)).rejects.toMatchObject({
    name: 'UnknownOperationException',
    message: expect.stringContaining('StartExecution, StopExecution'),
  });
});

describe('CreateStateMachine', () => {
  const definition = (fields: object = {}) =>
    JSON.stringify({
      QueryLanguage: 'JSONata',
      StartAt: 'A',
      States: { A: { Type: 'Pass', Output: '{% $states.input %}', End: true, ...fields } },
    });
  const arnOf = (name: string) => stateMachineArn.replace('Stack-workflow', name);
  const create = (input: Partial<CreateStateMachineInput> = {}) =>
    client().send(
      new CreateStateMachineCommand({
        name: 'mine',
        definition: definition(),
        roleArn: 'arn:aws:iam::123456789012:role/of-somebody',
        ...input,
      }),
    );

  test('creates one, which is listed, described, and runs', async () => {
    const { stateMachineArn: arn } = await create();
    expect(arn).toBe(arnOf('mine'));
    const { stateMachines } = await client().send(new ListStateMachinesCommand());
    expect(stateMachines?.map(({ name }) => name)).toEqual(['Stack-workflow', 'mine']);
    const described = await client().send(
      new DescribeStateMachineCommand({ stateMachineArn: arn }),
    );
    expect(described).toMatchObject({
      definition: definition(),
      roleArn: 'arn:aws:iam::123456789012:role/of-somebody',
      loggingConfiguration: { level: 'OFF' },
    });
    const { executionArn: started } = await start({ stateMachineArn: arn as string, input: '[1]' });
    await expect
      .poll(() => client().send(new DescribeExecutionCommand({ executionArn: started })))
      .toMatchObject({ status: 'SUCCEEDED', output: '[1]' });
  });

  test('changes nothing for the same definition again, and refuses another one', async () => {
    const first = await create({ name: 'twice' });
    expect((await create({ name: 'twice' })).creationDate).toEqual(first.creationDate);
    await expect(
      create({ name: 'twice', definition: definition({ Comment: 'c' }) }),
    ).rejects.toMatchObject({
      name: 'StateMachineAlreadyExists',
    });
  });

  test.each([
    [{ name: 'a b' }, 'InvalidName', /1 to 80 characters/],
    [{ definition: '{' }, 'InvalidDefinition', /not a JSON object/],
    [
      { definition: definition({ InputPath: '$' }) },
      'InvalidDefinition',
      /States\.A\.InputPath: this field is not understood/,
    ],
    [
      { definition: definition({ Next: 'B' }) },
      'InvalidDefinition',
      /MISSING_TRANSITION_TARGET|exactly one/,
    ],
    [{ definition: ' '.repeat(1_048_577) }, 'ValidationException', /less than or equal to 1048576/],
    [{ roleArn: 'mine' }, 'InvalidArn', /not an ARN of a role/],
    [{ type: 'EXPRESS' as const }, 'ValidationException', /has no type EXPRESS/],
    [{ publish: true }, 'ValidationException', /has no publish/],
  ])('refuses %j', async (input, name, message) => {
    await expect(create(input)).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message),
    });
  });

  test('takes the traces and the logs that are asked for', async () => {
    const { stateMachineArn: arn } = await create({
      name: 'logged',
      tracingConfiguration: { enabled: true },
      loggingConfiguration: { level: 'ALL', includeExecutionData: true },
      tags: [{ key: 'a', value: 'b' }],
    });
    const described = await client().send(
      new DescribeStateMachineCommand({ stateMachineArn: arn }),
    );
    expect(described).toMatchObject({
      tracingConfiguration: { enabled: true },
      loggingConfiguration: { level: 'ALL', includeExecutionData: true },
    });
  });

  test('is undone by DeleteStateMachine, which aborts its executions', async () => {
    const waits = { Type: 'Wait', Output: undefined, Seconds: 600 };
    const { stateMachineArn: arn } = await create({ name: 'gone', definition: definition(waits) });
    const { executionArn: started } = await start({ stateMachineArn: arn as string });
    await client().send(new DeleteStateMachineCommand({ stateMachineArn: arn }));
    const ended = await client().send(new DescribeExecutionCommand({ executionArn: started }));
    expect(ended.status).toBe('ABORTED');
    await expect(start({ stateMachineArn: arn as string })).rejects.toMatchObject({
      name: 'StateMachineDoesNotExist',
    });
  });
});

describe('a task that waits for its token', () => {
  const begin = async (name: string) => {
    runner.machines.set(`${stateMachineArn}-token`, {
      ...machine({
        Ask: task({
          Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
          Arguments: { FunctionName: functionArn, Payload: '{% $states.context.Task.Token %}' },
          End: true,
        }),
      }),
      arn: `${stateMachineArn}-token`,
      name: 'Stack-workflow-token',
    });
    const { executionArn: started } = await start({
      stateMachineArn: `${stateMachineArn}-token`,
      name,
    });
    await expect.poll(() => runner.openTasks.size).toBe(1);
    const [taskToken = ''] = runner.openTasks.keys();
    const ended = async () => {
      const command = new DescribeExecutionCommand({ executionArn: started });
      await expect.poll(async () => (await client().send(command)).status).not.toBe('RUNNING');
      return client().send(command);
    };
    return { taskToken, ended };
  };

  test('goes on by SendTaskSuccess, after a heartbeat', async () => {
    const { taskToken, ended } = await begin('success');
    await client().send(new SendTaskHeartbeatCommand({ taskToken }));
    await client().send(new SendTaskSuccessCommand({ taskToken, output: '{"seen":true}' }));
    expect(await ended()).toMatchObject({ status: 'SUCCEEDED', output: '{"seen":true}' });
  });

  test('fails by SendTaskFailure', async () => {
    const { taskToken, ended } = await begin('failure');
    await client().send(new SendTaskFailureCommand({ taskToken, error: 'Mine', cause: 'why' }));
    expect(await ended()).toMatchObject({ status: 'FAILED', error: 'Mine', cause: 'why' });
  });

  test('stays as it is where the output is not JSON', async () => {
    const { taskToken, ended } = await begin('bad');
    const bad = new SendTaskSuccessCommand({ taskToken, output: 'person@partner.example' });
    await expect(client().send(bad)).rejects.toMatchObject({
      name: 'InvalidOutput',
      message: expect.not.stringContaining('person'),
    });
    await client().send(new SendTaskFailureCommand({ taskToken }));
    expect((await ended()).status).toBe('FAILED');
    await expect(client().send(new SendTaskFailureCommand({ taskToken }))).rejects.toMatchObject({
      name: 'TaskTimedOut',
    });
  });

  test('is not for a function whose role does not allow it', async () => {
    const { taskToken, ended } = await begin('denied');
    const command = new SendTaskSuccessCommand({ taskToken, output: '1' });
    await expect(client(endpoint.functionCredentials).send(command)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(
        `states:SendTaskSuccess on resource: ${stateMachineArn}-token`,
      ),
    });
    await client().send(command);
    await ended();
  });
});
