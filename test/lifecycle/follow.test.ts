import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { ledgerTable } from '../../functions/aws/ledger-table.ts';
import { lifeTable, pointerTable, renamedTable } from '../../functions/aws/lifecycle-table.ts';
import type { Table } from '../../functions/aws/table.ts';
import { type Invite, inviteId, type Status } from '../../functions/invites/invite.ts';
import { createFollow } from '../../functions/lifecycle/follow.ts';
import { patience, runs } from '../support/depth.ts';
import { INVOCATION } from '../support/invocation.ts';
import { newTable } from '../support/tables.ts';
import {
  accepted,
  approved,
  declined,
  eventOf,
  type Invitation,
  renamed,
  shared,
  THEIRS,
} from './slack-story.ts';

/** Epoch seconds. */
const SENT = 1_900_000_000;
const iso = (seconds: number) => new Date(seconds * 1000).toISOString();

let table: Table;
beforeAll(async () => {
  table = await newTable();
});

/** An invitation that was sent, its invite in the ledger as a door left it, and who follows it. */
const sentInvite = async (fields: Partial<Invite> = {}, isPointed = true) => {
  const tag = randomUUID().replaceAll('-', '').slice(0, 9).toUpperCase();
  const invitation: Invitation = {
    id: `I0${tag}`,
    channel: `C0${tag}`,
    email: `${tag}@partner.example`,
    createdAt: SENT,
  };
  const { channel, email } = invitation;
  const id = inviteId({ channel, recipient: { kind: 'email', value: email } });
  const ledger = ledgerTable(table);
  const status: Status = fields.status ?? 'sent';
  const invite: Invite = {
    id,
    channel,
    recipient: email,
    external_limited: true,
    status,
    ...(status === 'sent' && {
      slack: { invite_id: invitation.id, is_legacy_shared_channel: false },
    }),
    source: { door: 'invite-api' },
    attempts: 1,
    created_at: iso(SENT),
    updated_at: iso(SENT),
    expires_at: iso(SENT + 1_209_600),
    ...fields,
  };
  await ledger.write({ id, revision: randomUUID(), ttl: 1, invite }, undefined, INVOCATION);
  if (isPointed) await pointerTable(table, 400)(invitation.id, id, INVOCATION);
  const told: string[] = [];
  const follow = createFollow({
    ledger,
    life: lifeTable(table),
    renamed: renamedTable(table),
    tell: async (tellings) => {
      told.push(...tellings.map(({ type }) => type));
      return true;
    },
    retentionDays: 400,
    now: () => (SENT + 500) * 1000,
  });
  return {
    invitation,
    id,
    told,
    tell: (body: Record<string, unknown>) => follow(eventOf(body), INVOCATION),
    read: async () => (await ledger.read(id, INVOCATION))?.invite as Invite,
    stored: () => ledger.read(id, INVOCATION),
    write: ledger.write,
  };
};

/** Where an invite may go, written down once more: only forward, and three of them end. */
const FORWARD: Partial<Record<Status, readonly Status[]>> = {
  sending: ['accepted', 'connected', 'declined'],
  unknown: ['accepted', 'connected', 'declined'],
  sent: ['accepted', 'connected', 'declined'],
  accepted: ['connected', 'declined'],
  connected: [],
  declined: [],
  revoked: [],
  expired: [],
};

/** What really happened at Slack, and what Slack tells of it, in order. */
const STORIES = {
  'accepted without an approval': (one: Invitation) => ({
    end: 'connected' as Status,
    told: [accepted(one, SENT + 20, { isIn: true }), shared(one.channel, SENT + 21)],
  }),
  'accepted, as the sample on the page has it': (one: Invitation) => ({
    end: 'connected' as Status,
    told: [accepted(one, SENT + 20)],
  }),
  'accepted, awaits an approval': (one: Invitation) => ({
    end: 'accepted' as Status,
    told: [accepted(one, SENT + 20, { approval: true })],
  }),
  'accepted and approved by one side only': (one: Invitation) => ({
    end: 'accepted' as Status,
    told: [accepted(one, SENT + 20, { approval: true }), approved(one, SENT + 60, THEIRS)],
  }),
  'accepted, approved, connected': (one: Invitation) => ({
    end: 'connected' as Status,
    told: [
      accepted(one, SENT + 20, { approval: true }),
      approved(one, SENT + 60),
      shared(one.channel, SENT + 61),
    ],
  }),
  'accepted, then refused': (one: Invitation) => ({
    end: 'declined' as Status,
    told: [accepted(one, SENT + 20, { approval: true }), declined(one, SENT + 60)],
  }),
  'accepted, approved, and the channel got another id': (one: Invitation) => ({
    end: 'connected' as Status,
    told: [
      accepted(one, SENT + 20, { approval: true }),
      renamed(one.channel, `${one.channel}N`, SENT + 60),
      shared(`${one.channel}N`, SENT + 61),
    ],
  }),
} as const;

const stories = fc.constantFrom(...(Object.keys(STORIES) as (keyof typeof STORIES)[]));
const starts = fc.constantFrom<Status>('sent', 'sent', 'unknown', 'sending');

