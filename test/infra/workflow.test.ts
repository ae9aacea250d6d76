import aslValidator from 'asl-validator';
import { describe, expect, test } from 'vitest';
import { ERROR_CLASSES } from '../../functions/errors/classes.ts';
import { QUEUE_LIFETIME_MS } from '../../functions/lib/times.ts';
import { type Resource, resources, templateOf } from '../support/assemblies.ts';
import {
  attemptsAfter,
  definitionOf,
  FINAL,
  NOTE_RETRIES,
  RETRIES,
  type Retrier,
} from './definition.ts';

const template = await templateOf();
const definition = definitionOf(template);
const machine = resources(template, 'AWS::StepFunctions::StateMachine')[0] as Resource;

// biome-ignore lint/suspicious/noExplicitAny: states have no common shape
const states = definition.States as Record<string, any>;
const tasks = Object.values(states).filter(({ Type }) => Type === 'Task');

/** What the validator says of the definition after a change. It adds to what it is given. */
const errors = (change: (copy: typeof states) => void = () => {}): string => {
  const copy = structuredClone(definition);
  change(copy.States);
  const { isValid, errorsText } = aslValidator(copy as Parameters<typeof aslValidator>[0]);
  return isValid ? '' : errorsText();
};

describe('the definition', () => {
  test('is valid States Language', () => {
    expect(errors()).toBe('');
  });

  test.each<[string, (copy: typeof states) => void, RegExp]>([
    [
      'a transition to nowhere',
      ({ WaitForTurn }) => Object.assign(WaitForTurn, { Next: 'Nowhere' }),
      /Nowhere/,
    ],
    [
      'a path of JSONPath',
      ({ WaitForTurn }) => Object.assign(WaitForTurn, { TimestampPath: '$.a' }),
      /WaitForTurn.Timestamp is invalid/,
    ],
    [
      'a field of another state type',
      ({ Invite }) => Object.assign(Invite, { Seconds: 3 }),
      /States.Invite is invalid/,
    ],
    ['a missing end', ({ Invite }) => delete Invite.End, /End/],
    [
      'a state that nobody reaches',
      (copy) => Object.assign(copy, { Stray: { Type: 'Succeed' } }),
      /Stray/,
    ],
  ])('would not be with %s', (_, change, message) => {
    expect(errors(change)).toMatch(message);
  });

  test('gives the functions the id, the generation, a time and an error name, and nothing else', () => {
    for (const { Arguments } of tasks) {
      const { give_up: giveUp, not_before: ticket, ...payload } = Arguments.Payload;
      expect(payload).toEqual({
        id: '{% $states.input.id %}',
        generation: '{% $states.input.generation %}',
      });
      expect([undefined, '{% $states.input.error.Error %}']).toContain(giveUp);
      expect([undefined, '{% $states.input.not_before %}']).toContain(ticket);
    }
  });

  test('waits for a function no longer than it can run, with time to spare', () => {
    const timeouts = resources(template, 'AWS::Lambda::Function')
      .filter(({ Properties }) => !Properties.FunctionName.endsWith('-sweep'))
      .map(({ Properties }) => Properties.Timeout);
    for (const { TimeoutSeconds } of tasks) {
      expect(TimeoutSeconds).toBe(60);
      expect(TimeoutSeconds).toBeGreaterThan(Math.max(...timeouts) * 2);
    }
  });

  test('ends before the queue counts the ask as given up', () => {
    const { TimeoutSeconds } = definition;
    expect(TimeoutSeconds).toBe(7 * 86_400 - 3_600);
    expect(TimeoutSeconds).toBeLessThan(QUEUE_LIFETIME_MS / 1000);
  });
});

describe('an error class', () => {
  const caught = (name: string): string =>
    states.Invite.Catch.find(({ ErrorEquals }: { ErrorEquals: string[] }) =>
      ErrorEquals.some((one) => one === name || one === 'States.ALL'),
    ).Next;
  test.each(Object.entries(ERROR_CLASSES))('%s has its way', (name, { retryable }) => {
    const isWaitedFor = ['RateLimited', 'InProgress', 'Blocked'].includes(name);
    expect(attemptsAfter(states.Invite, name)).toBe(retryable && !isWaitedFor ? RETRIES : 0);
    expect(caught(name)).toBe(isWaitedFor ? 'WaitAsTold' : 'GiveUp');
  });

  test('leads to the one end, whatever becomes of the note', () => {
    const { Next, Output, Catch } = states.GiveUp;
    expect(Catch).toEqual([{ ErrorEquals: ['States.ALL'], Output, Next }]);
    expect(states[Next]).toEqual({
      Type: 'Fail',
      Error: '{% $states.input.Error %}',
      Cause: '{% $states.input.Cause %}',
    });
  });

  test('does not keep the ledger from its note, whatever it is, but for an input that never was one', () => {
    const [bad, ...others] = states.GiveUp.Retry;
    expect(bad).toMatchObject({ ErrorEquals: ['InvalidRequest'], MaxAttempts: 0 });
    expect(others).toMatchObject([{ ErrorEquals: ['States.ALL'], MaxAttempts: NOTE_RETRIES }]);
  });
});

