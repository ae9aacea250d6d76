import middy from '@middy/core';
import type { Invite } from '../invites/invite.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { createInvites } from '../runtime/invites.ts';
import { observed } from '../runtime/observed.ts';
import { throwing } from '../runtime/throwing.ts';
import { sendingInTime } from '../runtime/timed.ts';
import { type RequestContext, validated } from '../runtime/validated.ts';

const environment = readEnvironment(process.env);
const invites = createInvites(environment);

const invite = async (_event: unknown, context: RequestContext): Promise<Invite> => {
  const { request, observation } = context;
  const source = { door: environment.door };
  const sent = await invites.send(request, source, context, observation.observer);
  observation.ended(sent.outcome, sent.invite.id);
  return sent.invite;
};

/**
 * A task of any state machine: the request is the input, the invite the output. Slack's `url` and
 * `conf_code` never get into a workflow's history.
 * @throws an error named after its class, its message the problem as one line of JSON.
 */
export const handler = middy<unknown, Invite, Error, RequestContext>(sendingInTime)
  .use(throwing())
  .use(observed(environment))
  .use(validated((event) => event))
  .handler(invite);
