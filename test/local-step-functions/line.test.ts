import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLine } from '../../infra/local/lib/line.ts';

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
  test('lets so many work at once, and the others in the order of the requests', async () => {
    const { begun, work, add, end } = works();
    const line = createLine(2);
    const all = [0, 1, 2, 3].map(() => line(work(add())));
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
    const failed = line(() => Promise.reject(new Error('mine')));
    const next = line(work(add()));
    end(0);
    await expect(failed).rejects.toThrow('mine');
    expect(await next).toBe(0);
    expect(begun).toEqual([0]);
  });

  test('never lets more work at once, and forgets nobody', async () => {
    const delays = fc.array(fc.nat(3), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), delays, async (places, list) => {
        const line = createLine(places);
        let atWork = 0;
        let most = 0;
        const work = (delay: number) => async () => {
          atWork += 1;
          most = Math.max(most, atWork);
          for (let turn = 0; turn < delay; turn += 1) await null;
          atWork -= 1;
          if (delay === 3) throw new Error('it failed');
          return delay;
        };
        const outcomes = await Promise.allSettled(list.map((delay) => line(work(delay))));
        expect(outcomes.map(({ status }) => status)).toEqual(
          list.map((delay) => (delay === 3 ? 'rejected' : 'fulfilled')),
        );
        expect(most).toBeLessThanOrEqual(places);
      }),
    );
  });
});
