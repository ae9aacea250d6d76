import {
  npmTook,
  parseArguments,
  RATE_KEY,
  readRate,
  readSetting,
  takenByNpm,
  UsageError,
} from '../command-line/arguments.ts';
import { ROOT } from '../config/root.ts';
import { type Ports, readPorts } from './ports.ts';

/** What the arguments and the environment of `npm start` say. */
export type Options = {
  ports: Ports;
  /** Calls a minute of the local Slack; undefined: its default. */
  rate: number | undefined;
  /** Whether the HTTP API takes JWTs, also if the configuration does not say so. */
  jwt: boolean;
  /** As from `-c key=value`, for the synthesis. */
  context: Record<string, string>;
};

export const USAGE = `Runs the stack on this machine. Ctrl-C ends it.

  npm start
  npm start -- --rate 6000
  npm start -- --jwt
  npm start -- -c 'slackConnectInvites.channels.C0PARTNER01={"emailDomains":"*","userIds":true}'
  PORT=3100 SLACK_PORT=3101 AWS_PORT=3102 HR_PORT=3103 npm start

  --rate N         calls a minute, of our gate and of the local Slack
  --jwt            the HTTP API takes JWTs instead of signatures; npm run jwt prints one
  -c KEY=VALUE     a configuration key, see docs/configuration.md; as often as needed
  --help           this text`;

/**
 * @param args without node and the script
 * @throws UsageError
 */
export const readOptions = (args: string[], env: NodeJS.ProcessEnv): Options => {
  refuseTaken(env);
  const { context, ...flags } = parseArguments(
    args,
    {
      rate: { type: 'string' },
      jwt: { type: 'boolean', default: false },
      context: { type: 'string', short: 'c', multiple: true, default: [] },
    },
    '--rate n, --jwt, -c key=value and --help',
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
  return { ports: readPorts(env), rate, jwt: flags.jwt, context: settings };
};

const refuseTaken = (env: NodeJS.ProcessEnv): void => {
  const taken = takenByNpm(['--rate', '--jwt', '--context'], env);
  if (taken.length === 0) return;
  const examples: Record<string, string> = { '--rate': '--rate 6000', '--jwt': '--jwt' };
  const example = examples[taken[0] as string] ?? `-c ${ROOT}.burst=3`;
  throw npmTook(taken, `npm start -- ${example}`);
};
