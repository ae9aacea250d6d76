import asl from 'asl-validator';
import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { definitionOf, type Retrier } from '../infra/definition.ts';
import { synthesized } from '../infra/synthesized.ts';
import { CHANNEL, type LocalRun, startLocalRun } from '../support/local-run.ts';
import { delayLane, executionsFor, openLane, untilSettled, WORKFLOW } from '../support/queue.ts';
import { read } from './markdown.ts';

/** The state machine that a document shows, as it stands there. */
const machineIn = (file: string): StateMachineDefinition => {
  const blocks = [...read(file).matchAll(/^```json\n(.*?)^```/gms)].map(([, text = '']) => text);
  const machines = blocks.filter((text) => text.includes('"StartAt"'));
  if (machines.length !== 1) throw new Error(`${file} shows ${machines.length} state machines`);
  return JSON.parse(machines[0] as string);
};

const TASK = machineIn('docs/calling.md');
const NESTED = machineIn('docs/workflow.md');
// Before the run starts: a synthesis holds up everything, for longer than an idle connection stays open.
const { Invite } = definitionOf(synthesized()).States;

test.each([
  ['docs/calling.md', TASK],
  ['docs/workflow.md', NESTED],
])('the state machine of %s is valid', (_, machine) => {
  expect(asl(machine as Parameters<typeof asl>[0])).toEqual({
    isValid: true,
    errorsText: expect.any(Function),
    errors: [],
  });
});

