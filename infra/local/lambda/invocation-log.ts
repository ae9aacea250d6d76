import { StringDecoder } from 'node:string_decoder';

const TAIL_BYTES = 4096;

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
  const decoder = new StringDecoder();
  let unfinished = '';
  let tail: Buffer = Buffer.alloc(0);

  return {
    begin() {
      tail = Buffer.alloc(0);
    },
    write(chunk) {
      tail = Buffer.concat([tail, chunk]).subarray(-TAIL_BYTES);
      const [first, ...more] = decoder.write(chunk).split('\n');
      const lines = [unfinished + first, ...more];
      unfinished = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    },
    end() {
      const line = unfinished + decoder.end();
      unfinished = '';
      if (line !== '') onLine(line);
    },
    tail: () => tail.toString(),
  };
}
