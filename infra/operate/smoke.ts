import { UsageError } from '../command-line/arguments.ts';
import { type Operation, runOperation } from '../command-line/operation.ts';
import { CALLS, type CallName, type SmokeWorld, smokeWorld } from './smoke-calls.ts';
import { findStack, STACK_OPTION, type Stack } from './stack.ts';

const USAGE = `Makes ten calls that show whether a stack works as deployed. It sends no invitation, unless told whom.

  npm run smoke
  npm run smoke -- --stack SlackConnectInvites
  npm run smoke -- --stack SlackConnectInvites --channel C0PARTNER01 --email you@partner.example

${STACK_OPTION}
  --channel ID   with --email: sends an invitation, as the last call
  --email ADDRESS
  --json         the results as JSON
  --help         this text

The exit code is 0 if every call did what it should, and 1 otherwise. It takes up to three minutes on
AWS, where a metric arrives late.`;

const OPTIONS = {
  stack: { type: 'string' },
  channel: { type: 'string' },
  email: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** What came of a call. `skipped`: the stack has nothing that it could be made against. */
export type Outcome = {
  call: CallName;
  result: 'passed' | 'failed' | 'skipped';
  got: string;
};

/** Makes the calls, one after the other: a later one may look at what an earlier one left. */
export const smoke = async (
  stack: Stack,
  invitation: SmokeWorld['invitation'],
  told: (outcome: Outcome) => void = () => {},
): Promise<Outcome[]> => {
  const world = await smokeWorld(stack, invitation);
  const outcomes: Outcome[] = [];
  for (const call of Object.keys(CALLS) as CallName[]) {
    const outcome = await CALLS[call].make(world).then(
      (made) => ({ call, ...made }),
      (error: Error) => ({
        call,
        result: 'failed' as const,
        got: `${error.name}: ${error.message}`,
      }),
    );
    outcomes.push(outcome);
    told(outcome);
  }
  return outcomes;
};

const print = ({ call, result, got }: Outcome): string => {
  const { does, expects, proves } = CALLS[call];
  const mark = { passed: 'ok', failed: 'FAILED', skipped: 'skipped' }[result];
  const because = result === 'failed' ? `${got}; expected: ${expects}` : got;
  return `${mark.padEnd(9)}${does}\n         ${because}. ${result === 'passed' ? 'It proves that ' : 'It would prove that '}${proves}`;
};

/** `npm run smoke`. */
export const smokeCommand: Operation<typeof OPTIONS> = {
  usage: USAGE,
  options: OPTIONS,
  example: 'npm run smoke -- --stack SlackConnectInvites',
  async run({ stack: name, channel, email, json }, env) {
    if ((channel === undefined) !== (email === undefined)) {
      throw new UsageError('--channel and --email belong together: whom to invite, and where to');
    }
    const stack = await findStack(name, env);
    const invitation = channel && email ? { channel, email } : undefined;
    const outcomes = await smoke(stack, invitation, (outcome) => {
      if (!json) console.log(print(outcome));
    });
    const isFine = outcomes.every(({ result }) => result !== 'failed');
    if (json) {
      const calls = outcomes.map((outcome) => ({ ...outcome, proves: CALLS[outcome.call].proves }));
      console.log(JSON.stringify({ stack: stack.name, passed: isFine, calls }, null, 2));
    } else console.log(isFine ? '\nPassed.' : '\nFailed.');
    return isFine ? 0 : 1;
  },
};

if (import.meta.main) await runOperation(smokeCommand);
