import { describe, expect, test } from 'vitest';
import { UsageError } from '../../infra/command-line/arguments.ts';
import { readOptions } from '../../infra/local/options.ts';

const refused = (args: string[], env = {}) => expect(() => readOptions(args, env));

describe('npm start without arguments', () => {
  test('takes the documented ports and the rates of the configuration and of Slack', () => {
    expect(readOptions([], {})).toEqual({
      ports: { http: 3000, slack: 3001, aws: 3002, hr: 3003 },
      rate: undefined,
      jwt: false,
      context: {},
    });
  });

  test('takes other ports from PORT, SLACK_PORT, AWS_PORT and HR_PORT', () => {
    const env = { PORT: '3100', SLACK_PORT: '3101', AWS_PORT: '3102', HR_PORT: '3103' };
    const ports = { http: 3100, slack: 3101, aws: 3102, hr: 3103 };
    expect(readOptions([], env).ports).toEqual(ports);
  });

  test('refuses one port in two places', () => {
    expect(() => readOptions([], { PORT: '3001' })).toThrow('PORT and SLACK_PORT must differ');
  });

  test.each(['0', '65536', 'http', '30.5', '-1'])('refuses the port %j', (PORT) => {
    expect(() => readOptions([], { PORT })).toThrow(UsageError);
  });
});

describe('--rate', () => {
  test('sets the rate of both sides', () => {
    expect(readOptions(['--rate', '6000'], {})).toMatchObject({
      rate: 6000,
      context: { 'slackConnectInvites.ratePerMinute': '6000' },
    });
  });

  test.each(['0', '-5', '1.5', 'fast', '', '6001'])('refuses %j', (rate) => {
    expect(() => readOptions([`--rate=${rate}`], {})).toThrow(UsageError);
  });

  test('is refused beside the configuration key that it sets', () => {
    const args = ['--rate', '6000', '-c', 'slackConnectInvites.ratePerMinute=20'];
    expect(() => readOptions(args, {})).toThrow('leave out either');
  });
});

test('--jwt is one for the start', () => {
  expect(readOptions(['--jwt'], {})).toMatchObject({ jwt: true, context: {} });
});

describe('-c', () => {
  test('gives key and value on to the synthesis, as cdk does', () => {
    const args = ['-c', 'slackConnectInvites.burst=3', '--context', '@aws-cdk/core:flag=b=c'];
    expect(readOptions(args, {}).context).toEqual({
      'slackConnectInvites.burst': '3',
      '@aws-cdk/core:flag': 'b=c',
    });
  });

  test.each(['burst', '=3'])('refuses %j', (text) => {
    expect(() => readOptions(['-c', text], {})).toThrow(UsageError);
  });
});

test.each(['burst', 'burts', 'slackConnectInvite.burst', 'slackConnectInvitesX.burst'])(
  '-c with a key that nobody reads is refused: %s',
  (key) => {
    refused(['-c', `${key}=3`]).toThrow(`begin with "slackConnectInvites.", such as -c`);
    refused(['-c', `${key}=3`]).toThrow(`not "${key}"`);
  },
);

test.each([
  [{ npm_config_rate: 'true' }, 'npm took --rate for itself: write "--" before the options'],
  [{ npm_config_rate: '6000' }, 'as in npm start -- --rate 6000'],
  [{ npm_config_jwt: 'true' }, 'as in npm start -- --jwt'],
  [{ npm_config_call: 'slackConnectInvites.burst=5' }, 'npm took -c for itself'],
  [{ npm_config_call: 'burst=5' }, 'as in npm start -- -c slackConnectInvites.burst=3'],
  [{ npm_config_context: 'burst=5', npm_config_rate: '9' }, 'npm took --rate, --context for'],
])('an option that npm took for itself is told: %j', (env, words) => {
  refused([], env).toThrow(words);
});

test.each(['npm start', 'PORT=3100 npm start'])('npm -c %j runs the command', (command) => {
  expect(readOptions([], { npm_config_call: command }).context).toEqual({});
});

test.each([
  { args: ['--speed', '9'], sentence: "Unknown option '--speed'." },
  { args: ['-c', '-x'], sentence: "Option '-c' argument is ambiguous." },
  { args: ['extra'], sentence: "Unexpected argument 'extra'." },
])('what is no option is refused in one sentence: $args', ({ args, sentence }) => {
  refused(args).toThrow(`${sentence} There are --rate n, --jwt, -c key=value and --help`);
});

test.each([
  [{ PORT: '3001' }, 'PORT and SLACK_PORT must differ: each is 3001'],
  [{ AWS_PORT: '3000' }, 'PORT and AWS_PORT must differ: each is 3000'],
  [{ SLACK_PORT: '7', AWS_PORT: '7' }, 'SLACK_PORT and AWS_PORT must differ: each is 7'],
])('one port in two places is refused: %j', (env, message) => {
  refused([], env).toThrow(message);
});
