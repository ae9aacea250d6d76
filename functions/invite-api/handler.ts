import middy from '@middy/core';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { identified, ownError } from '../errors/invite-error.ts';
import type { Foreseen } from '../invites/dry-run.ts';
import { INVITE_ID, type Invite, type Status } from '../invites/invite.ts';
import type { Invocation } from '../invites/invocation.ts';
import { type InvitePage, type ListQuery, parseListQuery } from '../invites/list.ts';
import { type InviteRequest, parseRequest } from '../invites/request.ts';
import { invocationOf, mayHaveSent, nothingSent } from '../lambda/deadline.ts';
import { readEnvironment } from '../lambda/environment.ts';
import { readBody } from '../lambda/http-body-parser.ts';
import { type HttpResponse, httpErrorHandler } from '../lambda/http-error-handler.ts';
import { type Validated, validator } from '../lambda/validator.ts';
import {
  errorLogger,
  metrics,
  type Observation,
  type ObservedContext,
} from '../telemetry/observation.ts';
import { createInvites } from '../wiring/invites.ts';
import { ASYNC_APPLIED, assertDryRun, callerOf, isDryRun, prefersAsync } from './contract.ts';

type Event = APIGatewayProxyEventV2;
type CreateContext = ObservedContext & Validated<InviteRequest>;

const environment = readEnvironment(process.env);
const invites = await createInvites(environment);
const { groupsClaim, lifecycle } = environment.config;

/** When another look at an invite may show something new, in seconds, where somebody follows it. */
const POLL_S: Partial<Record<Status, number>> = {
  sending: 5,
  queued: 30,
  sent: 300,
  accepted: 300,
};

/** The status of each outcome. */
const STATUS = { sent: 201, existing: 200, already_in_channel: 200, queued: 202 } as const;

/** `POST /invites`: a new invitation, nothing that had to be sent, or one in the queue. */
const create = middy<Event, HttpResponse, Error, CreateContext>(mayHaveSent)
  .use(httpErrorHandler())
  .use(errorLogger())
  .use(metrics(environment, invites.token))
  .use(validator((event: Event) => parseRequest(readBody(event))))
  .handler(async (event, context) => {
    const { request, observation } = context;
    const caller = callerOf(event.requestContext, groupsClaim);
    const invocation = invocationOf(context, observation.observer);
    const isAsync = prefersAsync(event.headers.prefer);
    const { invite, outcome, secrets } = await (isAsync
      ? invites.queue(request, caller, invocation)
      : invites.send(request, caller, invocation));
    observation.ended(outcome, invite);
    const told = outcome === 'queued' ? await invites.place(invite, invocation) : invite;
    const applied = isAsync && outcome === 'queued' ? ASYNC_APPLIED : {};
    return answer(STATUS[outcome], { ...told, ...secrets }, applied);
  });

/** `POST /invites?dry_run=true`: what would happen. */
const foresee = middy<Event, HttpResponse, Error, CreateContext>(nothingSent)
  .use(httpErrorHandler())
  .use(errorLogger())
  .use(metrics(environment))
  .use(
    validator((event: Event) => {
      assertDryRun(event.queryStringParameters);
      return parseRequest(readBody(event));
    }),
  )
  .handler(async (event, context) => {
    const { request, observation } = context;
    const caller = callerOf(event.requestContext, groupsClaim);
    const invocation = invocationOf(context, observation.observer);
    const isAsync = prefersAsync(event.headers.prefer);
    const foreseen = await invites.dryRun(request, caller, isAsync, invocation);
    observation.ended('dry_run', foreseen);
    return answer(200, foreseen, isAsync ? ASYNC_APPLIED : {});
  });

/** `GET /invites`: the newest that the caller may read. */
const list = middy<Event, HttpResponse, Error, ObservedContext & Validated<ListQuery>>(nothingSent)
  .use(httpErrorHandler())
  .use(errorLogger())
  .use(metrics(environment))
  .use(validator((event: Event) => parseListQuery(event.queryStringParameters)))
  .handler(async (event, context) => {
    const { request, observation } = context;
    const { names } = callerOf(event.requestContext, groupsClaim);
    const invocation = invocationOf(context, observation.observer);
    const page = await invites.list(request, names, invocation);
    observation.ended('listed');
    return answer(200, page);
  });

type Found = {
  invite: Invite;
  names: readonly string[];
  invocation: Invocation;
  observation: Observation;
};

/** A request about one invite, from a caller who may read it: nobody else learns that there is one. */
const about = (act: (found: Found) => Promise<Invite>, headersOf = (_: Invite) => ({})) =>
  middy<Event, HttpResponse, Error, ObservedContext>(nothingSent)
    .use(httpErrorHandler())
    .use(errorLogger())
    .use(metrics(environment))
    .handler(async (event, context) => {
      const { observation } = context;
      const id = INVITE_ID.exec(event.pathParameters?.id ?? '')?.[0];
      const invocation = invocationOf(context, observation.observer);
      const invite = id && (await invites.read(id, invocation));
      const { names } = callerOf(event.requestContext, groupsClaim);
      if (!invite || !(await invites.mayRead(invite.channel, names, invocation))) {
        throw ownError('no_such_invite');
      }
      const shown = await act({ invite, names, invocation, observation });
      return answer(200, shown, headersOf(shown));
    });

/** When it is worth looking again. */
const again = ({ status }: Invite) => {
  const seconds = lifecycle && POLL_S[status];
  return seconds === undefined ? {} : { 'retry-after': String(seconds) };
};

/** `GET /invites/{id}`: the invite as it reads now. */
const show = about(async ({ invite, invocation, observation }) => {
  observation.ended('read', invite);
  return invite.status === 'queued' ? invites.asItWaits(invite, invocation) : invite;
}, again);

/** `DELETE /invites/{id}`: takes a request from the queue. */
const cancel = about(({ invite: { id, channel }, names, invocation, observation }) =>
  identified(id, async () => {
    await invites.admitTo(channel, names, invocation);
    const invite = await invites.cancel(id, invocation);
    observation.ended('cancelled', { id });
    return invite;
  }),
);

/** The HTTP door. Its routes share a function, and so its warm connections and its token. */
export const handler = async (event: Event, context: Context): Promise<HttpResponse> => {
  switch (event.routeKey) {
    case 'GET /invites':
      return list(event, context as ObservedContext & Validated<ListQuery>);
    case 'GET /invites/{id}':
      return show(event, context as ObservedContext);
    case 'DELETE /invites/{id}':
      return cancel(event, context as ObservedContext);
    default: {
      const act = isDryRun(event.queryStringParameters) ? foresee : create;
      return act(event, context as CreateContext);
    }
  }
};

const answer = (
  statusCode: number,
  body: Invite | InvitePage | Foreseen,
  headers = {},
): HttpResponse => ({
  statusCode,
  headers: {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    ...('status' in body && { location: `/invites/${body.id}` }),
    ...headers,
  },
  body: JSON.stringify(body),
});
