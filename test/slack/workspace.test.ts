import { describe, expect, test } from 'vitest';
import { createSlackClient } from '../../functions/slack/client.ts';
import { httpAnswer, startAnsweringServer } from '../support/hostile-server.ts';
import { json, MARKER, refusalBody, TOKEN } from './client.world.ts';

describe('the workspace of a token', () => {
  const workspaceOf = async (answer: string, timeoutMs = 1000) => {
    const server = await startAnsweringServer(answer);
    const client = createSlackClient(new URL(`http://127.0.0.1:${server.port}/api/`));
    return { server, workspace: await client.workspaceOf(TOKEN, timeoutMs) };
  };

  test('is asked by auth.test, the token in the header only', async () => {
    const body = json({ ok: true, team_id: 'T0ACMECORP1', url: MARKER });
    const { server, workspace } = await workspaceOf(httpAnswer(200, body));
    expect(workspace).toEqual({ teamId: 'T0ACMECORP1' });
    expect(server.received[0]).toMatch(/^POST \/api\/auth\.test HTTP\/1\.1\r\n/);
    expect(server.received[0]?.match(/xoxb-1-secret/g)).toHaveLength(1);
    expect(server.received[0]).toMatch(/authorization: Bearer xoxb-1-secret\r\n/);
  });

  test('is not given where Slack refuses the token, but the code is', async () => {
    const { workspace } = await workspaceOf(httpAnswer(200, refusalBody('token_revoked')));
    expect(workspace).toEqual({ code: 'token_revoked' });
  });

  test.each([
    ['HTML', httpAnswer(200, `<html>${MARKER}`)],
    ['null', httpAnswer(200, 'null')],
    ['a team_id that is no text', httpAnswer(200, json({ ok: true, team_id: 7 }))],
    ['another protocol', MARKER],
    ['silence', ''],
  ])('is unknown after %s', async (_name, answer) => {
    const { workspace } = await workspaceOf(answer, 250);
    expect(workspace).toEqual({});
  });
});
