import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

/** A mistake of the caller's, told in one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * @param args without node and the script.
 * @param thereIs the flags in words, for whoever wrote another one.
 * @throws UsageError
 */
export const readFlags = <const Flags extends ParseArgsOptionsConfig>(
  args: string[],
  options: Flags,
  thereIs: string,
) => {
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}. ${thereIs}`);
  }
};

/**
 * @param rate as after `--rate`.
 * @returns calls a minute; undefined when the flag is not there.
 * @throws UsageError
 */
export const readRate = (rate: string | undefined): number | undefined => {
  if (rate === undefined) return undefined;
  if (/^[1-9]\d{0,4}$/.test(rate)) return Number(rate);
  throw new UsageError(
    `--rate must be a whole number of calls a minute, such as 6000, not "${rate}"`,
  );
};

/**
 * @param standard the port when the variable is not there, or empty.
 * @throws UsageError
 */
export const readPort = (env: NodeJS.ProcessEnv, name: string, standard: number): number => {
  const text = env[name];
  if (text === undefined || text === '') return standard;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 65_535) {
    throw new UsageError(`${name} must be a port from 1 to 65535, not "${text}"`);
  }
  return value;
};
