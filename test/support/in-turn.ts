import type fc from 'fast-check';

/** Has the scheduler decide when something is done, and leaves the failures to whoever asked. */
export const inTurn =
  (scheduler: fc.Scheduler) =>
  <Args extends unknown[], T>(act: (...args: Args) => Promise<T>) => {
    const scheduled = scheduler.scheduleFunction((...args: Args) =>
      act(...args).then(
        (value) => () => value,
        (error: unknown) => () => {
          throw error;
        },
      ),
    );
    return async (...args: Args): Promise<T> => (await scheduled(...args))();
  };
