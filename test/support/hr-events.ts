import { expect, vi } from 'vitest';
import { type Delivery, PAYLOAD_MARKER } from './deliveries.ts';
import type { LocalRun } from './local-run.ts';
import type { Person } from './provider-samples.ts';
import type { Execution } from './queue.ts';

const EVENTS_WORKFLOW =
  'arn:aws:states:us-east-1:000000000000:stateMachine:SlackConnectInvites-events';

let people = 0;

/** Somebody whom no HR system has told of yet. */
export const newcomer = (domain = 'partner.example'): Person => {
  people += 1;
  const email = `newcomer.${people}@${domain}`;
  return { id: String(100_000 + people), email, name: PAYLOAD_MARKER };
};

/** @returns executions of the events' workflow, the newest first. */
export const eventExecutions = async (
  { states }: LocalRun,
  statusFilter?: string,
): Promise<Execution[]> => {
  const all: Execution[] = [];
  let nextToken: unknown;
  do {
    const page = await states('ListExecutions', {
      stateMachineArn: EVENTS_WORKFLOW,
      maxResults: 1000,
      ...(statusFilter && { statusFilter }),
      ...(nextToken !== undefined && { nextToken }),
    });
    all.push(...(page.executions as Execution[]));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return all;
};

/** Waits until no event is being worked on. */
export const untilIdle = (run: LocalRun, timeout = 15_000) =>
  vi.waitUntil(async () => (await eventExecutions(run, 'RUNNING')).length === 0, {
    timeout,
    interval: 50,
  });

/** @returns how many e-mails with an invitation this address would have got. */
export const mailsTo = async (run: LocalRun, email: string): Promise<number> => {
  const mails = (await run.sandbox('GET', 'mailbox')) as { recipient_email: string }[];
  return mails.filter((mail) => mail.recipient_email === email).length;
};

/** Waits for an invitation, for 15 seconds at most. */
export const untilInvited = (run: LocalRun, email: string) =>
  expect.poll(() => mailsTo(run, email), { timeout: 15_000, interval: 50 }).toBe(1);

/** An item of the table as DynamoDB has it: each attribute under its type. */
export type EventItem = Record<string, Record<string, unknown>>;

/** @returns the records of events that the table has. */
export const eventRecords = async (run: LocalRun): Promise<EventItem[]> => {
  const { Items } = (await run.dynamo('Scan', {})) as { Items: EventItem[] };
  return Items.filter(({ pk }) => String(pk?.S).startsWith('event#'));
};

export const newestExecution = async (run: LocalRun): Promise<Execution> => {
  const [newest] = await eventExecutions(run);
  if (!newest) throw new Error('no event was ever worked on');
  return newest;
};

/** @returns the record that the newest execution is about. */
export const newestRecord = async (run: LocalRun): Promise<EventItem> => {
  const { name } = await newestExecution(run);
  const key = `event#${name.slice(0, name.lastIndexOf('-'))}`;
  const record = (await eventRecords(run)).find(({ pk }) => pk?.S === key);
  if (!record) throw new Error(`there is no ${key}`);
  return record;
};

/** Makes an event one that arrived so many seconds ago. */
export const makeOlder = (run: LocalRun, { pk }: EventItem, seconds: number) =>
  run.dynamo('UpdateItem', {
    Key: { pk },
    UpdateExpression: 'SET received_at = :then',
    ExpressionAttributeValues: {
      ':then': { S: new Date(Date.now() - seconds * 1000).toISOString() },
    },
  });

/** What the door's metrics count, in their order: source, result, and how many. */
export const counted = (lines: string[]): [source: string, result: string, count: number][] =>
  lines
    .filter((line) => line.startsWith('{"_aws"') && line.includes('"WebhookEvents"'))
    .map((line) => JSON.parse(line))
    .map(({ source, result, WebhookEvents }) => [source, result, [WebhookEvents].flat()[0]]);

/** Sends a delivery, and makes sure that no record, no execution and no invitation comes of it. */
export const comesToNothing = async (
  run: LocalRun,
  delivery: Delivery,
): Promise<{ status: number; body: string }> => {
  const there = async () => [(await eventRecords(run)).length, (await eventExecutions(run)).length];
  const before = [...(await there()), await run.slackCalls()];
  const response = await run.deliver(delivery);
  const answer = { status: response.status, body: await response.text() };
  expect([...(await there()), await run.slackCalls()]).toEqual(before);
  return answer;
};

/** Sends deliveries one after the other, and makes sure that they start one workflow, which sends once. */
export const invitesOnce = async (run: LocalRun, ...deliveries: Delivery[]): Promise<void> => {
  const before = [(await eventExecutions(run)).length, await run.slackCalls()];
  for (const delivery of deliveries) expect((await run.deliver(delivery)).status).toBe(200);
  await untilIdle(run);
  const after = [(await eventExecutions(run)).length, await run.slackCalls()];
  expect(after).toEqual(before.map((count) => count + 1));
};

/** For `startLocalRun`: the events' workflow looks again, and tries again, within a second. */
export const impatient = (template: string): string =>
  template
    .replaceAll(
      String.raw`\"Seconds\":\"{% $states.input.pending_seconds %}\"`,
      String.raw`\"Seconds\":1`,
    )
    .replaceAll(String.raw`\"IntervalSeconds\":5`, String.raw`\"IntervalSeconds\":1`);
