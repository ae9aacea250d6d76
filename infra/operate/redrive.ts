import { ERROR_CLASSES, type ErrorClass } from '../../functions/errors/classes.ts';
import { nearest, readTime } from '../../functions/lib/text.ts';
import { UsageError } from '../command-line/arguments.ts';
import { type Operation, runOperation } from '../command-line/operation.ts';
import { readDeployed } from './deployed.ts';
import { operatorsTable, sendAgain } from './redrive-again.ts';
import { type Found, findAgain, type Wanted } from './redrive-found.ts';
import { findStack, STACK_OPTION } from './stack.ts';

const EXAMPLE = 'npm run redrive -- --class SlackCredentials --since 2026-11-28T10:00:00Z';

const USAGE = `Sends again what failed, or waits behind a block, once its cause is mended:

  ${EXAMPLE}
  npm run redrive -- --class SlackCredentials --yes

  --class CLASS  the class that the invites and event records show, see docs/errors.md
  --code CODE    only those that show this code, too
  --since TIME   only those that last changed at this time or later, such as 2026-11-28 (0:00 UTC)
                 or 2026-11-28T10:00:00Z
  --yes          sends them; without it, the command shows which, and changes nothing
${STACK_OPTION}
  --help         this text

They go through the queue, and the policy is checked again. Nothing is sent that is out already.`;

const OPTIONS = {
  class: { type: 'string' },
  code: { type: 'string' },
  since: { type: 'string' },
  yes: { type: 'boolean' },
  stack: { type: 'string' },
} as const;

type Options = Parameters<Operation<typeof OPTIONS>['run']>[0];

/** `npm run redrive`. */
export const redrive: Operation<typeof OPTIONS> = {
  usage: USAGE,
  options: OPTIONS,
  example: EXAMPLE,
  async run(options, env) {
    const wanted = wantedOf(options);
    const stack = await findStack(options.stack, env);
    const table = operatorsTable(stack);
    const found = await findAgain(stack, table, wanted);
    console.log(told(found).join('\n'));
    const count = found.waiting.length + found.failed.length + found.events.length;
    if (count === 0) return 0;
    if (!options.yes) {
      console.log('Nothing was changed. Add --yes to send them.');
      return 0;
    }
    const deployed = await readDeployed(stack, 'invite-task');
    const sent = await sendAgain(stack, table, deployed?.config.retentionDays ?? 400, found);
    const problems = sent.filter(({ problem }) => problem !== undefined);
    for (const { id, problem } of problems) console.log(`  ${id} was left: ${problem}`);
    console.log(`Sent again: ${sent.length - problems.length} of ${count}, at the queue's pace.`);
    return problems.length === 0 ? 0 : 1;
  },
};

const told = ({ block, waiting, failed, events, lost }: Found): string[] => {
  const list = (title: string, all: { id: string; error?: { class: string; code: string } }[]) =>
    all.length === 0
      ? []
      : [
          `${title}: ${all.length}`,
          ...all.map(({ id, error }) => `  ${id}${error ? ` ${error.class} ${error.code}` : ''}`),
        ];
  const since = block && new Date(block.since).toISOString();
  const lines = [
    ...(block ? [`The queue is blocked since ${since}: ${block.class} ${block.code}`] : []),
    ...list('Requests that wait and would be tried at once', waiting),
    ...list('Requests that failed and would be sent again', failed),
    ...list('HR events that failed and would be tried again', events),
    ...list(
      'Not by this command, because nobody keeps what they need; have the caller or the HR system send them again',
      lost.map((id) => ({ id })),
    ),
  ];
  return lines.length === 0 ? ['Nothing there is to be sent again.'] : lines;
};

const wantedOf = ({ class: errorClass, code, since }: Options): Wanted => ({
  class: classOf(errorClass),
  ...(code !== undefined && { code: codeOf(code) }),
  ...(since !== undefined && { since: timeOf(since) }),
});

const classOf = (text: string | undefined): ErrorClass => {
  if (text === undefined) throw new UsageError(`Missing: --class.\n\n${USAGE}`);
  if (!Object.hasOwn(ERROR_CLASSES, text)) {
    const near = nearest(text, Object.keys(ERROR_CLASSES));
    const all = Object.keys(ERROR_CLASSES).join(', ');
    throw new UsageError(`--class must be one of ${all}${near ? `; did you mean ${near}?` : ''}`);
  }
  if (text === 'OutcomeUnknown') {
    throw new UsageError(
      '--class OutcomeUnknown: those invitations may be out. Look in Slack, and send each that is not there with resend: see docs/operating.md#outcomeunknown',
    );
  }
  return text as ErrorClass;
};

const codeOf = (text: string): string => {
  if (/^[a-z][a-z0-9_]{0,63}$/.test(text)) return text;
  throw new UsageError(`--code must be a code as docs/errors.md has it, not "${text}"`);
};

const timeOf = (text: string): number => {
  const time = readTime(text);
  if (time !== undefined) return time;
  throw new UsageError(
    `--since must be a date, such as 2026-11-28, or a time with its zone, such as 2026-11-28T10:00:00Z, not "${text}"`,
  );
};

if (import.meta.main) await runOperation(redrive);
