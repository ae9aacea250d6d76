import middy from '@middy/core';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { InviteError } from '../errors/invite-error.ts';
import { INVITE_ID, type Invite } from '../invites/invite.ts';
import { type InviteRequest, parseRequest } from '../invites/request.ts';
import { mayHaveSent, nothingSent } from '../lambda/deadline.ts';
import { readEnvironment } from '../lambda/environment.ts';
import { readBody } from '../lambda/http-body-parser.ts';
import type { HttpResponse } from '../lambda/http-error-handler.ts';
import { answering } from '../lambda/http-error-handler.ts';
import { type RequestContext, validated } from '../lambda/validator.ts';
import { type ObservedContext, observed } from '../telemetry/metrics-middleware.ts';
import { createInvites } from '../wiring/invites.ts';
import { callerOf } from './caller.ts';
import { ASYNC_APPLIED, prefersAsync } from './prefer.ts';

type Event = APIGatewayProxyEventV2;

const environment = readEnvironment(process.env);
const during = createInvites(environment);

/** The status of each outcome. */
const STATUS = { sent: 201, existing: 200, already_in_channel: 200, queued: 202 } as const;

/** `POST /invites`: a new invitation, nothing that had to be sent, or one in the queue. */
const create = middy<Event, HttpResponse, Error, RequestContext<InviteRequest>>(mayHaveSent)
  .use(answering())
  .use(observed(environment))
  .use(validated((event: Event) => parseRequest(readBody(event))))
  .handler(async (event, context) => {
    const { request, observation } = context;
    const caller = callerOf(event.requestContext);
    const source = { door: environment.door, ...(caller && { caller }) };
    const invites = during(context, observation.observer);
    const isAsync = prefersAsync(event.headers.prefer);
    const { invite, outcome, secrets } = await (isAsync
      ? invites.queue(request, source)
      : invites.send(request, source));
    observation.ended(outcome, invite.id);
    const applied = isAsync && outcome === 'queued' ? ASYNC_APPLIED : {};
    return answer(STATUS[outcome], { ...invite, ...secrets }, applied);
  });

/** `GET /invites/{id}`: the invite as it reads now. */
const show = middy<Event, HttpResponse, Error, ObservedContext>(nothingSent)
  .use(answering())
  .use(observed(environment))
  .handler(async (event, context) => {
    const { observation } = context;
    const id = event.pathParameters?.id ?? '';
    const isId = INVITE_ID.test(id);
    const invite = isId ? await during(context, observation.observer).read(id) : undefined;
    if (!invite) throw noSuchInvite();
    observation.ended('read', invite.id);
    return answer(200, invite);
  });

/** The HTTP door. Its two routes share a function, and so its warm connections and its token. */
export const handler = async (event: Event, context: Context): Promise<HttpResponse> =>
  event.routeKey === 'POST /invites'
    ? create(event, context as RequestContext<InviteRequest>)
    : show(event, context as ObservedContext);

const answer = (statusCode: number, invite: Invite, headers = {}): HttpResponse => ({
  statusCode,
  headers: {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    location: `/invites/${invite.id}`,
    ...headers,
  },
  body: JSON.stringify(invite),
});

const noSuchInvite = () =>
  new InviteError('NotFound', {
    code: 'no_such_invite',
    detail: 'there is no invite with this id; POST /invites returns the id of each',
  });
