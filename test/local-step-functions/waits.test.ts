import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { answers, machine, machineArn, startRunner, task } from './machine.ts';
import { createVirtualClock } from './virtual-clock.ts';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');
const heap = () => {
  collect();
  return process.memoryUsage().heapUsed;
};

/** A queue: each has a ticket, and waits for its time. */
const QUEUE = {
  TakeTicket: task({
    Output: '{% $states.result.Payload %}',
    Assign: { id: '{% $states.input.id %}', generation: '{% $states.input.generation %}' },
    Next: 'WaitForTurn',
  }),
  WaitForTurn: { Type: 'Wait', Timestamp: '{% $states.input.at %}', End: true },
} as const;

test('an execution that waits costs a timer, and a queue of 10,000 less than 200 MB', async () => {
  const clock = createVirtualClock();
  const { runner, invoke } = startRunner([machine(QUEUE)], clock);
  const at = new Date(clock.now() + 3_600_000).toISOString();
  invoke.mockImplementation(async () => answers({ at, number: 7 }));
  const start = (number: number) => {
    const id = `inv1_${String(number).padStart(32, '0')}`;
    return runner.start(machineArn, JSON.stringify({ id, generation: id }), `${id}-${number}`);
  };
  const waits = async (executions: ReturnType<typeof start>[]) => {
    for (const { history } of executions)
      await expect.poll(() => history.events.at(-1)?.type).toBe('WaitStateEntered');
  };
  await waits([start(0)]); // what the first one loads is not the queue's
  const before = heap();
  const count = 2000;
  await waits(Array.from({ length: count }, (_, index) => start(index + 1)));
  invoke.mockClear(); // it keeps what it was called with
  expect((heap() - before) / count).toBeLessThan(200e6 / 10_000);
  expect(clock.alarms()).toBe(count + 1);
});
