import middy from '@middy/core';
import { invocationOf, nothingSent } from '../lambda/deadline.ts';
import { readSweepEnvironment } from '../lambda/environment.ts';
import { taskErrorHandler } from '../lambda/task-error-handler.ts';
import { logSweep } from '../telemetry/log.ts';
import { metrics, type ObservedContext } from '../telemetry/observation.ts';
import type { Swept } from '../webhooks/sweep.ts';
import { createStackSweep } from '../wiring/sweep.ts';

const environment = readSweepEnvironment(process.env);
const sweep = createStackSweep(environment);

/**
 * Every five minutes: starts what was accepted and has nobody at work on it.
 * @throws an error named after its class.
 */
export const handler = middy<unknown, Swept, Error, ObservedContext>(nothingSent)
  .use(taskErrorHandler())
  .use(metrics(environment))
  .handler(async (_event, context) => {
    const { observation } = context;
    const swept = await sweep(invocationOf(context, observation.observer));
    observation.swept();
    logSweep(swept);
    return swept;
  });
