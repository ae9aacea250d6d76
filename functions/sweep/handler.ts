import middy from '@middy/core';
import { INVITE_ID } from '../invites/invite.ts';
import { invocationOf, nothingSent } from '../lambda/deadline.ts';
import { readSweepEnvironment } from '../lambda/environment.ts';
import { taskErrorHandler } from '../lambda/task-error-handler.ts';
import type { LifeSwept } from '../lifecycle/sweep.ts';
import { logSweep, metrics, type ObservedContext } from '../telemetry/observation.ts';
import type { Swept } from '../webhooks/sweep.ts';
import { createStackSweep } from '../wiring/sweep.ts';
import { createStackWaits } from '../wiring/waits.ts';

const environment = readSweepEnvironment(process.env);
const sweep = createStackSweep(environment);
const waits = createStackWaits(environment, sweep.readInvite);

/**
 * Upon news of an invite: ends the tasks that have waited for it. Every five minutes: starts what was
 * accepted and has nobody at work on it, and tells which invitations end. It sweeps as of the time of
 * its event, where that is ahead.
 * @throws an error named after its class.
 */
export const handler = middy<
  unknown,
  (Swept & { invitations?: LifeSwept }) | undefined,
  Error,
  ObservedContext
>(nothingSent)
  .use(taskErrorHandler())
  .use(metrics(environment))
  .handler(async (event, context) => {
    const { observation } = context;
    const id = toldOf(event);
    if (id !== undefined) {
      await waits?.report(id, invocationOf(context, observation.observer));
      observation.swept();
      return undefined;
    }
    const ahead = Math.max(timeOf(event) - Date.now(), 0);
    const now = () => Date.now() + ahead;
    const swept = await sweep.run(now, invocationOf(context, observation.observer));
    observation.swept();
    logSweep(swept);
    return swept;
  });

/** @returns the invite that an event of ours is about. Nothing else of it is believed. */
const toldOf = (event: unknown): string | undefined => {
  const { detail } = { ...(event as { detail?: { id?: unknown } }) };
  return typeof detail?.id === 'string' && INVITE_ID.test(detail.id) ? detail.id : undefined;
};

/** @returns the event's own time, in epoch milliseconds; 0 where it has none. */
const timeOf = (event: unknown): number => {
  const { time } = { ...(event as { time?: unknown }) };
  return (typeof time === 'string' && Date.parse(time)) || 0;
};
