/**
 * Does a piece of work when there is a place for it, in the order of asking.
 * @param signal its abort rejects at once with the signal's reason; work that has begun keeps its
 * place until it ends by itself
 */
export type Line = <Result>(work: () => Promise<Result>, signal: AbortSignal) => Promise<Result>;

/** @param places how many pieces of work go on at once */
export function createLine(places: number): Line {
  let free = places;
  const waiting = new Set<() => void>();

  return (work, signal) =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', leave, { once: true });
      if (free > 0) {
        free -= 1;
        begin();
      } else {
        waiting.add(begin);
      }

      function begin() {
        work()
          .then(resolve, reject)
          .finally(() => {
            signal.removeEventListener('abort', leave);
            next();
          });
      }

      function leave() {
        waiting.delete(begin);
        reject(signal.reason);
      }
    });

  function next() {
    const [first] = waiting;
    if (first) {
      waiting.delete(first);
      first();
    } else {
      free += 1;
    }
  }
}
