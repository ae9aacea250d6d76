import { describe, expect, test, vi } from 'vitest';
import type { State } from '../../infra/local/step-functions/model.ts';
import {
  answers,
  functionArn,
  machineArn,
  pass,
  startMachine,
  task,
  throws,
  types,
} from './machine.ts';
import { EPOCH } from './virtual-clock.ts';

const done: State = { Type: 'Succeed' };
const map = (States: Record<string, State>, fields: object = {}): State => ({
  Type: 'Map',
  ItemProcessor: { StartAt: Object.keys(States)[0], States },
  End: true,
  ...fields,
});
const item = { I: pass({}) };

describe('a Map', () => {
  test('runs its states for each item, and gives the outputs in the items’ order', async () => {
    const { run } = startMachine({
      A: map(
        {
          W: { Type: 'Wait', Seconds: '{% 10 - $states.input %}', Next: 'I' },
          I: pass({ Output: '{% $states.input * 2 %}' }),
        },
        { Items: '{% $states.input.list %}' },
      ),
    });
    const { end } = await run({ list: [1, 2, 3] });
    expect(end).toEqual({ status: 'SUCCEEDED', output: [2, 4, 6], at: EPOCH + 9_000 });
  });

  test('takes its input where it has no items', async () => {
    const { run } = startMachine({ A: map(item) });
    expect((await run(['a', 'b'])).end).toMatchObject({ output: ['a', 'b'] });
    expect((await run([])).end).toMatchObject({ output: [] });
    expect((await run({})).end).toMatchObject({
      reason: {
        error: 'States.QueryEvaluationError',
        cause: expect.stringContaining("Expected 'array', but was 'object'"),
      },
    });
  });

  test('does not take an item for an expression', async () => {
    const { run } = startMachine({ A: map(item) });
    const text = '{% $states.context.Execution.RoleArn %}';
    expect((await run([text])).end).toMatchObject({ output: [text] });
  });

  test('makes the input of each item by its selector', async () => {
    const ItemSelector = {
      index: '{% $states.context.Map.Item.Index %}',
      value: '{% $states.context.Map.Item.Value %}',
      of: '{% $states.input.of %}',
    };
    const { run } = startMachine({ A: map(item, { Items: ['a', 'b'], ItemSelector }) });
    expect((await run({ of: 'all' })).end).toMatchObject({
      output: [
        { index: 0, value: 'a', of: 'all' },
        { index: 1, value: 'b', of: 'all' },
      ],
    });
  });

  test.each([
    [undefined, 40],
    [0, 40],
    [1000, 40],
    [7, 7],
    ['{% 3 %}', 3],
  ])('with the concurrency %j runs %i at once', async (MaxConcurrency, most) => {
    let atOnce = 0;
    let seen = 0;
    const { run, invoke } = startMachine({
      A: map(
        { I: { Type: 'Wait', Seconds: 5, Next: 'T' }, T: task({ End: true }) },
        { MaxConcurrency },
      ),
    });
    invoke.mockImplementation(async () => answers({}));
    const { execution } = await run(Array.from({ length: 50 }, (_, index) => index));
    for (const type of types(execution)) {
      if (type === 'MapIterationStarted') atOnce += 1;
      if (type === 'MapIterationSucceeded') atOnce -= 1;
      seen = Math.max(seen, atOnce);
    }
    expect(seen).toBe(most);
  });

  test('sees the variables around it, and keeps its own to itself', async () => {
    const { run } = startMachine({
      A: pass({ Assign: { x: 42 }, Next: 'M', End: undefined }),
      M: map(
        {
          I: pass({ Assign: { y: '{% $x + $states.input %}' }, Next: 'J', End: undefined }),
          J: pass({ Output: '{% $y %}' }),
        },
        { Assign: { z: '{% $states.result %}' }, Next: 'B', End: undefined },
      ),
      B: pass({ Output: { z: '{% $z %}', y: '{% $exists($y) %}' } }),
    });
    expect((await run([1, 2])).end).toMatchObject({ output: { z: [43, 44], y: false } });
  });

  test('that fails in one item aborts the others, and its catcher gets the error', async () => {
    const { run } = startMachine({
      A: map(
        {
          C: {
            Type: 'Choice',
            Choices: [{ Condition: '{% $states.input = 1 %}', Next: 'F' }],
            Default: 'W',
          },
          F: { Type: 'Fail', Error: 'Mine', Cause: 'why' },
          W: { Type: 'Wait', Seconds: 60, End: true },
        },
        { Catch: [{ ErrorEquals: ['Mine'], Next: 'B' }], End: true },
      ),
      B: done,
    });
    const { execution, end } = await run([0, 1, 2]);
    expect(end).toEqual({
      status: 'SUCCEEDED',
      output: { Error: 'Mine', Cause: 'why' },
      at: EPOCH,
    });
    const told = execution.history.events.filter(({ type }) => /^Map/.test(type));
    expect(told.map(({ type, fields }) => [type, fields?.index])).toEqual([
      ['MapStateEntered', undefined],
      ['MapStateStarted', undefined],
      ['MapIterationStarted', 0],
      ['MapIterationStarted', 1],
      ['MapIterationStarted', 2],
      ['MapIterationFailed', 1],
      ['MapIterationAborted', 0],
      ['MapIterationAborted', 2],
      ['MapStateFailed', undefined],
      ['MapStateExited', undefined],
    ]);
  });

  test('is tried again as a whole', async () => {
    const { run, invoke } = startMachine({
      A: map({ T: task({ End: true }) }, { Retry: [{ ErrorEquals: ['E'] }], Output: 'well' }),
    });
    invoke.mockResolvedValueOnce(throws('E')).mockResolvedValue(answers({}));
    expect((await run([1, 2])).end).toMatchObject({ status: 'SUCCEEDED', output: 'well' });
  });

  test('in which the execution’s time is over ends with it', async () => {
    const W: State = { Type: 'Wait', Seconds: 600, End: true };
    const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'B' }];
    const { run } = startMachine({ A: map({ W }, { Catch }), B: done }, { TimeoutSeconds: 60 });
    expect((await run([1, 2])).end).toMatchObject({ status: 'TIMED_OUT', at: EPOCH + 60_000 });
  });

  test('ends with an execution that is stopped, and calls nothing any more', async () => {
    const { runner, invoke, clock } = startMachine({
      A: map({ T: task({ End: true }) }, { MaxConcurrency: 1 }),
    });
    invoke.mockReturnValue(new Promise(() => {}));
    const execution = runner.start(machineArn, '[1,2,3]');
    await vi.waitUntil(() => invoke.mock.calls.length === 1);
    execution.stop({});
    await clock.run();
    expect(invoke).toHaveBeenCalledOnce();
    expect(types(execution).at(-1)).toBe('ExecutionAborted');
    expect(invoke.mock.calls[0]?.[0]).toBe(functionArn.split(':').at(-1));
  });
});
