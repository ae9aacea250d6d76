import { expect, test } from 'vitest';
import { readOptions } from '../../infra/local/options.ts';

const refused = (args: string[], env = {}) => expect(() => readOptions(args, env));

test('--rate is refused beyond what the configuration takes, in its own name', () => {
  refused(['--rate', '6001']).toThrow('--rate must be a whole number of calls a minute from 1 to');
});

test('--rate and the same as a configuration key are refused together', () => {
  refused(['--rate', '30', '-c', 'slackConnectInvites.ratePerMinute=40']).toThrow(
    'leave out either --rate or -c slackConnectInvites.ratePerMinute',
  );
});

test.each([
  { args: ['--speed', '9'], sentence: "Unknown option '--speed'." },
  { args: ['-c', '-x'], sentence: "Option '-c' argument is ambiguous." },
  { args: ['extra'], sentence: "Unexpected argument 'extra'." },
])('what is no option is refused in one sentence: $args', ({ args, sentence }) => {
  refused(args).toThrow(`${sentence} There are --rate n, -c key=value and --help`);
});

test.each([
  [{ PORT: '3001' }, 'PORT and SLACK_PORT must differ: each is 3001'],
  [{ AWS_PORT: '3000' }, 'PORT and AWS_PORT must differ: each is 3000'],
  [{ SLACK_PORT: '7', AWS_PORT: '7' }, 'SLACK_PORT and AWS_PORT must differ: each is 7'],
])('one port in two places is refused: %j', (env, message) => {
  refused([], env).toThrow(message);
});
