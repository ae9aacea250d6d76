import middy from '@middy/core';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { InviteError } from '../invites/errors.ts';
import { INVITE_ID, type Invite } from '../invites/invite.ts';
import { type InviteRequest, parseRequest } from '../invites/request.ts';
import { answering } from '../runtime/answering.ts';
import { readBody } from '../runtime/body.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { createInvites } from '../runtime/invites.ts';
import { type ObservedContext, observed } from '../runtime/observed.ts';
import type { HttpResponse } from '../runtime/problem.ts';
import { readingInTime, sendingInTime } from '../runtime/timed.ts';
import { type RequestContext, validated } from '../runtime/validated.ts';
import { callerOf } from './caller.ts';
import { ASYNC_APPLIED, prefersAsync } from './prefer.ts';

type Event = APIGatewayProxyEventV2;

const environment = readEnvironment(process.env);
const invites = createInvites(environment);

/** `POST /invites`: 201 for a new invitation, 200 where nothing had to be sent, 202 for one in the queue. */
const create = middy<Event, HttpResponse, Error, RequestContext<InviteRequest>>(sendingInTime)
  .use(answering())
  .use(observed(environment))
  .use(validated((event: Event) => parseRequest(readBody(event))))
  .handler(async (event, context) => {
    const { request, observation } = context;
    const caller = callerOf(event.requestContext);
    const source = { door: environment.door, ...(caller && { caller }) };
    const waits = prefersAsync(event.headers.prefer);
    const sent = waits
      ? undefined
      : await invites.send(request, source, context, observation.observer);
    if (sent && sent.invite.status !== 'queued') {
      observation.ended(sent.outcome, sent.invite.id);
      return answer(sent.outcome === 'sent' ? 201 : 200, { ...sent.invite, ...sent.secrets });
    }
    const invite = await invites.queueing(context).queue(request, source);
    const queued = invite.status === 'queued';
    observation.ended(queued ? 'queued' : 'existing', invite.id);
    return answer(queued ? 202 : 200, invite, waits && queued ? ASYNC_APPLIED : {});
  });

/** `GET /invites/{id}`: the invite as it reads now. */
const show = middy<Event, HttpResponse, Error, ObservedContext>(readingInTime)
  .use(answering())
  .use(observed(environment))
  .handler(async (event, context) => {
    const id = event.pathParameters?.id ?? '';
    const invite = INVITE_ID.test(id) ? await invites.read(id, context) : undefined;
    if (!invite) throw noSuchInvite();
    context.observation.ended('read', invite.id);
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
