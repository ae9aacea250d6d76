import { afterAll, beforeAll, expect, test } from 'vitest';
import { doctor } from '../../infra/operate/doctor.ts';
import { deliveryOf } from '../support/deliveries.ts';
import { newcomer, untilIdle } from '../support/hr-events.ts';
import { CHANNEL, type LocalRun, startLocalRun } from '../support/local-run.ts';
import { operate } from '../support/operated.ts';

// docs/operating.md, "Restoring the ledger", as far as it goes on one machine: a copy of the items stands
// for the restore, which only AWS does.

const RESTORED = 'arn:aws:dynamodb:us-east-1:000000000000:table/Restored';
const OF_ANOTHER_TIME = ['gate#conversations.inviteShared', 'lane#conversations.inviteShared'];

let former: LocalRun;
let adopting: LocalRun;
beforeAll(async () => {
  former = await startLocalRun();
  adopting = await startLocalRun({ tableArn: RESTORED });
});
afterAll(() => Promise.all([former.close(), adopting.close()]));

test('a stack adopts a restored ledger, and nobody is invited a second time', async () => {
  const request = { channel: CHANNEL, emails: 'casey@partner.example' };
  const sent = await former.post(request);
  expect(sent.status).toBe(201);
  const event = deliveryOf('greenhouse', newcomer());
  await former.deliver(event);
  await untilIdle(former);

  const { Items } = await former.dynamo('Scan', {});
  const items = Items as { pk: { S: string } }[];
  for (const Item of items) await adopting.dynamo('PutItem', { Item });
  const { code, output } = await operate(adopting, doctor, '--table', RESTORED);
  expect([code, output]).toEqual([0, expect.stringContaining('Sound.')]);
  for (const pk of OF_ANOTHER_TIME) {
    expect(items.map((item) => item.pk.S)).toContain(pk);
    await adopting.dynamo('DeleteItem', { Key: { pk: { S: pk } } });
  }

  const { id } = sent.body;
  expect((await adopting.get(`/invites/${id}`)).body).toEqual(
    (await former.get(`/invites/${id}`)).body,
  );
  expect(await adopting.post(request)).toMatchObject({ status: 200, body: { id } });
  await adopting.deliver(event);
  await untilIdle(adopting);
  expect(await adopting.slackCalls()).toBe(0);
  // And it goes on.
  expect((await adopting.post({ channel: CHANNEL, emails: 'new@partner.example' })).status).toBe(
    201,
  );
});
