import asl from 'asl-validator';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Definition } from '../../infra/local/step-functions/model.ts';
import { definitionOf, type Retrier } from '../infra/definition.ts';
import { templateOf } from '../support/assemblies.ts';
import { CHANNEL, type LocalRun, startLocalRun } from '../support/local-run.ts';
import {
  delayLane,
  executionsFor,
  executionsOf,
  openLane,
  untilSettled,
  WORKFLOW,
} from '../support/queue.ts';
import { inJsonata } from './jsonpath.ts';
import { read } from './markdown.ts';

/** The state machines that a document shows, as they stand there. */
const machinesIn = (file: string): Definition[] => {
  const blocks = [...read(file).matchAll(/^```json\n(.*?)^```/gms)].map(([, text = '']) => text);
  return blocks.filter((text) => text.includes('"StartAt"')).map((text) => JSON.parse(text));
};

const [task, ...otherTasks] = machinesIn('docs/calling.md');
const [nested, ...otherNested] = machinesIn('docs/workflow.md');
const [taskInPaths, nestedInPaths, ...others] = machinesIn('docs/jsonpath.md');
if (!task || !nested || !taskInPaths || !nestedInPaths) throw new Error('an example is missing');
// Before the run starts: a synthesis holds up everything, for longer than an idle connection stays open.
const { Invite } = definitionOf(await templateOf()).States;

test('each document shows the state machines that are tested here, and no others', () => {
  expect([otherTasks, otherNested, others]).toEqual([[], [], []]);
});

test.each([
  ['docs/calling.md', task],
  ['docs/workflow.md', nested],
  ['docs/jsonpath.md, of one call', taskInPaths],
  ['docs/jsonpath.md, of the workflow', nestedInPaths],
])('the state machine of %s is valid', (_, machine) => {
  expect(asl(structuredClone(machine))).toEqual({
    isValid: true,
    errorsText: expect.any(Function),
    errors: [],
  });
});

test.each([
  ['docs/calling.md', task.States.Invite],
  ['docs/workflow.md', nested.States.Queue],
  ['docs/jsonpath.md, of one call', taskInPaths.States.Invite],
  ['docs/jsonpath.md, of the workflow', nestedInPaths.States.Queue],
])(
  'the task of %s is tried again after the same faults of Lambda as the stack’s own',
  (_, state) => {
    const retried = ({ Retry }: { Retry: Retrier[] }) =>
      Retry.filter(({ MaxAttempts }) => MaxAttempts > 0)
        .flatMap(({ ErrorEquals }) => ErrorEquals)
        .filter((name) => name.includes('.') && name !== 'States.ALL')
        .toSorted();
    expect(retried(state as unknown as { Retry: Retrier[] })).toEqual(
      retried(Invite as unknown as { Retry: Retrier[] }),
    );
  },
);

let run: LocalRun;
beforeAll(async () => {
  run = await startLocalRun();
});
afterAll(() => run.close());
beforeEach(async () => {
  await run.sandbox('POST', 'reset');
  await openLane(run);
});

let people = 0;
const ask = (more: object = {}) => ({
  channel: CHANNEL,
  emails: [`documented.${++people}@partner.example`],
  ...more,
});

/** The definition for this machine: its ARNs, and waits of a second at most. */
const localized = (machine: Definition): string => {
  const copy = structuredClone(machine);
  for (const state of Object.values(copy.States)) {
    if (state.Type !== 'Wait') continue;
    const seconds = String(state.Seconds).replace(/^\{%|%\}$/g, '');
    state.Seconds = `{% $min([1, ${seconds}]) %}`;
  }
  const { arn } = run.stack.functions.find(({ folder }) => folder === 'invite-task') ?? {};
  return JSON.stringify(copy)
    .replaceAll('arn:aws:lambda:us-east-1:123456789012:function:NAME', String(arn))
    .replaceAll('arn:aws:states:us-east-1:123456789012:stateMachine:WORKFLOW', WORKFLOW);
};

let machines = 0;

/** Creates the machine as the AWS CLI does, and runs it. @returns the states that it went through, and its end. */
const execute = async (machine: Definition, input: object) => {
  const { stateMachineArn } = await run.states('CreateStateMachine', {
    name: `documented-${++machines}`,
    definition: localized(machine),
    roleArn: 'arn:aws:iam::123456789012:role/of-somebody',
  });
  const { executionArn } = await run.states('StartExecution', {
    stateMachineArn,
    input: JSON.stringify(input),
  });
  const describeIt = () => run.states('DescribeExecution', { executionArn });
  await expect
    .poll(async () => (await describeIt()).status, { timeout: 25_000 })
    .not.toBe('RUNNING');
  const { status, output, error, cause } = (await describeIt()) as Record<string, string>;
  const { events } = await run.states('GetExecutionHistory', { executionArn, maxResults: 1000 });
  const states = (events as { stateEnteredEventDetails?: { name: string } }[]).flatMap(
    ({ stateEnteredEventDetails: entered }) => (entered ? [entered.name] : []),
  );
  return {
    output: status === 'SUCCEEDED' ? JSON.parse(output as string) : undefined,
    states,
    error,
    cause: String(cause),
  };
};

