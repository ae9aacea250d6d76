import { expect, test } from 'vitest';
import { methodRules, tokenRules } from '../../infra/local/slack/rules-caller.ts';
import { channelRules } from '../../infra/local/slack/rules-channel.ts';
import { recipientRules } from '../../infra/local/slack/rules-recipient.ts';
import { requestRules } from '../../infra/local/slack/rules-request.ts';
import { roomRules } from '../../infra/local/slack/rules-room.ts';
import { senderRules } from '../../infra/local/slack/rules-sender.ts';
import { TRIGGERS } from '../../infra/local/slack/triggers.ts';
import page from '../fixtures/method-page.json' with { type: 'json' };

const ALL = [
  ...tokenRules,
  ...methodRules,
  ...requestRules,
  ...channelRules,
  ...senderRules,
  ...recipientRules,
  ...roomRules,
];

test('every rule answers a code of the page', () => {
  expect(ALL.map(({ code }) => code).filter((code) => !page.errors.includes(code))).toEqual([]);
});

test('every refusal by state has its rule', () => {
  const byState = Object.entries(TRIGGERS).filter(
    ([, trigger]) => 'request' in trigger && 'token' in trigger.request,
  );
  // A token that nobody has is no property of anything.
  const others = ['ok', 'invalid_auth'];
  const codes = byState.map(([code]) => code).filter((code) => !others.includes(code));
  expect([...new Set(ALL.map(({ code }) => code))].sort()).toEqual(codes.sort());
});
