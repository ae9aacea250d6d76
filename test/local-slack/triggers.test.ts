import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { CODES } from '../../functions/slack/codes.ts';
import { METHOD } from '../../functions/slack/method.ts';
import type { Trigger, TriggerRequest, WrittenRequest } from '../../infra/local/slack/triggers.ts';
import { type Client, startSlack } from '../support/local-slack.ts';

let slack: Client;
let triggers: Record<string, Trigger>;
beforeAll(async () => {
  slack = await startSlack({ ratePerMinute: 20 });
  ({ triggers } = await slack.sandbox('world'));
});
beforeEach(() => slack.sandbox('reset', {}));
afterAll(() => slack.close());

/** Reads a trigger as somebody does who has only its JSON. */
const pull = async (trigger: Trigger | undefined): Promise<Response> => {
  if (!trigger) throw new Error('no such trigger');
  if ('fault' in trigger) {
    await slack.sandbox('faults', trigger.fault);
    return pull(triggers.ok);
  }
  return 'body' in trigger.request ? write(trigger.request) : ask(trigger.request);
};
const write = ({ method, path, headers, body }: WrittenRequest) =>
  fetch(slack.url + path, { method, headers, body });
const ask = ({ token, ...json }: TriggerRequest) =>
  fetch(slack.apiUrl + METHOD, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json; charset=utf-8',
    },
    body: JSON.stringify(json),
  });

test('there is a trigger for every code, and ok', () => {
  expect(Object.keys(triggers).sort()).toEqual(['ok', ...Object.keys(CODES)].sort());
});

test.each(Object.keys(CODES))('the trigger of %s answers it and sends nothing', async (code) => {
  const response = await pull(triggers[code]);
  expect(await response.json()).toMatchObject({ ok: false, error: code });
  expect(response.status).toBe(code === 'ratelimited' ? 429 : 200);
  expect(response.headers.get('retry-after')).toBe(code === 'ratelimited' ? '3' : null);
  expect(await slack.sandbox('invites')).toEqual([]);
  expect(await slack.sandbox('mailbox')).toEqual([]);
});

test('a trigger that was a fault leaves none behind', async () => {
  await pull(triggers.internal_error);
  expect(await (await pull(triggers.ok)).json()).toMatchObject({ ok: true });
});

test('faults are for what no state and no request can bring about', () => {
  const faults = Object.keys(triggers).filter((code) => 'fault' in (triggers[code] ?? {}));
  expect(faults.sort()).toEqual([
    'deprecated_endpoint',
    'fatal_error',
    'internal_error',
    'invite_lookup_error',
    'invite_not_found',
    'method_deprecated',
    'ratelimit',
    'ratelimited',
    'service_unavailable',
  ]);
});
