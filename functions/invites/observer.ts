/** What one call of the domain has to tell beside its result. Times in milliseconds. */
export type Observer = {
  gateWait(ms: number): void;
  slackLatency(ms: number): void;
  /** The secret was read once more because Slack refused the token. */
  tokenRefresh(): void;
  /** Slack's warnings, which never fail a call. */
  warnings(codes: string[]): void;
  /** Slack answered, but the ledger could not be told. */
  unrecorded(): void;
};
