const TAIL_BYTES = 4096;
const LINE_FEED = 10;

export type InvocationLog = {
  /** An invocation begins: the tail is empty. */
  begin(): void;
  write(chunk: Buffer): void;
  /** The invocation is over: an unfinished line is passed on. */
  end(): void;
  /** The last 4 KB since `begin`, as in the Invoke API's `LogResult`. */
  tail(): string;
};

/**
 * Cuts the output of an execution environment into lines and keeps its end.
 *
 * @param onLine receives each line, in order, without its line feed
 */
export function createInvocationLog(onLine: (line: string) => void): InvocationLog {
  let unfinished: Buffer[] = [];
  let tail: Buffer = Buffer.alloc(0);

  return { begin, write, end, tail: () => tail.toString() };

  function begin() {
    tail = Buffer.alloc(0);
  }

  function write(chunk: Buffer) {
    tail = Buffer.concat([tail, chunk]).subarray(-TAIL_BYTES);
    const lineEnd = chunk.lastIndexOf(LINE_FEED);
    if (lineEnd === -1) {
      unfinished.push(chunk);
      return;
    }
    const complete = Buffer.concat([...unfinished, chunk.subarray(0, lineEnd)]);
    unfinished = [chunk.subarray(lineEnd + 1)];
    for (const line of complete.toString().split('\n')) onLine(line);
  }

  function end() {
    const line = Buffer.concat(unfinished).toString();
    unfinished = [];
    if (line !== '') onLine(line);
  }
}
