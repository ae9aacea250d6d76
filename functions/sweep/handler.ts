import middy from '@middy/core';
import { invocationOf, nothingSent } from '../lambda/deadline.ts';
import { readSweepEnvironment } from '../lambda/environment.ts';
import { taskErrorHandler } from '../lambda/task-error-handler.ts';
import type { LifeSwept } from '../lifecycle/sweep.ts';
import { logSweep } from '../telemetry/log.ts';
import { metrics, type ObservedContext } from '../telemetry/observation.ts';
import type { Swept } from '../webhooks/sweep.ts';
import { createStackSweep } from '../wiring/sweep.ts';

const environment = readSweepEnvironment(process.env);
const sweep = createStackSweep(environment);

/**
 * Every five minutes: starts what was accepted and has nobody at work on it, and tells which invitations
 * end. It sweeps as of the time of its event, where that is ahead.
 * @throws an error named after its class.
 */
export const handler = middy<unknown, Swept & { invitations?: LifeSwept }, Error, ObservedContext>(
  nothingSent,
)
  .use(taskErrorHandler())
  .use(metrics(environment))
  .handler(async (event, context) => {
    const { observation } = context;
    const ahead = Math.max(timeOf(event) - Date.now(), 0);
    const now = () => Date.now() + ahead;
    const swept = await sweep(now, invocationOf(context, observation.observer));
    observation.swept();
    logSweep(swept);
    return swept;
  });

/** @returns the event's own time, in epoch milliseconds; 0 where it has none. */
const timeOf = (event: unknown): number => {
  const { time } = { ...(event as { time?: unknown }) };
  return (typeof time === 'string' && Date.parse(time)) || 0;
};
