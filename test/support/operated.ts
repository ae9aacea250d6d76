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