test(
  'in every order, with every repetition and loss, an invite only goes forward, by what Slack told; and if nothing was lost, to where it really is',
  patience(60_000),
  async () => {
    const order = fc.array(fc.nat(9), { minLength: 0, maxLength: 9 });
    await fc.assert(
      fc.asyncProperty(stories, starts, order, fc.boolean(), async (story, start, picks, isAll) => {
        const { invitation, tell, read, told: news } = await sentInvite({ status: start });
        const { end, told } = STORIES[story](invitation);
        const wanted = picks.map((pick) => pick % told.length);
        // Whatever was not delivered by then comes in the end, unless it is lost.
        const missing = told.map((_, index) => index).filter((index) => !wanted.includes(index));
        const deliveries = isAll ? [...wanted, ...missing] : wanted;
        let before = await read();
        for (const index of deliveries) {
          await tell(told[index] as Record<string, unknown>);
          const after = await read();
          if (after.status !== before.status) {
            expect(FORWARD[before.status]).toContain(after.status);
            expect(after.proved_by).toMatch(/^(shared_channel_invite_\w+|channel_shared)$/);
          } else expect(after.proved_by).toBe(before.proved_by);
          before = after;
        }
        // Each step is told, once, and in its order.
        const steps = [
          'Invite Accepted',
          before.status === 'declined' ? 'Invite Declined' : 'Invite Connected',
        ];
        expect(news).toEqual(steps.filter((step) => news.includes(step)));
        const last = {
          accepted: 'Invite Accepted',
          connected: 'Invite Connected',
          declined: 'Invite Declined',
        };
        if (before.status in last) expect(news.at(-1)).toBe(last[before.status as 'accepted']);
        if (isAll) expect(before.status).toBe(end);
        expect(JSON.stringify(before)).not.toMatch(/someone-else|Someone/);
      }),
      runs(150),
    );
  },
);

describe('an invite shows', () => {
  test('when it was accepted and connected, and by which workspace', async () => {
    const { invitation, tell, read } = await sentInvite();
    await tell(accepted(invitation, SENT + 20, { approval: true }));
    expect(await read()).toMatchObject({
      status: 'accepted',
      accepted_at: iso(SENT + 20),
      accepting_team: THEIRS,
      // An acceptance has 14 days of its own.
      expires_at: iso(SENT + 20 + 1_209_600),
      proved_by: 'shared_channel_invite_accepted',
    });
    await tell(shared(invitation.channel, SENT + 90));
    const invite = await read();
    expect(invite).toMatchObject({
      status: 'connected',
      accepted_at: iso(SENT + 20),
      connected_at: iso(SENT + 90),
      accepting_team: THEIRS,
      proved_by: 'channel_shared',
    });
    expect(invite.expires_at).toBeUndefined();
  });

  test('both times at once where nobody has to approve', async () => {
    const { invitation, tell, read } = await sentInvite();
    await tell(accepted(invitation, SENT + 20, { isIn: true }));
    expect(await read()).toMatchObject({
      status: 'connected',
      accepted_at: iso(SENT + 20),
      connected_at: iso(SENT + 20),
    });
  });
});

describe('an event', () => {
  test('finds the invite by channel and recipient where there is no pointer', async () => {
    const { invitation, tell, read } = await sentInvite({}, false);
    await tell(accepted({ ...invitation, email: invitation.email.toUpperCase() }, SENT + 20));
    expect((await read()).status).toBe('connected');
  });

  test('about an invitation of somebody else changes nothing', async () => {
    const { invitation, tell, read } = await sentInvite({}, false);
    const foreign = { ...invitation, id: 'I0OTHER', by: 'U0SOMEBODY1' };
    expect(await tell(accepted(foreign, SENT + 20))).toBe('foreign');
    expect((await read()).status).toBe('sent');
  });

  test.each(['sending', 'unknown'] as const)(
    'settles an invite that is %s, and shows the invitation',
    async (status) => {
      const error = { class: 'OutcomeUnknown', code: 'no_usable_answer', at: iso(SENT) } as const;
      const { invitation, tell, read } = await sentInvite({ status, error });
      await tell(accepted(invitation, SENT + 20, { approval: true }));
      const invite = await read();
      expect(invite).toMatchObject({ status: 'accepted', slack: { invite_id: invitation.id } });
      expect(invite.error).toBeUndefined();
    },
  );

  test('that declines an earlier invitation does not end a later one', async () => {
    const { invitation, tell, read } = await sentInvite();
    await tell(declined({ ...invitation, id: 'I0EARLIER' }, SENT + 20));
    expect((await read()).status).toBe('sent');
  });

  test('of a connection from before the acceptance connects nobody', async () => {
    const { invitation, tell, read } = await sentInvite();
    await tell(shared(invitation.channel, SENT - 5000));
    await tell(accepted(invitation, SENT + 20, { approval: true }));
    expect((await read()).status).toBe('accepted');
  });

  test('ends a resend in the queue where the person has come in after all', async () => {
    const { invitation, id, tell, read, stored, write } = await sentInvite();
    const before = await stored();
    const previous = await read();
    const queue = { generation: 7, since: 1, until: 9e12, resend: 1, previous };
    const waiting = { ...previous, status: 'queued' as const };
    const item = { id, revision: randomUUID(), ttl: 1, queue, invite: waiting };
    expect(await write(item, before?.revision, INVOCATION)).toBe(true);
    await tell(accepted(invitation, SENT + 20));
    expect(await read()).toMatchObject({ status: 'connected', attempts: 1 });
    const after = await stored();
    expect(after?.queue).toBeUndefined();
    expect(after?.generation).toBe(7);
  });
});
