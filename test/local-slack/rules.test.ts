import { expect, test } from 'vitest';
import type { SlackCode } from '../../functions/slack/codes.ts';
import { methodRules, tokenRules } from '../../infra/local/slack/rules-caller.ts';
import { channelRules, roomRules, senderRules } from '../../infra/local/slack/rules-channel.ts';
import { recipientRules, requestRules } from '../../infra/local/slack/rules-recipient.ts';
import { TRIGGERS, type TriggerRequest } from '../../infra/local/slack/triggers.ts';
import page from '../fixtures/method-page.json' with { type: 'json' };

const RULES = [
  tokenRules,
  methodRules,
  requestRules,
  channelRules,
  senderRules,
  recipientRules,
  roomRules,
];
const CODES = RULES.flatMap((rules) => Object.keys(rules));

/** The calls that state or arguments decide about; a token that nobody has is a property of nothing. */
const BY_STATE = Object.entries(TRIGGERS).flatMap(([code, trigger]) =>
  'request' in trigger && 'token' in trigger.request && code !== 'invalid_auth'
    ? [[code, trigger.request] as [SlackCode | 'ok', TriggerRequest]]
    : [],
);

test('every rule answers a code of the page', () => {
  expect(CODES.filter((code) => !page.errors.includes(code))).toEqual([]);
});

test('no code has two rules', () => {
  expect(CODES.length).toBe(new Set(CODES).size);
});

test('every refusal by state has its rule', () => {
  const codes = BY_STATE.map(([code]) => code).filter((code) => code !== 'ok');
  expect(CODES.toSorted()).toEqual(codes.sort());
});
