import { parseArguments, readRate, UsageError } from './arguments.ts';
import { type Ports, readPorts } from './ports.ts';

/** What `npm start` was asked for, by its arguments and the environment. */
export type Options = {
  ports: Ports;
  /** Calls a minute of the local Slack; undefined: its default. */
  rate: number | undefined;
  /** As from `-c key=value`, for the synthesis. */
  context: Record<string, string>;
};

export const USAGE = `Runs the stack on this machine. Ctrl-C ends it.

  npm start
  npm start -- --rate 6000
  npm start -- -c 'slackConnectInvites.allowedChannels="*"'
  PORT=3100 SLACK_PORT=3101 AWS_PORT=3102 HR_PORT=3103 npm start

  --rate N         calls a minute, of our gate and of the local Slack
  -c KEY=VALUE     a configuration key, see docs/configuration.md; as often as needed
  --help           this text`;

const RATE_KEY = 'slackConnectInvites.ratePerMinute';

/** Whether to print `USAGE` and nothing else. */
export const asksForHelp = (args: string[]): boolean =>
  args.includes('--help') || args.includes('-h');

/**
 * @param args without node and the script
 * @throws UsageError
 */
export const readOptions = (args: string[], env: NodeJS.ProcessEnv): Options => {
  const { context, ...flags } = parseArguments(
    args,
    {
      rate: { type: 'string' },
      context: { type: 'string', short: 'c', multiple: true, default: [] },
    },
    '--rate n, -c key=value and --help',
  );
  const rate = readRate(flags.rate);
  const settings = Object.fromEntries(context.map(readSetting));
  if (rate !== undefined) {
    if (RATE_KEY in settings) {
      throw new UsageError(
        `--rate sets ${RATE_KEY} too: leave out either --rate or -c ${RATE_KEY}`,
      );
    }
    settings[RATE_KEY] = String(rate);
  }
  return { ports: readPorts(env), rate, context: settings };
};

const readSetting = (text: string): [key: string, value: string] => {
  const at = text.indexOf('=');
  if (at < 1) {
    throw new UsageError(`-c takes key=value, such as -c ${RATE_KEY}=40, not "${text}"`);
  }
  return [text.slice(0, at), text.slice(at + 1)];
};
