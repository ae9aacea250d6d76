/** What came of it: what was done, and the first failure if there was one. */
type Done<R> = { done: R[]; failure?: unknown };

/**
 * Has something done for every item, for so many of them at the same time. After a failure nothing
 * is begun any more. All that was begun has ended when this has, since nothing may run on in a later
 * invocation.
 */
export const inParallel = async <T, R>(
  items: readonly T[],
  atOnce: number,
  act: (item: T) => Promise<R>,
): Promise<Done<R>> => {
  const done: R[] = [];
  const failures: unknown[] = [];
  let next = 0;
  const work = async () => {
    while (next < items.length && failures.length === 0) {
      const item = items[next] as T;
      next += 1;
      try {
        done.push(await act(item));
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return failures.length === 0 ? { done } : { done, failure: failures[0] };
};
