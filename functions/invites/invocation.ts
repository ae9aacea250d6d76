/** What one call of the domain has to tell beside its result. Times in milliseconds. */
export type Observer = {
  gateWait(ms: number): void;
  /** An ask has left the queue, this long after it came in. */
  queueWait(ms: number): void;
  slackLatency(ms: number): void;
  /** The secret was read once more because Slack refused the token. */
  tokenRefresh(): void;
  /** Slack's warnings, which never fail a call. */
  warnings(codes: string[]): void;
  /** Slack answered, but the ledger could not be told. @param code why */
  unrecorded(code: string): void;
  /** Slack said to wait, but the other doors could not be told. @param code why */
  holdOffFailed(code: string): void;
};
