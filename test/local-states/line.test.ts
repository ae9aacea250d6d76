import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLine } from '../../infra/local/states/line.ts';

const never = new AbortController().signal;

/** Work that ends when told to. */
function works() {
  const begun: number[] = [];
  const ends: PromiseWithResolvers<number>[] = [];
  const work = (id: number) => () => {
    begun.push(id);
    return (ends[id] as PromiseWithResolvers<number>).promise;
  };
  const add = () => ends.push(Promise.withResolvers()) - 1;
  const end = (id: number) => ends[id]?.resolve(id);
  return { begun, work, add, end };
}

describe('a line', () => {
  test('lets so many work at once, and the others in the order of asking', async () => {
    const { begun, work, add, end } = works();
    const line = createLine(2);
    const all = [0, 1, 2, 3].map(() => line(work(add()), never));
    expect(begun).toEqual([0, 1]);
    end(1);
    await all[1];
    await expect.poll(() => begun).toEqual([0, 1, 2]);
    for (const id of [0, 2, 3]) end(id);
    expect(await Promise.all(all)).toEqual([0, 1, 2, 3]);
  });

  test('gives the place of work that failed to the next', async () => {
    const { begun, work, add, end } = works();
    const line = createLine(1);
    const failed = line(() => Promise.reject(new Error('mine')), never);
    const next = line(work(add()), never);
    end(0);
    await expect(failed).rejects.toThrow('mine');
    expect(await next).toBe(0);
    expect(begun).toEqual([0]);
  });

  test('forgets who leaves it', async () => {
    const { begun, work, add, end } = works();
    const line = createLine(1);
    const leaving = new AbortController();
    const first = line(work(add()), never);
    const second = line(work(add()), leaving.signal);
    const third = line(work(add()), never);
    leaving.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    end(0);
    end(2);
    await Promise.all([first, third]);
    expect(begun).toEqual([0, 2]);
  });

  test('keeps the place of work that nobody waits for any more until it ends', async () => {
    const { begun, work, add, end } = works();
    const line = createLine(1);
    const leaving = new AbortController();
    const first = line(work(add()), leaving.signal);
    const second = line(work(add()), never);
    leaving.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    expect(begun).toEqual([0]);
    end(0);
    end(1);
    expect(await second).toBe(1);
  });

  test('never lets more work at once, and forgets nobody who stays', async () => {
    const asks = fc.array(fc.record({ stays: fc.boolean(), delay: fc.nat(3) }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), asks, async (places, list) => {
        const line = createLine(places);
        let atWork = 0;
        let most = 0;
        const work = (delay: number) => async () => {
          atWork += 1;
          most = Math.max(most, atWork);
          for (let turn = 0; turn < delay; turn += 1) await null;
          atWork -= 1;
          return 'done';
        };
        const outcomes = list.map(({ stays, delay }) => {
          const leaving = new AbortController();
          const outcome = line(work(delay), leaving.signal);
          if (!stays) leaving.abort(new Error('left'));
          return outcome.catch(() => 'left');
        });
        const expected = list.map(({ stays }) => (stays ? 'done' : 'left'));
        expect(await Promise.all(outcomes)).toEqual(expected);
        expect(most).toBeLessThanOrEqual(places);
      }),
    );
  });
});
