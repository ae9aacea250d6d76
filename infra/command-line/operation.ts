import type { ParseArgsOptionsConfig } from 'node:util';
import { asksForHelp, npmTook, parseArguments, takenByNpm, UsageError } from './arguments.ts';

/** A command of an operator's: it runs to its end, and its exit code says what came of it. */
export type Operation<Options extends ParseArgsOptionsConfig> = {
  usage: string;
  /** Beside `--help`. */
  options: Options;
  /** A right command line, for messages. */
  example: string;
  /** @returns the exit code. */
  run(options: ReturnType<typeof parseArguments<Options>>, env: NodeJS.ProcessEnv): Promise<number>;
};

/** Runs the command of this process, whose exit code says what came of it. */
export const runOperation = async <Options extends ParseArgsOptionsConfig>(
  operation: Operation<Options>,
): Promise<void> => {
  process.exitCode = await exitCodeOf(operation, process.argv.slice(2), process.env);
};

/**
 * Runs a command. What the person did wrong is told in words, without a stack.
 * @param args as after the command's name
 * @returns the exit code.
 */
export const exitCodeOf = async <Options extends ParseArgsOptionsConfig>(
  { usage, options, example, run }: Operation<Options>,
  args: string[],
  env: NodeJS.ProcessEnv,
): Promise<number> => {
  try {
    if (asksForHelp(args)) {
      console.log(usage);
      return 0;
    }
    const names = Object.keys(options).map((name) => `--${name}`);
    // npx leaves a `--yes` of its own there.
    const taken = takenByNpm(names, env).filter((name) => !args.includes(name));
    if (taken.length > 0) throw npmTook(taken, example);
    return await run(parseArguments(args, options, `${names.join(', ')} and --help`), env);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    return 1;
  }
};
