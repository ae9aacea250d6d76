import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { METHOD } from '../../functions/slack/method.ts';
import type { Trigger } from '../../infra/local/slack/triggers.ts';
import { type Client, startSlack } from '../support/local-slack.ts';

// Rules look at properties of the world and of the call, never at a particular id or token. So in a
// world where everything has another name, each call meets the same answer.

/** The same text with other ids and tokens, each of the same form. */
const renamed = <T>(value: T): T =>
  JSON.parse(
    JSON.stringify(value)
      .replaceAll(/"([A-Z])0([A-Z\d]{7,})"/g, '"$1Z$2"')
      .replaceAll('-local-', '-other-'),
  );

let slack: Client;
let others: object;
let triggers: Record<string, Trigger>;
beforeAll(async () => {
  slack = await startSlack();
  const { workspaces, users, channels, tokens, ...rest } = await slack.sandbox('world');
  others = renamed({ workspaces, users, channels, tokens });
  triggers = renamed(rest.triggers);
});
beforeEach(async () => {
  await slack.sandbox('reset', {});
  await slack.sandbox('world', others);
});
afterAll(() => slack.close());

/** What a trigger's call is answered with; nothing for one that is a fault. */
const answerTo = async (trigger: Trigger): Promise<unknown> => {
  if ('fault' in trigger) return undefined;
  const { request } = trigger;
  if ('body' in request) {
    const { path, ...init } = request;
    return (await fetch(slack.url + path, init)).json();
  }
  const { token, ...json } = request;
  const response = await fetch(slack.apiUrl + METHOD, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(json),
  });
  return response.json();
};

test('every call meets the same answer in a world with other ids and tokens', async () => {
  const answers: Record<string, unknown> = {};
  const expected: Record<string, unknown> = {};
  for (const [code, trigger] of Object.entries(triggers)) {
    if ('fault' in trigger) continue;
    answers[code] = await answerTo(trigger);
    expected[code] = code === 'ok' ? { ok: true } : { ok: false, error: code };
  }
  expect(Object.keys(answers).length).toBeGreaterThan(50);
  expect(answers).toMatchObject(expected);
});

test('and the names really are others', () => {
  const text = JSON.stringify([others, triggers]);
  expect(text).toContain('"TZACMECORP1"');
  expect(text).toContain('"xoxb-other-acme-invites"');
  expect(text).not.toMatch(/"[A-Z]0[A-Z\d]{7,}"|-local-/);
});