test.each([
  ['docs/calling.md', TASK.States.Invite],
  ['docs/workflow.md', NESTED.States.Queue],
])(
  'the task of %s is tried again after the same faults of Lambda as the stack’s own',
  (_, task) => {
    const retried = ({ Retry }: { Retry: Retrier[] }) =>
      Retry.filter(({ MaxAttempts }) => MaxAttempts > 0)
        .flatMap(({ ErrorEquals }) => ErrorEquals)
        .filter((name) => name.includes('.') && name !== 'States.ALL')
        .toSorted();
    expect(retried(task as unknown as { Retry: Retrier[] })).toEqual(
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

const named = (name: string, cause: object): Error =>
  Object.assign(new Error(JSON.stringify(cause)), { name });

type Json = Record<string, string>;

/** `invite-task`, its error as Step Functions makes it of a function's. */
const inviteTask = async (input: unknown): Promise<Json> => {
  const { functionError, payload } = await run.task(input);
  if (functionError) throw named(String(payload.errorType), payload);
  return payload as Json;
};

/** `startExecution.sync:2` of the stack's own workflow. */
const startExecution = async (input: unknown): Promise<Json> => {
  const { Name, Input } = input as { Name: string; Input: object };
  const started = await run.states('StartExecution', {
    stateMachineArn: WORKFLOW,
    name: Name,
    input: JSON.stringify(Input),
  });
  if (String(started.__type).endsWith('ExecutionAlreadyExists')) {
    throw named('StepFunctions.ExecutionAlreadyExistsException', {});
  }
  const { executionArn } = started as { executionArn: string };
  for (;;) {
    const ended = await run.states('DescribeExecution', { executionArn });
    const { status, output, error, cause } = ended as Json;
    if (status === 'SUCCEEDED') return { Status: status, Output: JSON.parse(output as string) };
    if (status !== 'RUNNING') {
      const told = { Status: status, ...(error && { Error: error, Cause: cause }) };
      throw named('States.TaskFailed', told);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

const TASKS = { Invite: inviteTask, Queue: inviteTask, RunWorkflow: startExecution };

/** Runs a machine without its waits. @returns the states that it went through, and its end. */
const execute = async (machine: StateMachineDefinition, input: object) => {
  const waits = Object.entries(machine.States).filter(([, { Type }]) => Type === 'Wait');
  const { result, eventLogs } = new StateMachine(machine).run(input as Json, {
    overrides: {
      taskResourceLocalHandlers: TASKS,
      waitTimeOverrides: Object.fromEntries(waits.map(([name]) => [name, 300])),
      retryIntervalOverrides: { Queue: 0, Invite: 0 },
    },
  });
  const output = (await result.catch(() => undefined)) as Json | undefined;
  const states: string[] = [];
  let failure: { Error: string; Cause: unknown } | undefined;
  for await (const event of eventLogs) {
    if (event.type === 'StateEntered') states.push(event.state.name);
    if (event.type === 'ExecutionFailed') failure = event;
  }
  return { output, states, failure };
};

describe('the state machine of docs/calling.md', () => {
  test('invites', async () => {
    const { output, states } = await execute(TASK, ask());
    expect(output).toMatchObject({ status: 'sent' });
    expect(states).toEqual(['Begin', 'Invite', 'IsInvited', 'Invited']);
  });

  test('waits as long as it is told and asks again', async () => {
    await run.sandbox('POST', 'faults', { error: 'service_unavailable', times: 2 });
    const { output, states } = await execute(TASK, ask());
    const again = ['ReadCause', 'ReadProblem', 'OnceMore', 'WaitAsTold', 'Invite'];
    expect(states).toEqual(['Begin', 'Invite', ...again, ...again, 'IsInvited', 'Invited']);
    expect(output).toMatchObject({ status: 'sent' });
  });

  test('waits for what somebody else has put into the queue', async () => {
    await delayLane(run, 2);
    const wish = ask();
    await run.post(wish, { prefer: 'respond-async' });
    const { output, states } = await execute(TASK, wish);
    expect(states.slice(0, 5)).toEqual(['Begin', 'Invite', 'IsInvited', 'WaitForQueue', 'Invite']);
    expect(output).toMatchObject({ status: 'sent' });
    expect(await run.slackCalls()).toBe(1);
  });

  test('leaves an unknown outcome to a person, and ends with a refusal as one', async () => {
    await run.sandbox('POST', 'faults', { error: 'internal_error', times: 1 });
    const unknown = await execute(TASK, ask());
    expect([unknown.states.at(-1), unknown.failure?.Error]).toEqual([
      'NeedsALook',
      'OutcomeUnknown',
    ]);
    const refused = await execute(TASK, ask({ emails: ['x@elsewhere.example'] }));
    expect([refused.states.at(-1), refused.failure?.Error]).toEqual(['Refused', 'NotAllowed']);
  });
});

describe('the state machine of docs/workflow.md', () => {
  test('runs the workflow as a nested one and ends with its outcome', async () => {
    const { output, states } = await execute(NESTED, ask());
    expect(states).toEqual(['Queue', 'IsQueued', 'RunWorkflow', 'Invited']);
    expect(output).toMatchObject({ status: 'sent', outcome: 'sent', attempts: 1 });
    expect(await executionsFor(run, output?.id)).toHaveLength(1);
    expect(await run.slackCalls()).toBe(1);
  });

  test('sends nothing where nothing is to be sent', async () => {
    const wish = ask();
    await run.post(wish);
    const { output, states } = await execute(NESTED, wish);
    expect(states).toEqual(['Queue', 'IsQueued', 'NothingToSend']);
    expect(output).toMatchObject({ status: 'sent' });
    expect(await run.slackCalls()).toBe(1);
  });

  test('ends with the class that the workflow ended with', async () => {
    await run.sandbox('POST', 'faults', { error: 'channel_archived', times: 1 });
    const { states, failure } = await execute(NESTED, ask());
    expect(states.slice(-5)).toEqual([
      'RunWorkflow',
      'WhatFailed',
      'ReadFailure',
      'HasClass',
      'NotInvited',
    ]);
    expect(failure?.Error).toBe('Conflict');
    expect(String(failure?.Cause)).toContain('channel_archived');
  });

  test('ends as one that somebody stopped, and goes out when it is started again', async () => {
    await delayLane(run, 3600);
    const wish = ask();
    const ending = execute(NESTED, wish);
    const { id } = (await run.task({ ...wish, queue: true })).payload;
    await expect.poll(() => executionsFor(run, id)).toHaveLength(1);
    const [execution] = await executionsFor(run, id);
    await run.states('StopExecution', { executionArn: execution?.executionArn as string });
    const { states, failure } = await ending;
    expect([states.at(-1), failure?.Error]).toEqual(['Ended', 'States.TaskFailed']);

    await openLane(run);
    expect((await execute(NESTED, wish)).output).toMatchObject({ id, status: 'sent' });
    expect(await executionsFor(run, id)).toHaveLength(2);
    expect(await run.slackCalls()).toBe(1);
  });

  test('joins an execution that somebody else has started, and goes out once', async () => {
    await delayLane(run, 2);
    const wish = ask();
    const { body } = await run.post(wish, { prefer: 'respond-async' });
    const { output } = await execute(NESTED, wish);
    expect(output).toMatchObject({ id: body.id, status: 'sent' });
    await untilSettled(run, body.id);
    expect(await run.slackCalls()).toBe(1);
  });
});
