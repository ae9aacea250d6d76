import { parseArgs } from 'node:util';

/** What `npm start` was asked for, by its arguments and the environment. */
export type Options = {
  ports: { http: number; slack: number; aws: number };
  /** Calls a minute of the local Slack; undefined: its default. */
  rate: number | undefined;
  /** As from `-c key=value`, for the synthesis. */
  context: Record<string, string>;
};

/** A mistake of the caller's, told in one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const RATE_KEY = 'slackConnectInvites.ratePerMinute';

/**
 * @param args without node and the script; `--rate n` sets the rate a minute on both sides.
 * @throws UsageError
 */
export const readOptions = (args: string[], env: NodeJS.ProcessEnv): Options => {
  const { rate, context = [] } = parsed(args);
  if (rate !== undefined && !/^[1-9]\d{0,4}$/.test(rate)) {
    throw new UsageError(
      `--rate must be a whole number of calls a minute, such as 6000, not "${rate}"`,
    );
  }
  const settings = context.map((text) => {
    const at = text.indexOf('=');
    if (at < 1)
      throw new UsageError(`-c takes key=value, such as -c ${RATE_KEY}=40, not "${text}"`);
    return [text.slice(0, at), text.slice(at + 1)] as const;
  });
  return {
    ports: {
      http: port(env, 'PORT', 3000),
      slack: port(env, 'SLACK_PORT', 3001),
      aws: port(env, 'AWS_PORT', 3002),
    },
    rate: rate === undefined ? undefined : Number(rate),
    context: { ...(rate !== undefined && { [RATE_KEY]: rate }), ...Object.fromEntries(settings) },
  };
};

const parsed = (args: string[]) => {
  try {
    const { values } = parseArgs({
      args,
      options: {
        rate: { type: 'string' },
        context: { type: 'string', short: 'c', multiple: true },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}. There are --rate n and -c key=value`);
  }
};

const port = (env: NodeJS.ProcessEnv, name: string, standard: number): number => {
  const text = env[name];
  if (text === undefined || text === '') return standard;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 65_535) {
    throw new UsageError(`${name} must be a port from 1 to 65535, not "${text}"`);
  }
  return value;
};
