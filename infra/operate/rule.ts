import { readFileSync } from 'node:fs';
import {
  asksForHelp,
  npmTook,
  parseArguments,
  readSetting,
  takenByNpm,
  UsageError,
} from '../command-line/arguments.ts';
import { ConfigError } from '../config/error.ts';
import { loadSandbox } from './rule-sandbox.ts';

const USAGE = `Tries the rules of an HR source on an event. Nothing is sent, looked up or kept.

  npm run rule -- --source greenhouse
  npm run rule -- --source zapier --event event.json

  --source NAME        the source, by its name in the configuration
  --event FILE         the body of a delivery as it was sent, JSON or a form; - reads it from the
                       standard input; left out: what the provider's documentation shows
  --header NAME:VALUE  a header of that delivery, for rules that read one; as often as needed
  -c KEY=VALUE         a configuration key, see docs/configuration.md; as often as needed
  --help               this text`;

const readArguments = (args: string[]) =>
  parseArguments(
    args,
    {
      source: { type: 'string' },
      event: { type: 'string' },
      header: { type: 'string', multiple: true, default: [] },
      context: { type: 'string', short: 'c', multiple: true, default: [] },
      help: { type: 'boolean', short: 'h' },
    },
    '--source, --event, --header, -c and --help',
  );

const readBody = (file: string): Buffer => {
  try {
    return readFileSync(file === '-' ? 0 : file);
  } catch (error) {
    throw new UsageError(`--event ${file} cannot be read: ${(error as Error).message}`);
  }
};

const readHeader = (text: string): [name: string, value: string] => {
  const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):\s*(.*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new UsageError(`--header takes NAME:VALUE, such as x-event:hired, not "${text}"`);
  }
  return [name.toLowerCase(), value];
};

const OPTIONS = ['--source', '--event', '--header', '--context'];

const run = async (args: string[]): Promise<void> => {
  const taken = takenByNpm(OPTIONS, process.env);
  if (taken.length > 0 && !asksForHelp(args)) {
    throw npmTook(taken, 'npm run rule -- --source greenhouse');
  }
  const { source, event, header, context, help } = readArguments(args);
  if (help) return console.log(USAGE);
  if (source === undefined) throw new UsageError('--source is missing: which source to try');
  // Only now: the sandbox has to be there first, and the rest takes a while.
  await loadSandbox();
  const { tryRules } = await import('./rule-trial.ts');
  const lines = await tryRules({
    source,
    body: event === undefined ? undefined : readBody(event),
    headers: Object.fromEntries(header.map(readHeader)),
    context: Object.fromEntries(context.map(readSetting)),
  });
  console.log(lines.join('\n'));
};

try {
  await run(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof UsageError;
  if (!isUsage && !(error instanceof ConfigError)) throw error;
  console.error(isUsage ? `${error.message}\n\n${USAGE}` : error.message);
  process.exitCode = 1;
}
