import { invalidFields } from '../errors/invite-error.ts';
import type { Invite, Status } from '../invites/invite.ts';
import type { Abortable } from '../invites/invocation.ts';

/** Until when somebody's state machine sleeps; `connected` satisfies the others as well. */
export const WAIT_FOR = ['sent', 'accepted', 'connected'] as const;
export type WaitFor = (typeof WAIT_FOR)[number];

/** A task that waits. Its token can end it, so it is never logged and never shown. */
export type Wait = { waitFor: WaitFor; token: string };

/** The waits of each invite. */
export type WaitStore = {
  add(id: string, wait: Wait, invocation: Abortable): Promise<void>;
  of(id: string, invocation: Abortable): Promise<Wait[]>;
  forget(id: string, token: string, invocation: Abortable): Promise<void>;
};

/** Step Functions, by the tokens of its tasks. */
export type Tasks = {
  /** @returns why nobody here may end the task, or undefined. @throws InviteError */
  refusalOf(
    token: string,
    invocation: Abortable,
  ): Promise<'no_token' | 'ended' | 'foreign' | undefined>;
  /** Ends the task, unless it has ended already. @throws InviteError where it should be tried again. */
  succeed(token: string, output: object, invocation: Abortable): Promise<void>;
  fail(token: string, error: string, cause: object, invocation: Abortable): Promise<void>;
};

/** How far an invite has come, for those who wait. */
const REACHED: Partial<Record<Status, readonly WaitFor[]>> = {
  sent: ['sent'],
  accepted: ['sent', 'accepted'],
  connected: WAIT_FOR,
  already_in_channel: WAIT_FOR,
};

/** What ends every wait, by the name of the error that the state machine gets. */
const ENDED: Partial<Record<Status, string>> = {
  declined: 'Declined',
  expired: 'Expired',
  revoked: 'Revoked',
  cancelled: 'Cancelled',
};

/** @returns what a wait comes to; undefined: it goes on. A string is the name of an error. */
const verdictOf = (
  invite: Invite | undefined,
  waitFor: WaitFor,
): 'reached' | { error: string } | undefined => {
  if (!invite) return { error: 'NotFound' };
  if (REACHED[invite.status]?.includes(waitFor)) return 'reached';
  const ended = ENDED[invite.status];
  if (ended !== undefined) return { error: ended };
  if (invite.status === 'failed') return { error: invite.error?.class ?? 'Defect' };
  return invite.status === 'unknown' ? { error: 'OutcomeUnknown' } : undefined;
};

type Ports = {
  waits: WaitStore;
  tasks: Tasks;
  /** The invite as it reads. */
  readInvite(id: string, invocation: Abortable): Promise<Invite | undefined>;
};

/** The state machines that sleep until something becomes of an invite. */
export type Waits = {
  /** @throws InviteError `InvalidRequest` for a token that nobody here can use. */
  assertToken(token: string, invocation: Abortable): Promise<void>;
  /** Lets a task wait, and ends it at once where there is nothing to wait for. @throws InviteError */
  add(id: string, wait: Wait, invocation: Abortable): Promise<void>;
  /** Ends the tasks that have waited for what the invite is now. @throws InviteError */
  report(id: string, invocation: Abortable): Promise<void>;
};

const REFUSALS = {
  no_token: 'is no task token: pass {% $states.context.Task.Token %} of a .waitForTaskToken task',
  ended: 'belongs to a task that has ended',
  foreign:
    'belongs to a state machine that this deployment may not report to: one of another account, or not among lifecycle.waitingStateMachines',
};

/**
 * A change of an invite is written first, and then looks for waits. A wait is written first, and then
 * looks at the invite. So nobody is overlooked, and to end a task twice does nothing.
 */
export const createWaits = ({ waits, tasks, readInvite }: Ports): Waits => {
  const report = async (id: string, invocation: Abortable) => {
    const waiting = await waits.of(id, invocation);
    if (waiting.length === 0) return;
    const invite = await readInvite(id, invocation);
    for (const { waitFor, token } of waiting) {
      const verdict = verdictOf(invite, waitFor);
      if (verdict === undefined) continue;
      if (verdict === 'reached') await tasks.succeed(token, invite as Invite, invocation);
      else await tasks.fail(token, verdict.error, causeOf(id, invite), invocation);
      await waits.forget(id, token, invocation);
    }
  };
  return {
    async assertToken(token, invocation) {
      const refusal = await tasks.refusalOf(token, invocation);
      if (refusal) throw invalidFields([{ field: 'task_token', detail: REFUSALS[refusal] }]);
    },
    async add(id, wait, invocation) {
      await waits.add(id, wait, invocation);
      await report(id, invocation);
    },
    report,
  };
};

/** What stands in the history of somebody's execution: no address. */
const causeOf = (id: string, { recipient: _, ...invite }: Partial<Invite> = {}) => ({
  ...invite,
  id,
});
