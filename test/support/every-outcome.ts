import { CODES } from '../../functions/slack/codes.ts';
import { type Changes, startFunctionsAgain } from './functions-again.ts';
import { CHANNEL, type LocalRun, TOKEN } from './local-run.ts';
import {
  ASYNC,
  delayLane,
  executionsFor,
  executionsOf,
  openLane,
  untilSettled,
  WORKFLOW,
} from './queue.ts';

export const POLICY = {
  channels: { [CHANNEL]: { emailDomains: ['partner.example'], fullAccess: true } },
  deniedEmailDomains: ['denied.example'],
  readers: [],
};

/** What nobody may ever read in a log: each address, reference and secret that is used here is one of them. */
export const SECRETS = [
  '@partner.example',
  '@gmail.example',
  '@denied.example',
  'secret-ticket',
  'xoxb-',
  'join.slack.example',
  'enQt',
];

/** Nothing listens there. */
const NOWHERE = 'http://127.0.0.1:1';

/** For a code, what is wrong with a deployment that answers with it. */
const CRIPPLED: Record<string, Changes & { token?: string; queued?: boolean }> = {
  caller_not_allowed: {
    policy: { channels: { [CHANNEL]: { emailDomains: ['*'], callers: ['role/crm'] } } },
  },
  full_access_not_allowed: {
    policy: { channels: { [CHANNEL]: { emailDomains: ['*'] } } },
  },
  no_token: { token: 'somebody@partner.example' },
  out_of_time: { timeoutMs: 6900 }, // four seconds are kept for the end, and a call has three
  secret_misconfigured: { environment: { SECRET_ARN: 'another-secret' } },
  secret_unavailable: { environment: { AWS_ENDPOINT_URL_SECRETS_MANAGER: NOWHERE } },
  slack_unreachable: { environment: { SLACK_API_URL: `${NOWHERE}/api/` } },
  table_misconfigured: { environment: { TABLE_NAME: 'another-table' } },
  table_unavailable: { environment: { AWS_ENDPOINT_URL_DYNAMODB: NOWHERE } },
  workflow_misconfigured: {
    environment: { WORKFLOW_ARN: `${WORKFLOW}-of-nobody` },
    queued: true,
  },
  workflow_unavailable: { environment: { AWS_ENDPOINT_URL_SFN: NOWHERE }, queued: true },
  workspace_not_verified: {
    config: { workspace: 'T0ACMECORP1' },
    environment: { SLACK_API_URL: `${NOWHERE}/api/` },
  },
  wrong_workspace: { config: { workspace: 'T0CAUTIOUS1' } },
};

/** Every code of Slack's, and answers that are none, some of them indiscreet. */
const FAULTS = [
  ...Object.keys(CODES).map((error) => ({ error })),
  { status: 500 },
  { drop: 'before' },
  { drop: 'after' },
  { body: `{"ok":false,"error":"somebody@partner.example ${TOKEN}"}`, status: 200 },
  { body: '{"ok":false,"error":"never_heard_of"}', status: 200 },
  { body: `<html>${TOKEN} somebody@partner.example</html>`, status: 502 },
  {
    body: '{"ok":true,"invite_id":"I1","url":"https://join.slack.example/x","conf_code":"enQt"}',
    status: 200,
  },
  { body: '{"ok":true,"invite_id":"I2","warning":"missing_charset"}', status: 200 },
];

/** Has every call counted. */
type Counted = <Input extends unknown[], Answer>(
  call: (...input: Input) => Promise<Answer>,
) => (...input: Input) => Promise<Answer>;

const BLOCK = { Key: { pk: { S: 'block#conversations.inviteShared' } } };
const GATE = { Key: { pk: { S: 'gate#conversations.inviteShared' } } };

let people = 0;
const newRequest = (more: object = {}) => ({
  channel: CHANNEL,
  emails: [`private.person.${++people}@partner.example`],
  reference: 'secret-ticket',
  ...more,
});

/**
 * Brings about what only asks that wait can come to.
 * @returns how many invocations the workflow made of it.
 */
const driveQueue = async (
  run: LocalRun,
  {
    post,
    task,
    turn,
    get,
    remove,
    counted,
  }: Pick<LocalRun, 'post' | 'task' | 'turn' | 'get' | 'remove'> & {
    counted: Counted;
  },
): Promise<number> => {
  await openLane(run); // held off with the gate
  const queue = async (fault?: object) => {
    if (fault) await run.sandbox('POST', 'faults', { ...fault, times: 1 });
    const { body } = await post(newRequest(), ASYNC);
    await untilSettled({ ...run, get }, body.id);
  };
  await queue();
  await queue({ error: 'channel_archived' });
  await queue({ status: 429, retry_after: 1 });
  await run.dynamo('DeleteItem', GATE);

  await delayLane(run, 3600);
  const waiting = newRequest();
  const { id } = (await post(waiting, ASYNC)).body;
  await post({ ...waiting, external_limited: false });
  await task({ ...waiting, queue: true });
  await task({ ...waiting, generation: 1 });
  await turn({ id, generation: 1, not_before: new Date().toISOString() });
  const [execution] = await executionsOf(run);
  const { executionArn, name = '' } = execution ?? {};
  await run.states('StopExecution', { executionArn });
  const generation = Number(name.split('-').at(-1));

  const cancelled = (await post(newRequest(), ASYNC)).body.id;
  await remove(`/invites/${cancelled}`);
  const [ended] = await executionsFor(run, cancelled);
  await run.states('StopExecution', { executionArn: ended?.executionArn });
  await turn({
    id: cancelled,
    generation: Number(ended?.name.split('-').at(-1)),
    not_before: new Date().toISOString(),
  });

  await run.putToken('somebody@partner.example');
  const blocked = await startFunctionsAgain(run, {});
  const step = { id, generation, not_before: new Date().toISOString() };
  await counted(blocked.turn)(step); // finds out what is wrong
  await counted(blocked.turn)(step); // finds the block
  await blocked.close();
  await run.putToken(TOKEN);
  await run.dynamo('DeleteItem', BLOCK);
  await turn({ id, generation, give_up: 'Lambda.Unknown' }); // another try can help: it stays
  await turn({ id, generation, give_up: 'NotAllowed' });
  await turn({ id, generation, give_up: 'NotAllowed' });
  await openLane(run);

  let calls = 0;
  for (const { executionArn } of await executionsOf(run)) {
    const { events } = await run.states('GetExecutionHistory', { executionArn, maxResults: 1000 });
    calls += (events as { type: string }[]).filter(({ type }) => type === 'TaskScheduled').length;
  }
  return calls;
};

