import type { AwsClient } from '../../../functions/aws/client.ts';
import { ledgerTable } from '../../../functions/aws/ledger-table.ts';
import { blockTable, gateTable, laneCell } from '../../../functions/aws/pace-table.ts';
import { InviteError } from '../../../functions/errors/invite-error.ts';
import { createBlock } from '../../../functions/invites/block.ts';
import { createEnqueue } from '../../../functions/invites/enqueue.ts';
import { createGate, createLane } from '../../../functions/invites/gate.ts';
import { createLedger } from '../../../functions/invites/ledger.ts';
import { createAdmission } from '../../../functions/invites/policy.ts';
import { createSendQueued } from '../../../functions/invites/send-queued.ts';
import type { Connection } from '../../../functions/lib/exchange.ts';
import { BUCKET_CAPACITY, createLimiter } from '../../../infra/local/slack/limiter.ts';
import { invocation } from '../../support/invocation.ts';
import { CALLER, newRequest, SLACK } from '../../support/requests.ts';
import { newTable } from '../../support/tables.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';
import { type Findings, NONE, table } from '../report.ts';
import type { World } from '../world.ts';

const BACKLOGS = [100, 500, 2000];
const PACE = { ratePerMinute: 20, burst: 5 };
const ADMISSION = createAdmission(
  { channels: { '*': { emailDomains: ['*'] } }, deniedEmailDomains: [], readers: [] },
  { read: async () => [] },
);

/** Between two requests that join the backlog. */
const APART_MS = 100;
/** Until a function that is called runs. */
const START_UP_MS = 150;
const SLACK_MS = 150;

type Run = { share: number; refused: number; reads: number; writes: number };

/**
 * Queued requests of different sizes of backlog, by the functions' own code against DynamoDB in
 * memory, in virtual time: the figures are the algorithm's and no machine's.
 */
export const bulk = async (_world: World, _rounds: number): Promise<Findings> => {
  const runs: [backlog: number, run: Run][] = [];
  for (const backlog of BACKLOGS) runs.push([backlog, await carryOut(backlog)]);
  const last = runs.at(-1)?.[1] as Run;
  const shares = runs.map(([, { share }]) => share);
  return {
    rows: [
      {
        what: 'a backlog at 20 a minute, share of the rate that is allowed',
        base: NONE,
        now: `${Math.min(...shares).toFixed(1)} %`,
        goal: '≥ 98 %',
      },
      {
        what: 'the same, answers of 429',
        base: NONE,
        now: `${Math.max(...runs.map(([, { refused }]) => refused))}`,
        goal: '0',
      },
      {
        what: 'the same, writes an invitation',
        base: NONE,
        now: Math.max(...runs.map(([, { writes }]) => writes)).toFixed(2),
        goal: '≤ 6.10',
      },
    ],
    details: [
      `A backlog at 20 a minute in virtual time, an invitation (${last.refused} answers of 429 in all):`,
      table(
        ['backlog', 'share of the rate', 'reads', 'writes'],
        runs.map(([backlog, { share, reads, writes }]) => [
          backlog.toLocaleString('en'),
          `${share.toFixed(1)} %`,
          reads.toFixed(2),
          writes.toFixed(2),
        ]),
      ),
    ].join('\n\n'),
  };
};

const carryOut = async (backlog: number): Promise<Run> => {
  const clock = createVirtualClock();
  const own = await newTable();
  const requests = { reads: 0, writes: 0 };
  const client: AwsClient = (operation, input, its) => {
    requests[operation === 'GetItem' ? 'reads' : 'writes'] += 1;
    return own.client(operation, input, its);
  };
  const stored = { client, name: own.name };

  // One process of each function: at this pace none is called twice at once.
  const ledger = createLedger(ledgerTable(stored), 400, clock.now);
  const takeTicket = createLane(PACE, clock.now);
  const nextTicket = () => takeTicket(laneCell(stored, invocation()));
  const limiter = createLimiter(BUCKET_CAPACITY, PACE.ratePerMinute, clock.now);
  const calls: number[] = [];
  let refused = 0;
  const { send } = createSendQueued({
    admission: ADMISSION,
    ledger,
    gate: createGate(gateTable(stored), PACE, clock),
    credentials: { obtain: async () => 'xoxb-benchmark', renew: async () => undefined },
    slack: {
      connect: () => ({ close() {} }) as Connection,
      async inviteShared() {
        const wait = limiter.take('app');
        calls.push(clock.now());
        await clock.sleep(SLACK_MS);
        if (wait === 0) return { kind: 'accepted', answer: SLACK, warnings: [] };
        refused += 1;
        return { kind: 'rate_limited', code: 'ratelimited', retryAfter: wait, warnings: [] };
      },
    },
    block: createBlock(blockTable(stored), clock.now),
    expectTurn: async () => {},
    nextPlace: async () => (await nextTicket()).notBefore,
    now: clock.now,
    sleep: clock.sleep,
  });

  const execution = async (place: number) => {
    await clock.sleep(place * APART_MS);
    const { queued } = await createEnqueue({ admission: ADMISSION, ledger })(
      newRequest(),
      CALLER,
      invocation(),
    );
    if (!queued) throw new Error('a new request is queued');
    const { notBefore } = await nextTicket();
    // A Wait state drops the milliseconds.
    await clock.sleep(Math.max(Math.floor(notBefore / 1000) * 1000 - clock.now(), 0));
    for (let isSent = false; !isSent; ) {
      await clock.sleep(START_UP_MS);
      const now = clock.now();
      const its = invocation({ deadline: now + 18_000, leaseUntil: now + 25_000 });
      isSent = await send(queued, notBefore, its).then(
        () => true,
        async (error) => {
          if (!(error instanceof InviteError) || !error.retryable) throw error;
          await clock.sleep((error.facts.retryAfter ?? 1) * 1000);
          return false;
        },
      );
    }
  };
  await clock.run(Array.from({ length: backlog }, (_, place) => () => execution(place)));

  return {
    share: (100 * rateOf(calls)) / PACE.ratePerMinute,
    refused,
    reads: requests.reads / backlog,
    writes: requests.writes / backlog,
  };
};

/** Calls a minute, without those that came in the burst at the beginning. */
const rateOf = (calls: number[]): number => {
  const [first = 0, ...others] = calls.slice(2 * PACE.burst);
  const minutes = ((others.at(-1) ?? 0) - first) / 60_000;
  return others.length / minutes;
};
