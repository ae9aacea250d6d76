import { describe, expect, test } from 'vitest';
import { enqueued } from '../../functions/invite-task/contract.ts';
import type { Invite } from '../../functions/invites/invite.ts';
import { DOOR, REFUSED, SLACK } from '../support/requests.ts';

const ID = `inv1_${'A'.repeat(32)}`;
const INVITE: Invite = {
  id: ID,
  channel: 'C0PARTNER01',
  recipient: 'ada@partner.example',
  external_limited: true,
  status: 'sent',
  slack: SLACK,
  source: DOOR,
  reference: 'HR-1',
  attempts: 2,
  error: { ...REFUSED, at: '2030-01-01T00:00:00.000Z' },
  created_at: '2030-01-01T00:00:00.000Z',
  updated_at: '2030-01-01T00:00:00.000Z',
};

describe('what an ask for the queue leaves there', () => {
  const invite = { ...INVITE, status: 'queued' } as const;
  const queued = { id: ID, generation: 1_893_456_000_000 };

  test('is what to start the execution with: ids only', () => {
    const result = enqueued({ invite, queued });
    expect(result).toEqual({
      id: ID,
      status: 'queued',
      execution: { name: `${ID}-1893456000000`, input: queued },
    });
    expect(JSON.stringify(result)).not.toMatch(/partner|HR-1|arn:/i);
  });

  test('has no execution where nothing is to be sent', () => {
    expect(enqueued({ invite: INVITE })).toEqual({ id: ID, status: 'sent' });
  });
});
