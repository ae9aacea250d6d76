import aslValidator from 'asl-validator';
import { describe, expect, test } from 'vitest';
import { ERROR_CLASSES } from '../../functions/errors/classes.ts';
import { WORKFLOW_TIMEOUT_S } from '../../functions/lib/times.ts';
import { resources, templateOf } from '../support/assemblies.ts';
import { WITH_SOURCES } from './configurations.ts';
import {
  attemptsAfter,
  definitionOf,
  machineOf,
  NOTE_RETRIES,
  RETRIES,
  type Retrier,
} from './definition.ts';

const template = await templateOf(WITH_SOURCES);
const definition = definitionOf(template, 'events');
const machine = machineOf(template, 'events');

// biome-ignore lint/suspicious/noExplicitAny: states have no common shape
const states = definition.States as Record<string, any>;
const NOTES = ['NoteSent', 'NoteNotSent', 'SentUnnoted'];
const OWN = ['MakeInvite', 'WhatNow', 'WaitForEmail', 'NothingToSend', 'GiveUpEvent', ...NOTES];

const caught = (state: string, name: string): string =>
  states[state].Catch.find(({ ErrorEquals }: { ErrorEquals: string[] }) =>
    ErrorEquals.some((one) => one === name || one === 'States.ALL'),
  ).Next;

describe("the events' definition", () => {
  test('is valid States Language', () => {
    const { isValid, errorsText } = aslValidator(
      structuredClone(definition) as Parameters<typeof aslValidator>[0],
    );
    expect(isValid ? '' : errorsText()).toBe('');
  });

  test('begins with the event, and has eight states of its own', () => {
    expect(definition.StartAt).toBe('MakeInvite');
    expect(Object.keys(states)).toEqual(expect.arrayContaining(OWN));
  });

  test('goes on with the states of one invitation, as the other workflow has them', () => {
    const { States } = definitionOf(template, 'invites');
    const others = Object.entries(states).filter(([name]) => !OWN.includes(name));
    // Between the end of the invitation and that of the execution, it is noted.
    const { End: _, ...invite } = States.Invite as Record<string, unknown>;
    expect(Object.fromEntries(others)).toEqual({
      ...States,
      Invite: { ...invite, Next: 'NoteSent' },
      GiveUp: {
        ...States.GiveUp,
        Next: 'NoteNotSent',
        Catch: [
          { ...(States.GiveUp as unknown as { Catch: object[] }).Catch[0], Next: 'NoteNotSent' },
        ],
      },
    });
  });

  test('notes in the record how the invitation ended, and goes on whatever becomes of the note', () => {
    const note = {
      Type: 'Task',
      Output: '{% $states.input %}',
      TimeoutSeconds: 60,
      Arguments: {
        Payload: { event: '{% $states.context.Execution.Input.event %}', ended: true },
      },
    };
    const unnoted = (Next: string) => [
      { ErrorEquals: ['States.ALL'], Output: '{% $states.input %}', Next },
    ];
    expect(states.NoteSent).toMatchObject({ ...note, End: true, Catch: unnoted('SentUnnoted') });
    expect(states.NoteNotSent).toMatchObject({ ...note, Next: 'Failed', Catch: unnoted('Failed') });
    expect(states.SentUnnoted).toEqual({ Type: 'Succeed' });
    expect(states.NoteSent.Retry).toEqual(states.GiveUpEvent.Retry);
  });

  test('gives the function the id of the record and an error name, and nothing else', () => {
    const payloads = ['MakeInvite', 'GiveUpEvent'].map((name) => states[name].Arguments.Payload);
    expect(payloads).toEqual([
      { event: '{% $states.input.event %}' },
      { event: '{% $states.input.event %}', give_up: '{% $states.input.error.Error %}' },
    ]);
  });

  test('waits for the function no longer than it can run', () => {
    for (const name of ['MakeInvite', 'GiveUpEvent']) expect(states[name].TimeoutSeconds).toBe(60);
  });

  test('waits as long as the function says, and makes the invitation again', () => {
    expect(states.WaitForEmail).toEqual({
      Type: 'Wait',
      Seconds: '{% $states.input.pending_seconds %}',
      Next: 'MakeInvite',
    });
  });

  test('lasts as long as the other: a record says until when its event is tried', () => {
    expect(definition.TimeoutSeconds).toBe(WORKFLOW_TIMEOUT_S);
  });
});

