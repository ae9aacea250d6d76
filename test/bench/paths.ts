import { type Build, DOORS, type Door } from './builds.ts';
import { hrDelivery, invitationRequest, queued, task } from './events.ts';
import type { Fakes } from './fakes.ts';
import { startFunction } from './function-process.ts';
import { specAt } from './world.ts';

/** The requests to AWS of each path through the functions, by its name. */
export type RequestsByPath = Record<string, number>;

/**
 * Walks every path once and counts what it requests of AWS, the secret left out: a function reads
 * it once, when it starts.
 */
export const countRequests = async (
  fakes: Fakes,
  build: Build,
  more = {},
): Promise<RequestsByPath> => {
  const counts: RequestsByPath = {};
  const running = await Promise.all(
    DOORS.map(
      async (door) =>
        [door, await startFunction(specAt(fakes.addresses, build[door], more))] as const,
    ),
  );
  const functions = Object.fromEntries(running) as Record<Door, (typeof running)[number][1]>;

  const walk = async (path: string, door: Door, event: object) => {
    fakes.calls.length = 0;
    await functions[door].invoke(event);
    const made = fakes.calls.splice(0);
    counts[`${door}: ${path}`] = made.filter(
      ({ service }) => service !== 'slack' && service !== 'secretsmanager',
    ).length;
    return made;
  };

  try {
    const invitation = invitationRequest();
    await walk('a new invitation', 'invite-api', invitation);
    await walk('the same again', 'invite-api', invitation);
    await walk(
      'refused by the policy',
      'invite-api',
      invitationRequest({ channel: 'C0OTHER', emails: ['x@partner.example'] }),
    );
    await walk(
      'respond-async',
      'invite-api',
      invitationRequest(undefined, { prefer: 'respond-async' }),
    );
    await walk('a new invitation', 'invite-task', task());
    await walk('a ticket', 'lane-ticket', queued());
    const made = await walk('a new event', 'hr-webhook', hrDelivery());
    const started = made.find(({ operation }) => operation === 'StartExecution');
    const { input } = JSON.parse(started?.body ?? '{}');
    await walk('an event with an address', 'hr-invite', JSON.parse(input));
    return counts;
  } finally {
    await Promise.all(running.map(([, one]) => one.stop()));
  }
};
