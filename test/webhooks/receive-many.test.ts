import { beforeAll, describe, expect, test, vi } from 'vitest';
import { recordTable } from '../../functions/aws/record-table.ts';
import { ownError } from '../../functions/errors/invite-error.ts';
import type { WebhookEvent } from '../../functions/webhooks/events.ts';
import { createReceive, type ReceivePorts } from '../../functions/webhooks/receive.ts';
import type { EventRecord, RecordStore } from '../../functions/webhooks/record.ts';
import { INVOCATION, invocation } from '../support/invocation.ts';
import { newTable } from '../support/tables.ts';
import { inOnePart, NAME, newEvent, rule, sourceWith } from './receive.world.ts';

let table: RecordStore;
beforeAll(async () => {
  table = recordTable(await newTable(), 400);
});

const EVERY = sourceWith(rule('true'));
const manyEvents = (count: number) => Array.from({ length: count }, () => newEvent());

/** Takes everything at once, where nothing is about expressions. */
const willing: ReceivePorts['sandbox'] = {
  evaluate: (expression) => ({ value: expression === 'true' ? true : 'casey@partner.example' }),
  evaluateAll: () => 0,
};

/** Ports of a door, and its function's deadline in epoch milliseconds. */
type Changes = Partial<ReceivePorts & { deadline: number }>;

/** A table in memory and a clock: an access takes 10 ms of it, whatever happens beside it. */
const setUp = (changes: Changes = {}) => {
  let now = 0;
  const kept = new Map<string, EventRecord>();
  const accesses: string[] = [];
  const access = async (name: string) => {
    accesses.push(name);
    now += 10;
    await new Promise(setImmediate);
  };
  const records: RecordStore = {
    async read(id) {
      await access('read');
      return kept.get(id);
    },
    async add(record) {
      await access('add');
      kept.set(record.id, record);
      return true;
    },
    async markStarted({ id }) {
      await access('mark');
      kept.set(id, { ...(kept.get(id) as EventRecord), started: true });
    },
    settle: () => expect.unreachable(),
    keepOn: () => expect.unreachable(),
  };
  const ports = {
    records,
    start: async () => {
      await access('start');
      return true;
    },
    isOver: async () => false,
    sandbox: willing,
    now: () => now,
    sleep: async (ms: number) => {
      // Those who rest do so at the same time.
      await new Promise(setImmediate);
      now += ms / 20;
    },
    random: () => 0,
    ...changes,
  };
  return {
    receive: (events: WebhookEvent[], source = EVERY, more: Changes = {}) => {
      const { deadline, ...all }: ReceivePorts & Changes = { ...ports, ...more };
      const its = deadline === undefined ? INVOCATION : invocation({ deadline });
      return inOnePart(createReceive(all))({ name: NAME, source }, events, its);
    },
    records,
    kept,
    accesses,
    now: () => now,
    pass: (ms: number) => {
      now += ms;
    },
  };
};
const started = (kept: Map<string, EventRecord>) =>
  [...kept.values()].filter((record) => record.started).length;

describe('a thousand events', () => {
  test('are all kept and started', { timeout: 60_000 }, async () => {
    const starts = vi.fn(async () => true);
    const events = manyEvents(1000);
    const receive = inOnePart(
      createReceive({
        records: table,
        start: starts,
        isOver: async () => false,
        sandbox: willing,
      }),
    );
    const source = { name: NAME, source: EVERY };
    const { received, failure } = await receive(source, events, INVOCATION);
    expect(failure).toBeUndefined();
    expect(received.map(({ result }) => result)).toEqual(Array(1000).fill('accepted'));
    expect(starts).toHaveBeenCalledTimes(1000);

    const again = await receive(source, events, INVOCATION);
    expect(again.received.map(({ result }) => result)).toEqual(Array(1000).fill('duplicate'));
    expect(starts).toHaveBeenCalledTimes(1000);
  });

  test('that are known cost one access each', async () => {
    const world = setUp();
    const events = manyEvents(1000);
    await world.receive(events);
    world.accesses.length = 0;
    await world.receive(events);
    expect(world.accesses).toEqual(Array(1000).fill('read'));
  });

  test('are kept twenty at the same time, and no more', async () => {
    let [atOnce, most] = [0, 0];
    const start = async () => {
      most = Math.max(most, ++atOnce);
      await new Promise(setImmediate);
      atOnce -= 1;
      return true;
    };
    await setUp({ start }).receive(manyEvents(1000));
    expect(most).toBe(20);
  });
});

