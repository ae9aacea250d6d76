/** Does a piece of work when there is a place for it, in the order of the requests. */
export type Line = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** @param places how many pieces of work go on at once */
export function createLine(places: number): Line {
  let free = places;
  const waiting = new Set<() => void>();

  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.add(resolve));
    try {
      return await work();
    } finally {
      const [next] = waiting;
      if (next) {
        waiting.delete(next);
        next();
      } else {
        free += 1;
      }
    }
  };
}
