import { describe, expect, test } from 'vitest';
import type { Invite } from '../../functions/invites/invite.ts';
import { turnResult } from '../../functions/invites/send-queued.ts';
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

describe('what a turn leaves in the history of an execution', () => {
  test('is what came of the invite, and nothing of the person', () => {
    const result = turnResult(INVITE, 'existing');
    expect(result).toEqual({
      id: ID,
      status: 'sent',
      outcome: 'existing',
      attempts: 2,
      slack: SLACK,
    });
    expect(JSON.stringify(result)).not.toMatch(/partner|HR-1|arn:/i);
  });

  test('has no part of Slack’s where Slack said nothing', () => {
    const { slack: _, ...invite } = INVITE;
    const result = turnResult({ ...invite, status: 'failed' }, 'existing');
    expect(result).toEqual({ id: ID, status: 'failed', outcome: 'existing', attempts: 2 });
  });
});
