import { expect } from 'vitest';
import type { SlackResult } from '../../functions/slack/answer.ts';
import { createSlackClient } from '../../functions/slack/client.ts';
import type { InviteArguments } from '../../functions/slack/method.ts';
import { startAnsweringServer } from '../support/hostile-server.ts';

export const TOKEN = 'xoxb-1-secret';

export const ARGUMENTS = {
  channel: 'C0PARTNER01',
  emails: ['casey+tag@partner.example'] as [string],
  external_limited: true,
};

/** Stands in whatever the servers say beside the facts: no result may repeat it. */
export const MARKER = 'qx-marker';

export const json = (value: unknown) => JSON.stringify(value);

export const ACCEPTED = { ok: true, invite_id: 'I02UKAJ6RJA', is_legacy_shared_channel: false };

export const refusalBody = (error: unknown) => json({ ok: false, error, note: MARKER });

/** One call of the method at a server of this machine. */
export const invite = (
  port: number,
  { scheme = 'http', args = ARGUMENTS as InviteArguments, timeoutMs = 2000 } = {},
): Promise<SlackResult> =>
  createSlackClient(new URL(`${scheme}://127.0.0.1:${port}/api/`)).inviteShared(
    TOKEN,
    args,
    timeoutMs,
  );

/** What the client makes of an answer. */
export const resultOf = async (answer: string): Promise<SlackResult> => {
  const { port } = await startAnsweringServer(answer);
  const result = await invite(port);
  expect(json(result)).not.toContain(MARKER);
  return result;
};
