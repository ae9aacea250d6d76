import { expect, test } from 'vitest';
import { gateTable } from '../../functions/aws/pace-table.ts';
import type { Table } from '../../functions/aws/table.ts';
import { createDryRun, type Foreseen } from '../../functions/invites/dry-run.ts';
import type { InviteRequest } from '../../functions/invites/request.ts';
import { INVOCATION } from '../support/invocation.ts';
import { CALLER, newRequest } from '../support/requests.ts';
import { newTable } from '../support/tables.ts';
import { newWorld } from '../support/world.ts';

/** A world whose table tells of each operation. */
const setUp = async () => {
  const own = await newTable();
  const operations: string[] = [];
  const table: Table = {
    ...own,
    client: (operation, input, its) => {
      operations.push(operation);
      return own.client(operation, input, its);
    },
  };
  const world = await newWorld({ table, pace: { ratePerMinute: 20, burst: 2 } });
  const dryRun = (request: InviteRequest, isAsync = false): Promise<Foreseen> =>
    createDryRun({ ...world.invoke().ports, laneWait: async () => 61_500 })(
      request,
      CALLER,
      isAsync,
      INVOCATION,
    );
  return { ...world, operations, dryRun };
};

test('reads the table and never writes to it, whatever it finds', async () => {
  const { send, queue, dryRun, operations, inviteShared } = await setUp();
  const [fresh, sent, queued] = [newRequest(), newRequest(), newRequest()];
  await send(sent);
  await queue(queued);
  operations.length = 0;
  inviteShared.mockClear();
  expect((await dryRun(fresh)).would).toBe('send');
  expect(await dryRun(fresh, true)).toMatchObject({ would: 'queue', wait_seconds: 62 });
  expect((await dryRun(sent)).would).toBe('nothing');
  expect((await dryRun({ ...sent, resend: 1 })).would).toBe('send');
  expect((await dryRun(queued)).would).toBe('queue');
  await expect(dryRun({ ...fresh, resend: 9 })).rejects.toMatchObject({ name: 'Conflict' });
  await expect(dryRun({ ...sent, external_limited: false })).rejects.toMatchObject({
    facts: { code: 'live_invite_with_other_terms' },
  });
  expect(new Set(operations)).toEqual(new Set(['GetItem']));
  expect(inviteShared).not.toHaveBeenCalled();
});

test('tells the wait at the gate, and the refusal where it would be too long, as the request meets them', async () => {
  const { dryRun, send, clock, gateStore } = await setUp();
  await send(newRequest());
  await send(newRequest());
  expect(await dryRun(newRequest())).toMatchObject({ would: 'send', wait_seconds: 3 });
  const start = clock.now();
  await send(newRequest());
  expect(clock.now() - start).toBe(3000);

  await gateStore.hold(clock.now() + 60_000, clock.now() + 63_000, INVOCATION);
  await expect(dryRun(newRequest())).rejects.toMatchObject({
    name: 'RateLimited',
    facts: { code: 'gate_closed', retryAfter: 60 },
  });
  await expect(send(newRequest())).rejects.toMatchObject({ facts: { retryAfter: 60 } });
});

test('holds off only those whom Slack holds off', async () => {
  const { dryRun, clock, table } = await setUp();
  await gateTable(table).holdEmails(clock.now() + 60_000, INVOCATION);
  await expect(dryRun(newRequest())).rejects.toMatchObject({ name: 'RateLimited' });
  const byId = newRequest({ recipient: { kind: 'user_id', value: 'U012AB3CD4E' } });
  expect(await dryRun(byId)).toMatchObject({ would: 'send', wait_seconds: 0 });
});

test('finds out that there is no token', async () => {
  const { dryRun, readSecret } = await setUp();
  readSecret.mockResolvedValue('nothing yet');
  await expect(dryRun(newRequest())).rejects.toMatchObject({ facts: { code: 'no_token' } });
});
