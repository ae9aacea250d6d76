import { describe, expect, test } from 'vitest';
import { eventTaskResult } from '../../functions/webhooks/make-invite.ts';

const EVENT = `evt1_${'A'.repeat(32)}`;
const ID = `inv1_${'B'.repeat(32)}`;

// The workflow's choice looks at which of these members are there.
describe('what the workflow goes on with', () => {
  test('is the ask in the queue, by its id and generation', () => {
    expect(eventTaskResult(EVENT, { queued: { id: ID, generation: 7 } })).toEqual({
      outcome: 'queued',
      result: { event: EVENT, id: ID, generation: 7 },
    });
  });

  test('is an invite that exists already, and no generation: there is nothing to send', () => {
    expect(eventTaskResult(EVENT, { invite: ID })).toEqual({
      outcome: 'existing',
      result: { event: EVENT, id: ID },
    });
  });

  test('is a pause, and no id, where there is no address yet', () => {
    expect(eventTaskResult(EVENT, { pendingSeconds: 30 })).toEqual({
      outcome: 'pending_email',
      result: { event: EVENT, pending_seconds: 30 },
    });
  });
});
