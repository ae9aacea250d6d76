import { describe, expect, test } from 'vitest';
import { readOptions, UsageError } from '../../infra/local/options.ts';

describe('npm start without arguments', () => {
  test('takes the documented ports and the rates of the configuration and of Slack', () => {
    expect(readOptions([], {})).toEqual({
      ports: { http: 3000, slack: 3001, aws: 3002 },
      rate: undefined,
      context: {},
    });
  });

  test('takes other ports from PORT, SLACK_PORT and AWS_PORT', () => {
    const env = { PORT: '3100', SLACK_PORT: '3101', AWS_PORT: '3102' };
    expect(readOptions([], env).ports).toEqual({ http: 3100, slack: 3101, aws: 3102 });
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

describe('-c', () => {
  test('gives key and value on to the synthesis, as cdk does', () => {
    const args = ['-c', 'slackConnectInvites.burst=3', '--context', 'a=b=c'];
    expect(readOptions(args, {}).context).toEqual({ 'slackConnectInvites.burst': '3', a: 'b=c' });
  });

  test.each(['burst', '=3'])('refuses %j', (text) => {
    expect(() => readOptions(['-c', text], {})).toThrow(UsageError);
  });
});