/**
 * Brings about every outcome, class and code, at both doors.
 * @param run with the policy {@link POLICY}.
 * @returns how many invocations that took.
 */
export const driveEveryOutcome = async (run: LocalRun): Promise<number> => {
  let invocations = 0;
  const counted: Counted =
    (call) =>
    (...input) => {
      invocations += 1;
      return call(...input);
    };
  const post = counted(run.post);
  const task = counted(run.task);
  const raw = counted(run.raw);
  const get = counted(run.get);
  const remove = counted(run.remove);
  const atBothDoors = async (input: unknown, again = input) => {
    await post(input);
    await task(again);
  };
  const atBothDoorsNew = (more?: object) => atBothDoors(newRequest(more), newRequest(more));

  // Asks, good and bad.
  await atBothDoorsNew();
  await atBothDoorsNew({ external_limited: false });
  const live = newRequest();
  await atBothDoors(live);
  await atBothDoors(live);
  await atBothDoors({ ...live, external_limited: false });
  await atBothDoors({ ...live, resend: 1 });
  await atBothDoors({ ...live, resend: 99 });
  await atBothDoorsNew({ emails: 'already.there@partner.example' });
  await atBothDoorsNew({ emails: 'somebody@gmail.example' });
  await atBothDoorsNew({ emails: 'somebody@denied.example' });
  await atBothDoorsNew({ channel: 'C0PRIVATE01' });
  await atBothDoors({ channel: CHANNEL, user_ids: 'U0PARTNER02' });
  await atBothDoorsNew({ emails: ['two@partner.example', 'more@partner.example'] });
  await atBothDoorsNew({ 'somebody@partner.example': 1, emails: 'no address@partner.example' });
  await atBothDoorsNew({ channel: 'somebody@partner.example' });
  await atBothDoors(null);
  await raw('{"emails":"a@partner.example', { 'content-type': 'application/json' });
  await raw('emails: a@partner.example', { 'content-type': 'text/plain' });
  await raw('a@partner.example'.repeat(1000), { 'content-type': 'application/json' });

  // Slack, at its worst.
  for (const fault of FAULTS) {
    await run.sandbox('POST', 'faults', fault);
    await atBothDoorsNew();
    await run.dynamo('DeleteItem', GATE);
  }
  await run.sandbox('DELETE', 'faults');

  const unknown = newRequest();
  await run.sandbox('POST', 'faults', { drop: 'after', times: 1 });
  await post(unknown);
  await atBothDoors(unknown);

  await run.sandbox('POST', 'faults', { status: 429, retry_after: 60, times: 1 });
  await atBothDoorsNew();
  await atBothDoorsNew();
  await run.dynamo('DeleteItem', GATE);

  // Looks at an invite, at none, and at an item that no function ever wrote: what nobody foresaw.
  const { id } = (await post(live)).body;
  await get(`/invites/${id}`);
  await get('/invites/somebody@partner.example');
  await get(`/invites?reference=${live.reference}`);
  await get('/invites?cursor=somebody@partner.example');
  await remove(`/invites/${id}`);
  const refused = newRequest();
  await run.sandbox('POST', 'faults', { error: 'channel_archived', times: 1 });
  await post(refused);
  const { invites } = (await get('/invites?status=failed&limit=1')).body;
  await remove(`/invites/${(invites as { id: string }[])[0]?.id}`);
  const item = {
    pk: { S: `invite#${id}` },
    revision: { S: 'r' },
    status: { S: 'sent' },
    channel: { S: CHANNEL },
    recipient: { S: 'somebody@partner.example' },
  };
  const attempts = { N: '123456789012345678901234567890' };
  await run.dynamo('PutItem', { Item: { ...item, attempts } });
  await get(`/invites/${id}`);
  await atBothDoors(live);

  const claim = { M: { until: { N: String(Date.now() + 60_000) } } };
  await run.dynamo('PutItem', { Item: { ...item, claim } });
  await atBothDoors(live);

  const turn = counted(run.turn);
  const byWorkflow = await driveQueue(run, { post, task, turn, get, remove, counted });
  invocations += byWorkflow;

  for (const [code, { token = TOKEN, queued, ...changes }] of Object.entries(CRIPPLED)) {
    await run.putToken(token);
    const crippled = await startFunctionsAgain(run, changes);
    const more = { external_limited: code !== 'full_access_not_allowed' };
    const headers = queued ? ASYNC : {};
    await Promise.all([
      counted(crippled.post)(newRequest(more), headers),
      counted(crippled.task)(newRequest(more)),
    ]);
    await crippled.close();
  }
  return invocations;
};