describe.each([
  { language: 'JSONata', machine: task, isJsonata: true },
  { language: 'JSONPath, translated', machine: inJsonata(taskInPaths), isJsonata: false },
])('the state machine of one call, in $language,', ({ machine, isJsonata }) => {
  const again = [
    ...(isJsonata ? [] : ['ReadCause', 'ReadProblem']),
    'OnceMore',
    'WaitAsTold',
    'Invite',
  ];

  test('invites', async () => {
    const { output, states } = await execute(machine, ask());
    expect(output).toMatchObject({ status: 'sent' });
    expect(states).toEqual(['Begin', 'Invite', 'IsInvited', 'Invited']);
  });

  test('waits as long as it is told and asks again', async () => {
    await run.sandbox('POST', 'faults', { error: 'service_unavailable', times: 2 });
    const { output, states } = await execute(machine, ask());
    expect(states).toEqual(['Begin', 'Invite', ...again, ...again, 'IsInvited', 'Invited']);
    expect(output).toMatchObject({ status: 'sent' });
  });

  test('waits for what somebody else has put into the queue', async () => {
    await delayLane(run, 2);
    const wish = ask();
    await run.post(wish, { prefer: 'respond-async' });
    const { output, states } = await execute(machine, wish);
    expect(states.slice(0, 5)).toEqual(['Begin', 'Invite', 'IsInvited', 'WaitForQueue', 'Invite']);
    expect(output).toMatchObject({ status: 'sent' });
    expect(await run.slackCalls()).toBe(1);
  });

  test('leaves an unknown outcome to a person, and ends with a refusal as one', async () => {
    await run.sandbox('POST', 'faults', { error: 'internal_error', times: 1 });
    const unknown = await execute(machine, ask());
    expect([unknown.states.at(-1), unknown.error]).toEqual(['NeedsALook', 'OutcomeUnknown']);
    const refused = await execute(machine, ask({ emails: ['x@elsewhere.example'] }));
    expect([refused.states.at(-1), refused.error]).toEqual(['Refused', 'NotAllowed']);
    expect(refused.cause).toContain('domain_not_allowed');
  });
});

describe.each([
  { language: 'JSONata', machine: nested, isJsonata: true },
  { language: 'JSONPath, translated', machine: inJsonata(nestedInPaths), isJsonata: false },
])('the state machine that runs the workflow, in $language,', ({ machine, isJsonata }) => {
  test('runs it as a nested one and ends with its outcome', async () => {
    const { output, states } = await execute(machine, ask());
    expect(states).toEqual(['Queue', 'IsQueued', 'RunWorkflow', 'Invited']);
    expect(output).toMatchObject({ status: 'sent', outcome: 'sent', attempts: 1 });
    expect(await executionsFor(run, output.id)).toHaveLength(1);
    expect(await run.slackCalls()).toBe(1);
  });

  test('sends nothing where nothing is to be sent', async () => {
    const wish = ask();
    await run.post(wish);
    const { output, states } = await execute(machine, wish);
    expect(states).toEqual(['Queue', 'IsQueued', 'NothingToSend']);
    expect(output).toMatchObject({ status: 'sent' });
    expect(await run.slackCalls()).toBe(1);
  });

  test('ends with the class that the workflow ended with', async () => {
    await run.sandbox('POST', 'faults', { error: 'channel_archived', times: 1 });
    const { states, error, cause } = await execute(machine, ask());
    const ends = [...(isJsonata ? [] : ['WhatFailed', 'ReadFailure', 'HasClass']), 'NotInvited'];
    expect(states).toEqual(['Queue', 'IsQueued', 'RunWorkflow', ...ends]);
    expect(error).toBe('Conflict');
    expect(cause).toContain('channel_archived');
  });

  test('ends as one that somebody stopped, and goes out when it is started again', async () => {
    await delayLane(run, 3600);
    const wish = ask();
    const ending = execute(machine, wish);
    await expect.poll(() => executionsOf(run, 'RUNNING')).toHaveLength(1);
    const [execution] = await executionsOf(run, 'RUNNING');
    const id = execution?.name.replace(/-\d+$/, '');
    await run.states('StopExecution', { executionArn: execution?.executionArn as string });
    const { states, error } = await ending;
    expect([states.at(-1), error]).toEqual([
      isJsonata ? 'NotInvited' : 'Ended',
      'States.TaskFailed',
    ]);

    await openLane(run);
    expect((await execute(machine, wish)).output).toMatchObject({ id, status: 'sent' });
    expect(await executionsFor(run, id)).toHaveLength(2);
    expect(await run.slackCalls()).toBe(1);
  });

  test('joins an execution that somebody else has started, and goes out once', async () => {
    await delayLane(run, 2);
    const wish = ask();
    const { body } = await run.post(wish, { prefer: 'respond-async' });
    const { output } = await execute(machine, wish);
    expect(output).toMatchObject({ id: body.id, status: 'sent' });
    await untilSettled(run, body.id);
    expect(await run.slackCalls()).toBe(1);
  });
});