describe('rules', () => {
  test('have all been tried before anything is kept, so that no answer waits for them', async () => {
    const order: string[] = [];
    const sandbox: ReceivePorts['sandbox'] = {
      ...willing,
      evaluate: (...evaluated) => {
        order.push('evaluate');
        return willing.evaluate(...evaluated);
      },
    };
    const start = async () => order.push('start') > 0;
    await setUp({ sandbox, start }).receive(manyEvents(3));
    expect(order).toEqual([...Array(6).fill('evaluate'), ...Array(3).fill('start')]);
  });

  test('that are too slow for all events leave the others kept, and the delivery unanswered', async () => {
    const world = setUp({ deadline: 8000 });
    const sandbox: ReceivePorts['sandbox'] = {
      ...willing,
      evaluate: (...evaluated) => {
        world.pass(50);
        return willing.evaluate(...evaluated);
      },
    };
    const { received, failure } = await world.receive(manyEvents(80), EVERY, { sandbox });
    // Two expressions each, for 5 of the 8 s.
    expect(received.map(({ result }) => result)).toEqual(Array(50).fill('accepted'));
    expect(started(world.kept)).toBe(50);
    expect(failure).toMatchObject({ status: 503, facts: { code: 'rules_too_slow' } });
  });

  test('begin with any event, so that a repeated delivery gets further', async () => {
    const events = Array.from({ length: 4 }, (_, n) => newEvent('event_id', { n }));
    const seen: unknown[] = [];
    const sandbox: ReceivePorts['sandbox'] = {
      ...willing,
      evaluate: (expression, event, ...rest) => {
        if (expression === 'true') seen.push((event as { n: number }).n);
        return willing.evaluate(expression, event, ...rest);
      },
    };
    const source = sourceWith(rule('true', { email: 'email' }));
    for (const random of [0, 0.5, 0.999]) {
      await setUp().receive(events, source, { sandbox, random: () => random });
    }
    expect(seen).toEqual([0, 1, 2, 3, 2, 3, 0, 1, 3, 0, 1, 2]);
  });
});

describe('an event that could not be kept', () => {
  const failingTable = (world: ReturnType<typeof setUp>, at: number, error: Error) => {
    let adds = 0;
    const records: RecordStore = {
      ...world.records,
      add: async (...args) => {
        adds += 1;
        if (adds >= at) throw error;
        return world.records.add(...args);
      },
    };
    return { records, adds: () => adds };
  };

  test('leaves those before it kept, and nothing more is begun', async () => {
    const error = new Error('the table did not answer');
    const world = setUp();
    const { records, adds } = failingTable(world, 30, error);
    const { received, failure } = await world.receive(manyEvents(1000), EVERY, { records });
    expect(failure).toBe(error);
    expect(adds()).toBeLessThan(60);
    expect(received).toHaveLength(29);
  });

  test('is told only when nothing of the delivery is under way any more', async () => {
    let [underWay, reads] = [0, 0];
    const world = setUp();
    const read = async () => {
      underWay += 1;
      reads += 1;
      const isFirst = reads === 1;
      await new Promise((resolve) => setTimeout(resolve, isFirst ? 0 : 20));
      underWay -= 1;
      if (isFirst) throw new Error('the first');
      return undefined;
    };
    const records = { ...world.records, read };
    const answer = await world.receive(manyEvents(30), EVERY, { records });
    expect(answer).toHaveProperty('failure');
    expect(underWay).toBe(0);
  });

  test('is told by the first error where there are several', async () => {
    let reads = 0;
    const world = setUp();
    const read = async () => {
      reads += 1;
      throw new Error(`failure ${reads}`);
    };
    const records = { ...world.records, read };
    const { failure } = await world.receive(manyEvents(5), EVERY, { records });
    expect(failure).toEqual(new Error('failure 1'));
  });
});

