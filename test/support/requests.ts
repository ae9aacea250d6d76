import { randomUUID } from 'node:crypto';
import type { InviteError } from '../../functions/errors/invite-error.ts';
import type { Caller } from '../../functions/invites/invite.ts';
import type { Ledger } from '../../functions/invites/ledger.ts';
import type { InviteRequest } from '../../functions/invites/request.ts';
import { slackCode } from './slack-code.ts';
import type { Answer } from './transition-table.ts';

/** An ask for a person whom nobody has asked for yet. */
export const newRequest = (fields: Partial<InviteRequest> = {}): InviteRequest => ({
  channel: 'C0PARTNER01',
  recipient: { kind: 'email', value: `${randomUUID()}@partner.example` },
  external_limited: true,
  ...fields,
});

export const DOOR = { door: 'invite-api', caller: 'arn:aws:iam::000000000000:user/hr' };
/** Who came through it. */
export const CALLER: Caller = { source: DOOR, names: ['user/hr'] };
export const SLACK = { invite_id: 'I0SENT', is_legacy_shared_channel: false };
export const REFUSED = { class: 'SlackRefused', code: slackCode('restricted_action') } as const;
export const TIMED_OUT = { class: 'OutcomeUnknown', code: 'no_usable_answer' } as const;

/** What an ask came to, in the terms of the transition table. */
export const answerOf = async (claiming: ReturnType<Ledger['claim']>): Promise<Answer> =>
  claiming.then(
    (asked) => ('claim' in asked ? 'sends' : 'returns'),
    (error: InviteError) => error.name as Answer,
  );

/** The claim, where an ask is certain to get one. */
export const claimOf = async (claiming: ReturnType<Ledger['claim']>) => {
  const asked = await claiming;
  if (!('claim' in asked)) throw new Error('the ledger returned the invite instead of a claim');
  return asked.claim;
};
