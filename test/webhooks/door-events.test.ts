import { beforeEach, describe, expect, test } from 'vitest';
import { ownError } from '../../functions/errors/invite-error.ts';
import { createDoor } from '../../functions/webhooks/door.ts';
import type { Received } from '../../functions/webhooks/receive.ts';
import { INVOCATION } from '../support/invocation.ts';
import { post } from '../support/verify-deliveries.ts';
import { ACCEPTED, createKnocking, type Knocking, sampleOf } from './door.world.ts';

let door: Knocking;
beforeEach(() => {
  door = createKnocking();
});

const okta = sampleOf('okta');
/** A delivery of Okta's with so many events. */
const withEvents = (count: number) => {
  const events = Array.from({ length: count }, (_, n) => ({ uuid: `event-${n}` }));
  return { body: Buffer.from(JSON.stringify({ data: { events } })) };
};
const namesOf = () => door.receive.mock.calls.map(([, , { id }]) => id.split(':')[1]);
const unavailable = ownError('table_unavailable', { reason: 'Error' });

describe('the events of one delivery', () => {
  test.each([1, 9, 100, 1000])('are all received, in their order: %i', async (count) => {
    const outcome = await door.knock(okta, withEvents(count));
    expect(outcome.reply.status).toBe(200);
    expect(outcome.received).toHaveLength(count);
    expect(namesOf()).toEqual(Array.from({ length: count }, (_, n) => `event-${n}`));
  });

  test('come to what each of them comes to, in their order', async () => {
    const results = ['accepted', 'duplicate', 'ignored', 'accepted'] as const;
    for (const result of results) door.receive.mockResolvedValueOnce({ ...ACCEPTED, result });
    const { received = [] } = await door.knock(okta, withEvents(4));
    expect(received.map(({ result }) => result)).toEqual(results);
  });

  test('that no rule takes are answered with 200', async () => {
    const ignored: Received = {
      result: 'ignored',
      ignored: [{ reason: 'no_rule' }],
      failed: [],
    };
    door.receive.mockResolvedValue(ignored);
    const { reply, refused, received } = await door.knock(okta, withEvents(2));
    expect(reply).toEqual({ status: 200, headers: {}, body: '' });
    expect(refused).toBeUndefined();
    expect(received).toEqual([ignored, ignored]);
  });

  test('that are duplicates are answered with 200', async () => {
    door.receive.mockResolvedValue({ ...ACCEPTED, result: 'duplicate' });
    expect((await door.knock(okta, withEvents(2))).reply.status).toBe(200);
  });
});

describe('an event that could not be kept', () => {
  test('leaves the answer to its error, and those that were kept are told all the same', async () => {
    const ignored = { ...ACCEPTED, result: 'ignored' } as const;
    door.receive.mockResolvedValueOnce(ACCEPTED).mockResolvedValueOnce(ignored);
    door.receive.mockRejectedValueOnce(unavailable);
    expect(await door.result(okta, withEvents(5))).toEqual({
      failure: unavailable,
      received: [ACCEPTED, ignored],
      unfinished: 3,
    });
  });
});

test('a source of the provider generic without a description lets nobody in', async () => {
  const secrets = { of: () => expect.unreachable(), renewed: () => expect.unreachable() };
  const sources = new Map([['acme-hr', { provider: 'generic', rules: [] } as const]]);
  const receive = () => expect.unreachable();
  const knock = createDoor({ sources, secrets, sandbox: { list: () => [] }, receive });
  await expect(knock('acme-hr', post({}, '{}'), INVOCATION)).rejects.toThrow('needs auth');
});
