import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { FunctionSpec } from '../../infra/local/lambda/function-model.ts';
import { type Lambda, startLambda } from '../../infra/local/lambda/lambda.ts';

/** A function whose `index.mjs` is the given code. */
export function functionOf(code: string, overrides: Partial<FunctionSpec> = {}): FunctionSpec {
  const codeDir = mkdtempSync(join(tmpdir(), 'local-lambda-'));
  onTestFinished(() => rmSync(codeDir, { recursive: true }));
  writeFileSync(join(codeDir, 'index.mjs'), code);
  const name = overrides.name ?? 'demo';
  return {
    name,
    codeDir,
    timeoutMs: 5000,
    memoryMb: 256,
    environment: {},
    arn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
    ...overrides,
  };
}

/** The service with these functions until the test ends, and what they log. */
export async function serve(...functions: FunctionSpec[]): Promise<Lambda & { lines: string[] }> {
  return serveAt(Date.now, ...functions);
}

/** The same at a time of the test's own, in milliseconds. */
export async function serveAt(now: () => number, ...functions: FunctionSpec[]) {
  const lines: string[] = [];
  const lambda = await startLambda({ functions, log: ({ line }) => lines.push(line), now });
  onTestFinished(() => lambda.close());
  return { ...lambda, lines };
}

/** Invokes a function and reads its answer as JSON. */
export async function ask(lambda: Lambda, event: unknown = {}, name = 'demo') {
  const { payload, ...result } = await lambda.invoke(name, JSON.stringify(event));
  return { ...result, answer: JSON.parse(payload.toString()) };
}

/** A dead process that nobody has waited for yet (a zombie) does not run any more. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || !/\) [ZX] /.test(readFileSync(stat, 'utf8'));
}

/** Waits until a condition holds; the test's own time limit ends a wait in vain. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}
