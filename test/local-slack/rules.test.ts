import { expect, test } from 'vitest';
import type { SlackCode } from '../../functions/slack/codes.ts';
import { METHOD } from '../../functions/slack/method.ts';
import { methodRules, tokenRules } from '../../infra/local/slack/rules-caller.ts';
import { channelRules, roomRules, senderRules } from '../../infra/local/slack/rules-channel.ts';
import { recipientRules, requestRules } from '../../infra/local/slack/rules-recipient.ts';
import { TRIGGERS, type TriggerRequest } from '../../infra/local/slack/triggers.ts';
import { freshWorld } from '../../infra/local/slack/world.ts';
import page from '../fixtures/method-page.json' with { type: 'json' };
import { startSlack } from '../support/local-slack.ts';

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

test('no rule knows an id or a token: in a world of other names all answers are the same', async () => {
  const slack = await startSlack();
  const renamed = <Json>(json: Json): Json =>
    JSON.parse(
      JSON.stringify(json)
        .replace(/"([TEUCDGA])0([A-Z\d]{7,})"/g, (_, kind, rest) => `"${kind}9${rest}"`)
        .replace(/"(xox[\w.]*|xoxe\.xoxb|xapp)-local-/g, '"$1-other-'),
    );
  const world = freshWorld();
  const without = Object.entries(world).map(([section, entries]) => [
    section,
    Object.fromEntries(Object.keys(entries).map((id) => [id, null])),
  ]);
  await slack.sandbox('world', Object.fromEntries(without));
  const { workspaces } = await slack.sandbox('world', renamed(world));
  expect(Object.keys(workspaces)).toEqual(Object.keys(renamed(world.workspaces)));
  expect(Object.keys(workspaces)).not.toEqual(Object.keys(world.workspaces));

  const answers = BY_STATE.map(async ([code, request]) => {
    const { token, ...json } = renamed(request);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const response = await fetch(slack.apiUrl + METHOD, {
      method: 'POST',
      headers,
      body: JSON.stringify(json),
    });
    const { error = 'ok' } = (await response.json()) as { error?: string };
    return [code, error];
  });
  const codes = BY_STATE.map(([code]) => [code, code]);
  expect(await Promise.all(answers)).toEqual(codes);
  await slack.close();
});