describe('the retriers', () => {
  /** How long all attempts of a retrier wait on average, in seconds: full jitter halves each wait. */
  const average = (retrier: Record<string, number>) => {
    const { IntervalSeconds = 1, MaxAttempts = 3, BackoffRate = 2, MaxDelaySeconds = 0 } = retrier;
    const waits = Array.from({ length: MaxAttempts }, (_, n) =>
      Math.min(IntervalSeconds * BackoffRate ** n, MaxDelaySeconds),
    );
    return waits.reduce((sum, wait) => sum + wait) / 2;
  };

  test.each([
    ['TakeTicket', 6.5 * 86_400, definition.TimeoutSeconds],
    ['Invite', 6.5 * 86_400, definition.TimeoutSeconds],
    ['GiveUp', 3_600, 1.1 * 3_600],
  ])('of %s spread their attempts at random, and come to an end', (state, least, most) => {
    const trying = states[state].Retry.filter(
      ({ MaxAttempts }: { MaxAttempts: number }) => MaxAttempts > 0,
    );
    expect(trying.length).toBeGreaterThan(0);
    for (const retrier of trying) {
      expect(retrier.JitterStrategy).toBe('FULL');
      expect(average(retrier)).toBeGreaterThan(least);
      expect(average(retrier)).toBeLessThan(most as number);
    }
  });

  test('count throttling and faults of Lambda apart from Slack, and whatever else it may be', () => {
    const waitedFor = ['RateLimited', 'InProgress', 'Blocked'];
    for (const [{ Retry }, isTurn] of [
      [states.TakeTicket, false],
      [states.Invite, true],
    ]) {
      // Before its turn nothing but a block tells a request to come back.
      const waits = isTurn ? waitedFor : waitedFor.slice(0, 2);
      const retried = ['SlackUnavailable', 'Unavailable', ...(isTurn ? [] : ['Blocked'])];
      expect(
        Retry.map(({ ErrorEquals, MaxAttempts }: Retrier) => [ErrorEquals.toSorted(), MaxAttempts]),
      ).toEqual([
        [retried.toSorted(), RETRIES],
        [
          [
            'Lambda.AWSLambdaException',
            'Lambda.ClientExecutionTimeoutException',
            'Lambda.SdkClientException',
            'Lambda.ServiceException',
            'Lambda.Unknown',
            'Runtime.ExitError',
            'Sandbox.Timedout',
            'States.Timeout',
          ],
          RETRIES,
        ],
        [['Lambda.TooManyRequestsException'], RETRIES],
        [[...FINAL, ...waits].toSorted(), 0],
        [['States.ALL'], RETRIES],
      ]);
    }
  });
});

describe('the state machine', () => {
  test('is a standard one, without traces, which last for 7 days only', () => {
    expect(machine.Properties).toMatchObject({
      StateMachineType: 'STANDARD',
      TracingConfiguration: { Enabled: false },
    });
  });

  test('logs every event without data, into a group of its own that spares the resource policy', () => {
    const { Destinations, ...logging } = machine.Properties.LoggingConfiguration;
    expect(logging).toEqual({ IncludeExecutionData: false, Level: 'ALL' });
    const [group] = Destinations[0].CloudWatchLogsLogGroup.LogGroupArn['Fn::GetAtt'];
    expect(template.Resources[group]).toMatchObject({
      DeletionPolicy: 'Delete',
      Properties: { LogGroupName: '/aws/vendedlogs/states/SlackConnectInvites-invites' },
    });
  });

  test('has the name that the functions start and that the output tells', () => {
    const { StateMachineName } = machine.Properties;
    const arn = {
      'Fn::Join': [
        '',
        [
          'arn:',
          { Ref: 'AWS::Partition' },
          ':states:',
          { Ref: 'AWS::Region' },
          ':',
          { Ref: 'AWS::AccountId' },
          `:stateMachine:${StateMachineName}`,
        ],
      ],
    };
    expect(template.Outputs.WorkflowArn).toMatchObject({ Value: arn });
    const started = resources(template, 'AWS::Lambda::Function')
      .map(({ Properties }) => Properties.Environment.Variables.WORKFLOW_ARN)
      .filter((value) => value !== undefined);
    const events = JSON.parse(JSON.stringify(arn).replace('-invites"', '-events"'));
    expect(started).toEqual([arn, arn, arn, events]);
  });

  test('has a name that Step Functions takes, however long the name of the stack is', async () => {
    const context = { 'slackConnectInvites.stackName': 'S'.repeat(51) };
    const [longest] = resources(await templateOf(context), 'AWS::StepFunctions::StateMachine');
    expect(longest?.Properties.StateMachineName.length).toBeLessThanOrEqual(80);
  });
});
