import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { ERROR_CLASSES, type ErrorClass } from '../../functions/errors/classes.ts';
import { InviteError } from '../../functions/errors/invite-error.ts';
import type { Invite } from '../../functions/invites/invite.ts';
import type { Invocation, Observer } from '../../functions/invites/invocation.ts';
import { OPEN } from '../support/fakes.ts';
import { DOOR } from '../support/requests.ts';
import { taskRoot } from '../support/task-root.ts';

/** What the domain does with its next turn, and how many tickets the lane has given out. */
const domain = vi.hoisted(() => ({
  turn: async (_observe: Observer): Promise<unknown> => undefined,
  ahead: 0,
}));
vi.mock('../../functions/wiring/invites.ts', () => ({
  createTurns: () => {
    const turn = (_what: unknown, _how: unknown, { observe }: Invocation) => domain.turn(observe);
    return { send: turn, giveUp: turn, token: {} };
  },
  createInvites: () => {
    const ask = (_what: unknown, _who: unknown, { observe }: Invocation) => domain.turn(observe);
    return { send: ask, enqueue: ask, token: {} };
  },
}));
vi.mock('../../functions/aws/pace-table.ts', () => ({
  laneCell: () => ({
    restart: async () => domain.ahead === 0,
    advance: async (now: number, _latest: number, interval: number) =>
      now + (domain.ahead + 1) * interval,
  }),
}));

type Handler = (event: unknown, context: unknown) => Promise<unknown>;
let turn: Handler;
let task: Handler;
let ticket: Handler;
beforeAll(async () => {
  const environment = {
    STACK_NAME: 'hr',
    FUNCTION: 'invite-turn',
    TABLE_NAME: 'table',
    SECRET_ARN: 'secret',
    WORKFLOW_ARN: 'workflow',
    CONFIG: JSON.stringify({ ratePerMinute: 20 }),
    AWS_REGION: 'eu-central-1',
  };
  vi.stubEnv('LAMBDA_TASK_ROOT', taskRoot({ policy: OPEN }));
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  turn = (await import('../../functions/invite-turn/handler.ts')).handler as Handler;
  task = (await import('../../functions/invite-task/handler.ts')).handler as Handler;
  ticket = (await import('../../functions/lane-ticket/handler.ts')).handler as Handler;
});

