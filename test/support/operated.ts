import { vi } from 'vitest';
import { exitCodeOf, type Operation } from '../../infra/command-line/operation.ts';
import { findStack, type Stack } from '../../infra/operate/stack.ts';
import type { LocalRun } from './local-run.ts';

/** The variables by which a command finds a local run of a test. */
export const portsOf = ({ stack, slack }: Pick<LocalRun, 'stack' | 'slack'>) => ({
  PORT: new URL(stack.apiUrl).port,
  AWS_PORT: new URL(stack.awsUrl).port,
  SLACK_PORT: new URL(slack.url).port,
});

/** The local run of a test as an operator's command finds it. */
export const operated = (run: LocalRun): Promise<Stack> => findStack(undefined, portsOf(run));

/**
 * Runs an operator's command against the local run of a test, in the test's own process: a process
 * of its own takes most of a second to load.
 * @param args as after `npm run NAME --`
 * @returns the exit code, and all that it printed.
 */
export const operate = async (
  run: LocalRun,
  // biome-ignore lint/suspicious/noExplicitAny: the options of any command.
  operation: Operation<any>,
  ...args: string[]
): Promise<{ code: number; output: string }> => {
  let output = '';
  const print = (text: unknown) => {
    output += `${text}\n`;
  };
  const spies = [
    vi.spyOn(console, 'log').mockImplementation(print),
    vi.spyOn(console, 'error').mockImplementation(print),
  ];
  try {
    const code = await exitCodeOf(operation, args, { ...process.env, ...portsOf(run) });
    return { code, output };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
};
