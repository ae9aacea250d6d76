import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { methodRules, tokenRules } from '../../infra/local/slack/rules-caller.ts';
import { channelRules } from '../../infra/local/slack/rules-channel.ts';
import { recipientRules } from '../../infra/local/slack/rules-recipient.ts';
import { requestRules } from '../../infra/local/slack/rules-request.ts';
import { roomRules } from '../../infra/local/slack/rules-room.ts';
import { senderRules } from '../../infra/local/slack/rules-sender.ts';
import { TRIGGERS } from '../../infra/local/slack/triggers.ts';
import { freshWorld } from '../../infra/local/slack/world.ts';
import page from '../fixtures/method-page.json' with { type: 'json' };

const FOLDER = new URL('../../infra/local/slack', import.meta.url);
const files = readdirSync(FOLDER).filter((name) => name.startsWith('rules'));
const sources = files.map((name) => [name, readFileSync(new URL(name, FOLDER), 'utf8')] as const);

const ALL = [
  ...tokenRules,
  ...methodRules,
  ...requestRules,
  ...channelRules,
  ...senderRules,
  ...recipientRules,
  ...roomRules,
];

test.each(sources)('%s names nothing of the world', (_name, source) => {
  const { workspaces, users, channels, tokens } = freshWorld();
  const names = [workspaces, users, channels, tokens].flatMap((entries) => Object.keys(entries));
  expect(names.filter((name) => source.includes(name))).toEqual([]);
  expect(source).not.toMatch(/['"`](xox|xapp)|['"`][TEUWCDGABI]0?[A-Z\d]{7,}['"`]/);
});

test.each(sources)('every rule in %s quotes its row of the page', (_name, source) => {
  const rules = source.match(/^( {2}\{ code: '| {4}code: ')/gm)?.length ?? 0;
  const cited = source.match(/^ {2}\/\/ (.|\n {2}\/\/ )*\n {2}\{( code: '|\n {4}code: ')/gm);
  expect(cited?.length ?? 0).toBe(rules);
});

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
