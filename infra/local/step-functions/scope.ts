/**
 * What can be called off while it goes on: an execution, an iteration of a Map, an attempt of a task.
 * An AbortSignal would do, at 3 KB for each of thousands that wait.
 */
export class Scope {
  /** Why it was called off. */
  reason: Error | undefined;
  /** Takes it out of the one around it. */
  readonly leave: () => void;
  readonly #hooks = new Set<(reason: Error) => void>();

  /** @throws the reason of the scope around it, if that was called off already */
  constructor(outer?: Scope) {
    outer?.check();
    this.leave = outer?.onCancel((reason) => this.cancel(reason)) ?? (() => {});
  }

  cancel(reason: Error): void {
    if (this.reason) return;
    this.reason = reason;
    for (const hook of this.#hooks) hook(reason);
  }

  /** @returns what takes the hook back */
  onCancel(hook: (reason: Error) => void): () => void {
    this.#hooks.add(hook);
    return () => this.#hooks.delete(hook);
  }

  /** @throws the reason, if it was called off */
  check(): void {
    if (this.reason) throw this.reason;
  }
}
