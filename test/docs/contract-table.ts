import { ERROR_CLASSES, type ErrorClass } from '../../functions/errors/classes.ts';
import type { SentInvite } from '../../functions/invites/send.ts';
import { table } from './markdown.ts';

type Ended = SentInvite['outcome'] | 'queued';
const OUTCOMES: Record<Ended, { status: number; meaning: string }> = {
  sent: { status: 201, meaning: 'Slack has sent an invitation' },
  existing: { status: 200, meaning: 'an invitation is live already; nothing was sent' },
  queued: { status: 202, meaning: 'the [workflow](workflow.md) sends it when its turn comes' },
  already_in_channel: { status: 200, meaning: 'the person is in the channel already' },
};

/** Statuses in addition to the class's own: an unreadable body, and an unknown outcome met again. */
const OTHER_STATUSES: { [name in ErrorClass]?: number[] } = {
  InvalidRequest: [400, 413, 415],
  OutcomeUnknown: [409],
};

/** @returns the HTTP statuses that an error class can have, its own first. */
export const statusesOf = (name: ErrorClass): number[] => [
  ERROR_CLASSES[name].status,
  ...(OTHER_STATUSES[name] ?? []),
];

/** @returns the contract in one table: a row for each outcome and each error class. */
export const contractTable = (): string => {
  const outcomes = Object.entries(OUTCOMES).map(([name, { status, meaning }]) => [
    `\`${name}\`: ${meaning}`,
    String(status),
    'returns the invite',
    '',
  ]);
  const errors = Object.entries(ERROR_CLASSES).map(([name, { title, retryable }]) => [
    `[\`${name}\`](#${name.toLowerCase()}): ${title}`,
    statusesOf(name as ErrorClass).join(', '),
    `throws \`${name}\``,
    retryable ? 'yes' : 'no',
  ]);
  return table(['Outcome or error class', 'HTTP', 'Task door', 'Retry?'], [...outcomes, ...errors]);
};
