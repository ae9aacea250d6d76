import middy from '@middy/core';
import { awsClient } from '../aws/client.ts';
import { grantTable, ledgerTable } from '../aws/ledger-table.ts';
import { renamedTable } from '../aws/lifecycle-table.ts';
import { recordTable } from '../aws/record-table.ts';
import { createChannelIds } from '../invites/channel-ids.ts';
import { createEnqueue } from '../invites/enqueue.ts';
import { createLedger } from '../invites/ledger.ts';
import { createAdmission } from '../invites/policy.ts';
import { invocationOf, nothingSent } from '../lambda/deadline.ts';
import { type HrEnvironment, readHrEnvironment } from '../lambda/environment.ts';
import { taskErrorHandler, waitsForOperator } from '../lambda/task-error-handler.ts';
import { type Validated, validator } from '../lambda/validator.ts';
import { logBlocked, metrics, type ObservedContext } from '../telemetry/observation.ts';
import {
  createMakeInvite,
  type EventInvites,
  type EventTaskResult,
  eventTaskResult,
  type MakeInvitePorts,
} from '../webhooks/make-invite.ts';
import { type EventTask, parseEventTask } from '../webhooks/record.ts';

/** Puts the domain behind the events' workflow together with its adapters, once a process. */
const createEventInvites = (environment: HrEnvironment): EventInvites => {
  const { tableName, policy, config } = environment;
  const { retentionDays } = config;
  const table = { client: awsClient('dynamodb'), name: tableName };
  const ledger = createLedger(
    ledgerTable(table, config.lifecycle?.remindBeforeDays),
    retentionDays,
  );
  const ids = config.lifecycle && createChannelIds(renamedTable(table), ledger.read);
  const admission = createAdmission(policy, grantTable(table), Date.now, ids);

  let loading: Promise<MakeInvitePorts['lookup']> | undefined;
  const load = async () => (await import('./lookup.ts')).createLookup(environment);

  return createMakeInvite({
    records: recordTable(table, retentionDays),
    enqueue: createEnqueue({ admission, ledger, ids }),
    readInvite: ledger.read,
    // An HTTP client, the SDK's for the secret, and a sandbox: most events come with an address.
    lookup: async (...event) => {
      loading ??= load();
      return (await loading)(...event);
    },
  });
};

type EventContext = ObservedContext & Validated<EventTask>;

const environment = readHrEnvironment(process.env);
const { make, follow, giveUp } = createEventInvites(environment);

/**
 * The first step of an event's workflow: from the record of an event to a queued request.
 * @throws an error named after its class.
 */
export const handler = middy<unknown, EventTaskResult, Error, EventContext>(nothingSent)
  .use(taskErrorHandler())
  .use(waitsForOperator())
  .use(metrics(environment))
  .use(validator(parseEventTask))
  .handler(async (_event, context) => {
    const { request, observation } = context;
    const { event, ended, givenUp } = request;
    const invocation = invocationOf(context, observation.observer);
    observation.inWorkflow();
    if (givenUp !== undefined) {
      const errorClass = await giveUp(event, givenUp, invocation);
      if (errorClass) observation.gaveUp(errorClass, event);
      else observation.ended('existing', { id: event });
      return { event };
    }
    if (ended) {
      await follow(event, invocation);
      observation.ended('existing', { id: event });
      return { event };
    }
    const made = await make(event, invocation);
    if ('blockedBy' in made && made.blockedBy) {
      observation.observer.blockedBy(made.blockedBy);
      logBlocked(event, made.blockedBy);
    }
    const { outcome, result } = eventTaskResult(event, made);
    observation.ended(outcome, { id: event });
    return result;
  });
