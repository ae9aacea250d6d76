/** A function as the local Lambda service runs it: what the template says of it, resolved. */
export type FunctionSpec = {
  name: string;
  /** `<file>.<export>`, as in `index.handler`. */
  handler: string;
  /** Directory of the bundle, an absolute path. */
  codeDir: string;
  timeoutMs: number;
  memoryMb: number;
  /** The template's variables, and the endpoints and credentials of the local run. */
  environment: Record<string, string>;
  arn: string;
};
