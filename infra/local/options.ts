import { readFlags, readPort, readRate, UsageError } from './arguments.ts';

/** What `npm start` was asked for, by its arguments and the environment. */
export type Options = {
  ports: { http: number; slack: number; aws: number };
  /** Calls a minute of the local Slack; undefined: its default. */
  rate: number | undefined;
  /** As from `-c key=value`, for the synthesis. */
  context: Record<string, string>;
};

const RATE_KEY = 'slackConnectInvites.ratePerMinute';

const FLAGS = {
  rate: { type: 'string' },
  context: { type: 'string', short: 'c', multiple: true },
} as const;

/**
 * @param args without node and the script; `--rate n` sets the rate a minute on both sides.
 * @throws UsageError
 */
export const readOptions = (args: string[], env: NodeJS.ProcessEnv): Options => {
  const flags = readFlags(args, FLAGS, 'There are --rate n and -c key=value');
  const rate = readRate(flags.rate);
  const settings = (flags.context ?? []).map((text) => {
    const at = text.indexOf('=');
    if (at < 1)
      throw new UsageError(`-c takes key=value, such as -c ${RATE_KEY}=40, not "${text}"`);
    return [text.slice(0, at), text.slice(at + 1)] as const;
  });
  return {
    ports: {
      http: readPort(env, 'PORT', 3000),
      slack: readPort(env, 'SLACK_PORT', 3001),
      aws: readPort(env, 'AWS_PORT', 3002),
    },
    rate,
    context: {
      ...(rate !== undefined && { [RATE_KEY]: String(rate) }),
      ...Object.fromEntries(settings),
    },
  };
};
