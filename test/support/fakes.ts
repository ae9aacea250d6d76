import { vi } from 'vitest';
import { ownError } from '../../functions/errors/invite-error.ts';
import type { Gate } from '../../functions/invites/gate.ts';
import type { Observer } from '../../functions/invites/invocation.ts';
import { inviteExecutionName, type QueueKey } from '../../functions/invites/queue.ts';
import type { Deployment } from '../../functions/lambda/environment.ts';
import type { SlackResult } from '../../functions/slack/answer.ts';

/** A policy that stands in nobody's way. */
export const OPEN: Deployment['policy'] = {
  channels: { '*': { emailDomains: ['*'], userIds: true, fullAccess: true } },
  deniedEmailDomains: [],
  readers: [],
};

export const OPEN_GATE: Gate = {
  pass: async () => 0,
  foresee: async () => 0,
  holdOff: async () => {},
};

export const CLOSED_GATE: Gate = {
  ...OPEN_GATE,
  pass: async () => {
    throw ownError('gate_closed', {}, { retryAfter: 1 });
  },
};

export const ACCEPTED = {
  kind: 'accepted',
  answer: { invite_id: 'I0SENT', is_legacy_shared_channel: false },
  warnings: [],
} as const satisfies SlackResult;

export const refusedWith = (code: string): SlackResult => ({ kind: 'refused', code, warnings: [] });

export const observer = () =>
  ({
    gateWait: vi.fn(),
    queueWait: vi.fn(),
    slackLatency: vi.fn(),
    blockedBy: vi.fn(),
    tokenRefresh: vi.fn(),
    warnings: vi.fn(),
    unrecorded: vi.fn(),
    holdOffFailed: vi.fn(),
  }) satisfies Observer;

/** What a start ends with: nobody knows whether it did, or there is nothing to start. */
export const workflowAway = () => ownError('workflow_unavailable', { reason: 'Error' });
export const workflowGone = () => ownError('workflow_misconfigured', { reason: 'Error' });

/** Step Functions, as far as it matters here: a name is used once, and runs until its end. */
export const createExecutions = () => {
  const states = new Map<string, 'running' | 'over'>();
  return {
    names: () => [...states.keys()],
    isRunning: (queued: QueueKey) => states.get(inviteExecutionName(queued)) === 'running',
    isOver: async (queued: QueueKey) => states.get(inviteExecutionName(queued)) === 'over',
    end: (queued: QueueKey) => void states.set(inviteExecutionName(queued), 'over'),
    async start(queued: QueueKey): Promise<boolean> {
      const name = inviteExecutionName(queued);
      if (!states.has(name)) states.set(name, 'running');
      return states.get(name) === 'running';
    },
  };
};
