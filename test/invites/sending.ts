import { vi } from 'vitest';
import { createCredentials } from '../../functions/invites/credentials.ts';
import { createGate, type Gate, type GateStore } from '../../functions/invites/gate.ts';
import { type Invite, inviteId } from '../../functions/invites/invite.ts';
import type { Observer } from '../../functions/invites/invocation.ts';
import { createLedger } from '../../functions/invites/ledger.ts';
import type { LedgerStore } from '../../functions/invites/ledger-store.ts';
import type { Policy } from '../../functions/invites/policy.ts';
import type { InviteRequest } from '../../functions/invites/request.ts';
import { createSendInvite } from '../../functions/invites/send.ts';
import type { SlackResult } from '../../functions/slack/answer.ts';
import type { SlackClient } from '../../functions/slack/client.ts';
import { createTokenSource } from '../../functions/slack/token.ts';
import { INVOCATION, invocation } from '../support/invocation.ts';
import { DOOR } from '../support/requests.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

/** A policy that stands in nobody's way. */
export const OPEN: Policy = {
  allowedChannels: ['*'],
  allowedEmailDomains: ['*'],
  deniedEmailDomains: [],
  allowUserIds: true,
  allowFullAccess: true,
};

export const OPEN_GATE: Gate = { pass: async () => 0, holdOff: async () => {} };

/** A token that is good, whoever asks. */
export const GOOD_CREDENTIALS = { obtain: async () => 'xoxb-good', renew: async () => undefined };

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
    tokenRefresh: vi.fn(),
    warnings: vi.fn(),
    unrecorded: vi.fn(),
    holdOffFailed: vi.fn(),
  }) satisfies Observer;

type Setting = {
  ledgerStore: LedgerStore;
  gateStore: GateStore;
  policy?: Policy;
  workspace?: string;
  pace?: { ratePerMinute: number; burst: number };
};

/**
 * The domain as a function puts it together, with its table, in virtual time; Slack and the secret
 * are functions that the test sets.
 */
export const createSending = ({
  ledgerStore,
  gateStore,
  policy = OPEN,
  workspace,
  pace = { ratePerMinute: 20, burst: 5 },
}: Setting) => {
  const clock = createVirtualClock(Date.parse('2030-01-01T00:00:00Z'));
  const { now } = clock;
  const inviteShared = vi.fn<SlackClient['inviteShared']>(async () => ACCEPTED);
  const workspaceOf = vi.fn<SlackClient['workspaceOf']>(async () => ({ teamId: 'T0ACMECORP1' }));
  const readSecret = vi.fn(async () => 'xoxb-good');
  const ledger = createLedger(ledgerStore, 400, now);
  const gate = createGate(gateStore, pace, clock);
  const ports = {
    ledger,
    gate,
    credentials: createCredentials(createTokenSource(readSecret, now), { workspaceOf }, workspace),
    slack: { inviteShared },
    now,
  };
  const sendInvite = createSendInvite({ policy, ...ports });
  const observe = observer();

  return {
    clock,
    inviteShared,
    workspaceOf,
    readSecret,
    observe,
    gate,
    ports,
    /** Asks like a function with so many milliseconds until its domain has to be done. */
    async ask(request: InviteRequest, timeMs = 18_000) {
      const deadline = now() + timeMs;
      const call = invocation({ deadline, leaseUntil: deadline + 7000, observe });
      const [sent] = await clock.run([() => sendInvite(request, DOOR, call)]);
      if (!sent) throw new Error('an ask ends with an invite or an error');
      return sent;
    },
    read: (request: InviteRequest): Promise<Invite | undefined> =>
      ledger.read(inviteId(request), INVOCATION),
    stored: (request: InviteRequest) => ledgerStore.read(inviteId(request), INVOCATION),
  };
};
