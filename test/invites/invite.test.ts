import { expect, test } from 'vitest';
import { INVITE_ID, inviteId } from '../../functions/invites/invite.ts';
import type { Recipient } from '../../functions/invites/recipient.ts';

const idOf = (
  value: string,
  { channel = 'C0PARTNER01', kind = 'email' }: { channel?: string; kind?: Recipient['kind'] } = {},
) => inviteId({ channel, recipient: { kind, value } });

test('the same person in the same channel is the same invite, however the address is written', () => {
  expect(idOf('Ann.Lee@Partner.example')).toBe(idOf('ann.lee@partner.EXAMPLE'));
});

test('another person, another channel or another kind of recipient is another invite', () => {
  const ids = [
    idOf('ann@partner.example'),
    idOf('bob@partner.example'),
    idOf('ann@partner.example', { channel: 'C0PARTNER02' }),
    idOf('ann@partner.example', { kind: 'user_id' }),
  ];
  expect(new Set(ids).size).toBe(ids.length);
});

test('an id never changes between versions: the ledger finds nobody under another one', () => {
  expect(idOf('ann@partner.example')).toBe('inv1_KKKouwptpV1RWdD5h6Hp_Arw9eo3S7gc');
});

test('an id says nothing of the person, and fits wherever an id is expected', () => {
  const id = idOf('ann@partner.example');
  expect(id).toMatch(INVITE_ID);
  expect(id).toMatch(/^[\w-]{1,60}$/);
  expect(id).not.toMatch(/ann|partner/);
});
