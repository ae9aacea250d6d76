import middy from '@middy/core';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { ownError } from '../errors/invite-error.ts';
import type { Foreseen } from '../invites/dry-run.ts';
import { INVITE_ID, type Invite, type Status } from '../invites/invite.ts';
import { type InviteRequest, parseRequest } from '../invites/request.ts';
import { invocationOf, mayHaveSent, nothingSent } from '../lambda/deadline.ts';
import { readEnvironment } from '../lambda/environment.ts';
import { readBody } from '../lambda/http-body-parser.ts';
import { type HttpResponse, httpErrorHandler } from '../lambda/http-error-handler.ts';
import { type Validated, validator } from '../lambda/validator.ts';
import { errorLogger } from '../telemetry/log.ts';
import { metrics, type ObservedContext } from '../telemetry/observation.ts';
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
    observation.ended(outcome, invite.id);
    const applied = isAsync && outcome === 'queued' ? ASYNC_APPLIED : {};
    return answer(STATUS[outcome], { ...invite, ...secrets }, applied);
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
    observation.ended('dry_run', foreseen.id);
    return answer(200, foreseen, isAsync ? ASYNC_APPLIED : {});
  });

/** `GET /invites/{id}`: the invite as it reads now. */
const show = middy<Event, HttpResponse, Error, ObservedContext>(nothingSent)
  .use(httpErrorHandler())
  .use(errorLogger())
  .use(metrics(environment))
  .handler(async (event, context) => {
    const { observation } = context;
    const id = INVITE_ID.exec(event.pathParameters?.id ?? '')?.[0];
    const invocation = invocationOf(context, observation.observer);
    const invite = id && (await invites.read(id, invocation));
    const { names } = callerOf(event.requestContext, groupsClaim);
    // Nobody else learns that there is one.
    if (!invite || !(await invites.mayRead(invite.channel, names, invocation))) {
      throw ownError('no_such_invite');
    }
    observation.ended('read', invite.id);
    const isWaiting = invite.status === 'queued';
    const shown = isWaiting ? await invites.asBlocked(invite, invocation) : invite;
    const again = lifecycle && POLL_S[shown.status];
    return answer(200, shown, again === undefined ? {} : { 'retry-after': String(again) });
  });

/** The HTTP door. Its two routes share a function, and so its warm connections and its token. */
export const handler = async (event: Event, context: Context): Promise<HttpResponse> => {
  if (event.routeKey !== 'POST /invites') return show(event, context as ObservedContext);
  const act = isDryRun(event.queryStringParameters) ? foresee : create;
  return act(event, context as CreateContext);
};

const answer = (statusCode: number, invite: Invite | Foreseen, headers = {}): HttpResponse => ({
  statusCode,
  headers: {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    ...('status' in invite && { location: `/invites/${invite.id}` }),
    ...headers,
  },
  body: JSON.stringify(invite),
});