describe('an error class', () => {
  test.each(Object.entries(ERROR_CLASSES))('%s has its way', (name, { retryable }) => {
    if (retryable) {
      expect(attemptsAfter(states.MakeInvite, name)).toBe(RETRIES);
      expect(caught('MakeInvite', name)).toBe('GiveUpEvent');
    } else {
      expect(attemptsAfter(states.MakeInvite, name)).toBe(0);
      expect(caught('MakeInvite', name)).toBe('Failed');
    }
  });

  test('that nobody foresaw is given up, and the execution ends under its name', () => {
    expect(caught('MakeInvite', 'Runtime.ImportModuleError')).toBe('GiveUpEvent');
    expect(states.Failed).toMatchObject({ Type: 'Fail', Error: '{% $states.input.Error %}' });
  });

  test('does not keep the record from its note', () => {
    const [bad, ...others] = states.GiveUpEvent.Retry;
    expect(bad).toMatchObject({ ErrorEquals: ['InvalidRequest'], MaxAttempts: 0 });
    expect(others).toMatchObject([{ ErrorEquals: ['States.ALL'], MaxAttempts: NOTE_RETRIES }]);
    expect(states.GiveUpEvent.Next).toBe('Failed');
    expect(caught('GiveUpEvent', 'Defect')).toBe('Failed');
  });
});

describe('the retriers', () => {
  test('are those of the other workflow, which also retry what it waits for', () => {
    const [classes, ...others] = states.MakeInvite.Retry;
    const [ofInvite, ...othersOfInvite] = states.Invite.Retry;
    expect(classes).toEqual({
      ...ofInvite,
      ErrorEquals: expect.arrayContaining([
        ...ofInvite.ErrorEquals,
        'RateLimited',
        'InProgress',
        'Blocked',
      ]),
    });
    const tries = (retriers: Retrier[]) => retriers.filter(({ MaxAttempts }) => MaxAttempts > 0);
    expect(tries(others)).toEqual(tries(othersOfInvite));
  });
});

describe('the state machine', () => {
  test('is a standard one, without traces, which last for 7 days only', () => {
    expect(machine.Properties).toMatchObject({
      StateMachineType: 'STANDARD',
      TracingConfiguration: { Enabled: false },
    });
  });

  test('logs every event without data, into a group of its own', () => {
    const { Destinations, ...logging } = machine.Properties.LoggingConfiguration;
    expect(logging).toEqual({ IncludeExecutionData: false, Level: 'ALL' });
    const [group] = Destinations[0].CloudWatchLogsLogGroup.LogGroupArn['Fn::GetAtt'];
    expect(template.Resources[group]).toMatchObject({
      DeletionPolicy: 'Delete',
      Properties: { LogGroupName: '/aws/vendedlogs/states/SlackConnectInvites-events' },
    });
  });

  test('has the name that the door and the sweep start, and nobody else does', () => {
    const started = resources(template, 'AWS::Lambda::Function')
      .map(({ Properties }) => Properties.Environment.Variables)
      .flatMap(({ FUNCTION, WORKFLOW_ARN, EVENTS_WORKFLOW_ARN }) =>
        [WORKFLOW_ARN, EVENTS_WORKFLOW_ARN]
          .filter((arn) => JSON.stringify(arn)?.includes('-events'))
          .map((arn) => [FUNCTION, arn['Fn::Join'][1].at(-1)]),
      );
    const name = `:stateMachine:${machine.Properties.StateMachineName}`;
    expect(started.toSorted()).toEqual([
      ['hr-webhook', name],
      ['sweep', name],
    ]);
  });

  test('has a name that Step Functions takes, however long the name of the stack is', async () => {
    const context = { ...WITH_SOURCES, 'slackConnectInvites.stackName': 'S'.repeat(51) };
    const { Properties } = machineOf(await templateOf(context), 'events');
    expect(Properties.StateMachineName.length).toBeLessThanOrEqual(80);
  });
});