type Emf = Record<string, unknown> & {
  _aws: {
    Timestamp: number;
    CloudWatchMetrics: {
      Namespace: string;
      Dimensions: string[][];
      Metrics: { Name: string; Unit: string }[];
    }[];
  };
};
let records: Emf[];
beforeEach(() => {
  records = [];
  vi.spyOn(process.stdout, 'write').mockImplementation(
    (text) => records.push(JSON.parse(String(text))) > 0,
  );
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

/** What CloudWatch makes of the records: each value of a metric, by its dimensions. */
const valuesOf = (metric: string): [dimensions: string, value: unknown][] =>
  records.flatMap((record) =>
    record._aws.CloudWatchMetrics.filter(({ Metrics }) =>
      Metrics.some(({ Name }) => Name === metric),
    ).flatMap(({ Dimensions }) =>
      Dimensions.map((set): [string, unknown] => [
        set.map((name) => `${name}=${record[name]}`).join(),
        record[metric],
      ]),
    ),
  );

const ID = `inv1_${'A'.repeat(32)}`;
const QUEUED = { id: ID, generation: 1 };
const TURN = { ...QUEUED, not_before: '2030-01-01T00:00:00.000Z' };
const GIVE_UP = { ...QUEUED, give_up: 'SlackUnavailable' };
const ASK = { channel: 'C0PARTNER01', emails: 'ada@partner.example' };
const INVITE: Invite = {
  id: ID,
  channel: 'C0PARTNER01',
  recipient: 'ada@partner.example',
  external_limited: true,
  status: 'sent',
  source: DOOR,
  attempts: 1,
  created_at: '2030-01-01T00:00:00.000Z',
  updated_at: '2030-01-01T00:00:00.000Z',
};

const invoke = (handler: Handler, event: object) =>
  handler(event, { awsRequestId: 'r', getRemainingTimeInMillis: () => 20_000 }).catch(
    () => undefined,
  );
const ended = (outcome: string) => async () => ({ invite: INVITE, outcome });
const refused = (errorClass: ErrorClass) => async () => {
  throw new InviteError(errorClass, { code: 'in_progress', detail: '', retryAfter: 1, id: ID });
};
const classesThat = (retryable: boolean) =>
  Object.keys(ERROR_CLASSES).filter(
    (name) => ERROR_CLASSES[name as ErrorClass].retryable === retryable,
  ) as ErrorClass[];

describe('Workflows', () => {
  test.each(['sent', 'existing', 'already_in_channel'])(
    'counts a turn that ends with: %s',
    async (outcome) => {
      domain.turn = ended(outcome);
      await invoke(turn, TURN);
      expect(valuesOf('Workflows')).toEqual([[`stack=hr,outcome=${outcome}`, 1]]);
    },
  );

  test.each(classesThat(false))(
    'counts a turn that ends with %s, by its class, too',
    async (name) => {
      domain.turn = refused(name);
      await invoke(turn, TURN);
      const outcome = name === 'OutcomeUnknown' ? 'unknown' : 'refused';
      expect(valuesOf('Workflows')).toEqual([
        [`stack=hr,outcome=${outcome}`, 1],
        [`stack=hr,class=${name}`, 1],
      ]);
    },
  );

  test('counts what nobody foresaw as a defect', async () => {
    domain.turn = () => Promise.reject(new TypeError('a defect'));
    await invoke(turn, TURN);
    expect(valuesOf('Workflows')).toContainEqual(['stack=hr,class=Defect', 1]);
  });

  test.each(classesThat(true))(
    'does not count a turn that %s ends: the workflow goes on',
    async (name) => {
      domain.turn = refused(name);
      await invoke(turn, TURN);
      await invoke(turn, GIVE_UP);
      expect(records).toHaveLength(2);
      expect(valuesOf('Workflows')).toEqual([]);
    },
  );

  test('counts what was given up by the class that the invite shows, and as no error', async () => {
    domain.turn = async () => 'SlackUnavailable';
    await invoke(turn, GIVE_UP);
    expect(valuesOf('Workflows')).toEqual([
      ['stack=hr,outcome=given_up', 1],
      ['stack=hr,class=SlackUnavailable', 1],
    ]);
    expect(valuesOf('Errors')).toEqual([]);
  });

  test('does not count again what was to be given up and had ended already', async () => {
    domain.turn = async () => undefined;
    await invoke(turn, GIVE_UP);
    expect(records).toHaveLength(1);
    expect(valuesOf('Workflows')).toEqual([]);
  });

  test('counts a whole execution once, however often its turn came', async () => {
    for (const name of classesThat(true)) {
      domain.turn = refused(name);
      await invoke(turn, TURN);
    }
    await invoke(ticket, QUEUED);
    domain.turn = ended('sent');
    await invoke(turn, TURN);
    expect(valuesOf('Workflows')).toEqual([['stack=hr,outcome=sent', 1]]);
  });

  test('does not count an ask, for the queue or not', async () => {
    domain.turn = ended('sent');
    await invoke(task, ASK);
    domain.turn = async () => ({ invite: { ...INVITE, status: 'queued' }, queued: QUEUED });
    await invoke(task, { ...ASK, queue: true });
    domain.turn = refused('Conflict');
    await invoke(task, ASK);
    expect(records.map(({ outcome }) => outcome)).toEqual(['sent', 'queued', 'refused']);
    expect(valuesOf('Workflows')).toEqual([]);
  });
});

describe('QueueWait', () => {
  test('is what the domain says, by function and outcome', async () => {
    domain.turn = async (observe) => {
      observe.queueWait(60_000);
      return ended('sent')();
    };
    await invoke(turn, TURN);
    expect(valuesOf('QueueWait')).toEqual([
      ['stack=hr,function=invite-turn,outcome=sent', [60_000]],
    ]);
  });

  test('is left out where nothing left the queue', async () => {
    domain.turn = refused('RateLimited');
    await invoke(turn, TURN);
    expect(valuesOf('Invites')).toHaveLength(1);
    expect(valuesOf('QueueWait')).toEqual([]);
  });
});

describe('Errors', () => {
  test('of a turn that meets what blocks the queue have the class Blocked, and the code of what blocks', async () => {
    domain.turn = async (observe) => {
      observe.blockedBy(new InviteError('SlackCredentials', { code: 'no_token', detail: '' }));
      throw new InviteError('Blocked', { code: 'blocked', detail: '', retryAfter: 60 });
    };
    await invoke(turn, TURN);
    expect(valuesOf('Errors').map(([dimensions]) => dimensions)).toEqual([
      'stack=hr,function=invite-turn,class=Blocked',
      'stack=hr,class=Blocked',
      'stack=hr,code=no_token',
    ]);
  });
});

describe('QueueDepth', () => {
  test.each([0, 1, 499])('is how many are ahead of a ticket, with %i', async (ahead) => {
    domain.ahead = ahead;
    await invoke(ticket, QUEUED);
    expect(valuesOf('QueueDepth')).toEqual([['stack=hr', [ahead]]]);
  });

  test('is left out where no ticket was taken', async () => {
    await invoke(ticket, { id: ID });
    domain.turn = ended('sent');
    await invoke(turn, TURN);
    expect(records).toHaveLength(2);
    expect(valuesOf('QueueDepth')).toEqual([]);
  });
});

test('all of it is valid in the embedded metric format, and no id is a dimension', async () => {
  domain.turn = async (observe) => {
    observe.queueWait(0);
    observe.gateWait(1);
    observe.slackLatency(2);
    return ended('sent')();
  };
  await invoke(turn, TURN);
  domain.turn = refused('SlackRefused');
  await invoke(turn, TURN);
  domain.turn = async () => 'Defect';
  await invoke(turn, GIVE_UP);
  await invoke(ticket, QUEUED);

  expect(records).toHaveLength(4);
  const sets = new Set<string>();
  for (const record of records) {
    expect(Number.isInteger(record._aws.Timestamp)).toBe(true);
    expect(record.id).toBe(ID);
    for (const { Namespace, Dimensions, Metrics } of record._aws.CloudWatchMetrics) {
      expect(Namespace).toBe('SlackConnectInvites');
      for (const set of Dimensions) {
        sets.add(set.join());
        for (const name of set) expect(record[name]).toMatch(/^\w[\w-]*$/);
      }
      expect(Metrics.length).toBeGreaterThan(0);
      for (const { Name, Unit } of Metrics) {
        const values = [record[Name]].flat();
        expect(values.length).toBeGreaterThan(0);
        for (const value of values) expect(value).toEqual(expect.any(Number));
        expect(['Count', 'Milliseconds']).toContain(Unit);
      }
    }
  }
  expect([...sets].sort()).toEqual([
    'stack',
    'stack,class',
    'stack,code',
    'stack,function,class',
    'stack,function,outcome',
    'stack,outcome',
  ]);
});