describe('an event that could not be started', () => {
  const throttled = () => ownError('workflow_unavailable', { reason: 'ThrottlingException' });

  /** Step Functions as it throttles: so many at once, and so many a second from then on. */
  const tokenBucket = (size: number, perSecond: number, now: () => number) => {
    let [tokens, at] = [size, now()];
    return async () => {
      tokens = Math.min(size, tokens + ((now() - at) / 1000) * perSecond);
      at = now();
      if (tokens < 1) throw throttled();
      tokens -= 1;
      return true;
    };
  };

  test('keeps no other from being recorded, however Step Functions throttles', async () => {
    const world = setUp({ deadline: 8000 });
    const start = tokenBucket(20, 20, world.now);
    const { received, failure, unstarted } = await world.receive(manyEvents(300), EVERY, { start });
    expect(failure).toBeUndefined();
    expect(received.map(({ result }) => result)).toEqual(Array(300).fill('accepted'));
    expect(world.kept.size).toBe(300);
    // It goes on until the deadline, and leaves the rest to the sweep.
    expect(started(world.kept)).toBeGreaterThan(60);
    expect(unstarted).toEqual({
      count: 300 - started(world.kept),
      reason: {
        class: 'Unavailable',
        code: expect.stringMatching(/workflow_unavailable|out_of_time/),
      },
    });
    expect(world.now()).toBeLessThanOrEqual(8000);
  });

  test('is started later in the same delivery, where Step Functions recovers', async () => {
    const world = setUp({ deadline: 8000 });
    const start = tokenBucket(20, 20, world.now);
    const { unstarted } = await world.receive(manyEvents(60), EVERY, { start });
    expect(unstarted).toBeUndefined();
    expect(started(world.kept)).toBe(60);
  });

  test('for a reason that lasts is left at once, and told once for all', async () => {
    const world = setUp({ deadline: 8000 });
    const start = async () => {
      throw ownError('workflow_misconfigured', { reason: 'AccessDeniedException' });
    };
    const { failure, unstarted } = await world.receive(manyEvents(100), EVERY, { start });
    expect(failure).toBeUndefined();
    expect(world.kept.size).toBe(100);
    expect(unstarted).toMatchObject({ count: 100, reason: { code: 'workflow_misconfigured' } });
    expect(world.now()).toBeLessThan(4000);
  });

  test('does not keep most of a thousand from their start, where each access is slow', async () => {
    const world = setUp({ deadline: 8000 });
    const started = vi.fn(async () => true);
    let busy = 0;
    // An access takes 150 ms of real time; twenty go on at once.
    const slow = async <T>(answer: T): Promise<T> => {
      busy += 1;
      if (busy % 20 === 0) world.pass(150);
      await new Promise(setImmediate);
      return answer;
    };
    const records: RecordStore = {
      ...world.records,
      read: () => slow(undefined),
      add: () => slow(true),
      markStarted: () => slow(undefined),
    };
    const start = async () => {
      await slow(undefined);
      return started();
    };
    const { received, failure } = await world.receive(manyEvents(1000), EVERY, { records, start });
    expect(failure).toMatchObject({ facts: { code: 'not_all_kept' } });
    // What is recorded is started: nothing waits for the other nine hundred.
    expect(started.mock.calls.length).toBe(received.length);
    expect(received.length).toBeGreaterThan(200);
  });
});

describe('before the function’s time is over', () => {
  test('keeping stops, what was kept is told, and the sender has to repeat the delivery', async () => {
    const world = setUp({ deadline: 8000 });
    const { received, failure } = await world.receive(manyEvents(1000));
    expect(failure).toMatchObject({ status: 503, facts: { code: 'not_all_kept', retryAfter: 5 } });
    expect(received.length).toBeGreaterThan(0);
    expect(started(world.kept)).toBe(received.length);
    // Every record that was begun is whole.
    expect(world.kept.size).toBe(received.length);
    expect(world.now()).toBeLessThan(8000);
  });

  test('each repetition gets further, until all are kept', async () => {
    const world = setUp();
    const events = manyEvents(500);
    const counts: number[] = [];
    for (let delivery = 1; delivery <= 6; delivery += 1) {
      const { failure } = await world.receive(events, EVERY, { deadline: world.now() + 8000 });
      counts.push(started(world.kept));
      if (failure === undefined) break;
    }
    expect(counts.at(-1)).toBe(500);
    expect(counts.length).toBeGreaterThan(1);
    expect(counts).toEqual([...new Set(counts)].sort((one, other) => one - other));
  });

  test('an event that nobody takes needs no time', async () => {
    const sandbox: ReceivePorts['sandbox'] = { ...willing, evaluate: () => ({ value: false }) };
    const world = setUp({ sandbox, deadline: 3001 });
    const { received, failure } = await world.receive(manyEvents(3));
    expect(failure).toBeUndefined();
    expect(received).toHaveLength(3);
  });
});

test('a record that is changed again and again while it is written is not tried for ever', async () => {
  const add = vi.fn(async () => false);
  const world = setUp();
  const records = { ...table, read: async () => undefined, add };
  const { failure } = await world.receive([newEvent()], EVERY, { records });
  expect(failure).toMatchObject({
    status: 503,
    retryable: true,
    facts: { code: 'record_raced' },
  });
  expect(add).toHaveBeenCalledTimes(5);
});
