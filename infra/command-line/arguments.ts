import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { ROOT } from '../config/root.ts';

/** A mistake of the caller's, reported in one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Reads a command line of options, without positional arguments.
 * @param args without node and the script
 * @param known the options that exist, in a few words
 * @throws UsageError in one sentence, with `known`
 */
export const parseArguments = <T extends ParseArgsOptionsConfig>(
  args: string[],
  options: T,
  known: string,
) => {
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    // Node adds two or three lines about positional arguments and dashes.
    const [sentence] = (error as Error).message.split(/\.\s|\n/);
    throw new UsageError(`${sentence}. There are ${known}`);
  }
};

/** Whether to print the usage and nothing else. */
export const asksForHelp = (args: string[]): boolean =>
  args.includes('--help') || args.includes('-h');

/**
 * Options that npm took for its own, since they stand before a "--": it hands them on as variables
 * `npm_config_NAME` only, and a command would run as if they had not been given.
 *
 * @param options of the command
 * @returns those that are there as variables
 */
export const takenByNpm = (options: readonly string[], env: NodeJS.ProcessEnv): string[] => {
  const taken = options.filter(
    (option) => env[`npm_config_${option.slice(2).replaceAll('-', '_')}`] !== undefined,
  );
  // -c is npm's --call. A command that npm was given to call is not written like one of our keys.
  const isSetting = /^[a-z]\w*(\.\w+)*=/.test(env.npm_config_call ?? '');
  if (options.includes('--context') && isSetting) taken.push('-c');
  return taken.some((option) => !OWN_OF_NPM.includes(option)) ? taken : [];
};

/** Options that npm has, too: alone, they may come from a person's .npmrc. */
const OWN_OF_NPM = ['--yes', '--json', '--scope'];

/** @param example the command line as it has to be. */
export const npmTook = (options: string[], example: string): UsageError =>
  new UsageError(
    `npm took ${options.join(', ')} for itself: write "--" before the options, as in ${example}`,
  );

const MAX_RATE = 6000; // of the configuration's ratePerMinute too

/**
 * @param rate as after `--rate`.
 * @returns calls a minute; undefined without the flag.
 * @throws UsageError
 */
export const readRate = (rate: string | undefined): number | undefined => {
  if (rate === undefined) return undefined;
  if (/^[1-9]\d*$/.test(rate) && Number(rate) <= MAX_RATE) return Number(rate);
  throw new UsageError(
    `--rate must be a whole number of calls a minute from 1 to ${MAX_RATE}, not "${rate}"`,
  );
};

export const RATE_KEY = `${ROOT}.ratePerMinute`;

/** @param text of `-c`. @throws UsageError */
export const readSetting = (text: string): [key: string, value: string] => {
  const at = text.indexOf('=');
  if (at < 1) {
    throw new UsageError(`-c takes key=value, such as -c ${RATE_KEY}=40, not "${text}"`);
  }
  const key = text.slice(0, at);
  // The feature flags of the CDK have a colon or a slash.
  if (key !== ROOT && !key.startsWith(`${ROOT}.`) && !/[:/]/.test(key)) {
    throw new UsageError(
      `-c takes the keys of docs/configuration.md, which begin with "${ROOT}.", such as -c ${RATE_KEY}=40, not "${key}"`,
    );
  }
  return [key, text.slice(at + 1)];
};
