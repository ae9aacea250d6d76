import { invalidFields, type Reason, reasonOf } from '../errors/invite-error.ts';
import type { DueIndex, Invite, Status } from '../invites/invite.ts';
import type { Abortable, Invocation } from '../invites/invocation.ts';
import { inParallel } from '../lib/async.ts';
import { OVERDUE_MS } from '../lib/times.ts';

/** Until when somebody's state machine sleeps; `connected` satisfies the others as well. */
export const WAIT_FOR = ['sent', 'accepted', 'connected'] as const;
type WaitFor = (typeof WAIT_FOR)[number];

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
  /**
   * Ends the tasks that have waited for what the invite is now.
   * @returns how many wait on.
   * @throws InviteError
   */
  report(id: string, invocation: Abortable): Promise<number>;
};

const REFUSALS = {
  no_token: 'is no task token: pass {% $states.context.Task.Token %} of a .waitForTaskToken task',
  ended: 'belongs to a task that has ended',
  foreign:
    'belongs to a state machine that this deployment may not report to: one of another account, or not among lifecycle.waitingStateMachines',
};

/**
 * Who changes an invite looks for waits. A wait is written first, and then looks at the invite. To end a
 * task twice does nothing. Whom these overlook, since some changes are told before they are written, and
 * some are told to nobody, the sweep finds.
 */
export const createWaits = ({ waits, tasks, readInvite }: Ports): Waits => {
  const report = async (id: string, invocation: Abortable) => {
    const waiting = await waits.of(id, invocation);
    if (waiting.length === 0) return 0;
    let going = 0;
    const invite = await readInvite(id, invocation);
    for (const { waitFor, token } of waiting) {
      const verdict = verdictOf(invite, waitFor);
      if (verdict === undefined) {
        going += 1;
        continue;
      }
      if (verdict === 'reached') await tasks.succeed(token, invite as Invite, invocation);
      else await tasks.fail(token, verdict.error, causeOf(id, invite), invocation);
      await waits.forget(id, token, invocation);
    }
    return going;
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

/** Invites that are looked at in one run. */
const AT_MOST = 100;
const AT_ONCE = 4;

/**
 * Looks after the tasks that have waited for a while without any news: an invite may end without
 * (`already_in_channel`), and news may come before what it tells of is written, or get lost.
 * @returns why some could not be dealt with; the next sweep finds them again.
 */
export const createWaitSweep =
  (due: DueIndex, { report }: Pick<Waits, 'report'>, now: () => number = Date.now) =>
  async (invocation: Invocation): Promise<Reason[]> => {
    const failed: Reason[] = [];
    const before = now() - OVERDUE_MS;
    const ids = await due.overdue('wait', before, AT_MOST, invocation);
    await inParallel(ids, AT_ONCE, async (id) => {
      if (Date.now() > invocation.deadline) return;
      try {
        if (await report(id, invocation)) await due.touch('wait', id, now(), invocation);
        else await due.drop('wait', id, before, invocation);
      } catch (error) {
        failed.push(reasonOf(error));
      }
    });
    return failed;
  };

/** What stands in the history of somebody's execution: no address. */
const causeOf = (id: string, { recipient: _, ...invite }: Partial<Invite> = {}) => ({
  ...invite,
  id,
});
