import { type Build, DOORS, type Door } from './builds.ts';
import { hrDelivery, invitationRequest, queued, slackEvent, task, turn } from './events.ts';
import { type Call, type Fakes, SLACK_INVITE_ID } from './fakes.ts';
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
    ALL.filter((door) => build[door]).map(
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
    const waits = await walk(
      'respond-async',
      'invite-api',
      invitationRequest(undefined, { prefer: 'respond-async' }),
    );
    if (build['invite-turn']) await walk('a turn', 'invite-turn', turn(inputOf(waits)));
    await walk('a new invitation', 'invite-task', task());
    await walk('a ticket', 'lane-ticket', queued());
    const made = await walk('a new event', 'hr-webhook', hrDelivery());
    await walk('an event with an address', 'hr-invite', inputOf(made));
    if (build['slack-events']) {
      await walk('an event of an invitation', 'slack-events', slackEvent(SLACK_INVITE_ID));
    }
    return counts;
  } finally {
    await Promise.all(running.map(([, one]) => one.stop()));
  }
};

const ALL: readonly Door[] = [...DOORS, 'slack-events'];

/** What a workflow was started with. */
const inputOf = (calls: readonly Call[]): object => {
  const started = calls.find(({ operation }) => operation === 'StartExecution');
  const { input = '{}' } = JSON.parse(started?.body ?? '{}');
  return JSON.parse(input);
};
