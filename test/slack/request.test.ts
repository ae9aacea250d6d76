import { describe, expect, test, vi } from 'vitest';
import { httpAnswer, startAnsweringServer } from '../support/hostile-server.ts';
import { ACCEPTED, invite, json, MARKER, resultOf } from './client.world.ts';

describe('the request', () => {
  test('leaves as one form, the token only in its header', async () => {
    const { port, received } = await startAnsweringServer(httpAnswer(200, json(ACCEPTED)));
    await invite(port);
    const form =
      'channel=C0PARTNER01&emails=%5B%22casey%2Btag%40partner.example%22%5D&external_limited=true';
    expect(received).toEqual([
      [
        'POST /api/conversations.inviteShared HTTP/1.1',
        `host: 127.0.0.1:${port}`,
        'connection: keep-alive',
        'authorization: Bearer xoxb-1-secret',
        'content-type: application/x-www-form-urlencoded',
        'accept: application/json',
        'user-agent: slack-connect-invites',
        `content-length: ${form.length}`,
        '',
        form,
      ].join('\r\n'),
    ]);
  });

  test('names a user id and external_limited=false where they are asked for', async () => {
    const { port, received } = await startAnsweringServer(httpAnswer(200, json(ACCEPTED)));
    await invite(port, {
      args: { channel: 'C0PARTNER01', user_ids: ['U012AB3CD4E'], external_limited: false },
    });
    expect(received[0]?.split('\r\n').at(-1)).toBe(
      'channel=C0PARTNER01&user_ids=%5B%22U012AB3CD4E%22%5D&external_limited=false',
    );
  });

  test('is plain ASCII whatever the arguments hold', async () => {
    const { port, received } = await startAnsweringServer(httpAnswer(200, json(ACCEPTED)));
    await invite(port, {
      args: { channel: 'C\r\n&ü€', emails: ['"ü\r\n\u0000,&="@b.co'], external_limited: true },
    });
    const form = received[0]?.split('\r\n\r\n')[1] ?? '';
    expect(form).toMatch(/^[\x21-\x7e]+$/);
    expect(Object.fromEntries(new URLSearchParams(form))).toEqual({
      channel: 'C\r\n&ü€',
      emails: json(['"ü\r\n\u0000,&="@b.co']),
      external_limited: 'true',
    });
  });

  test('has a connection of its own, which is closed behind it', async () => {
    const server = await startAnsweringServer(httpAnswer(200, json(ACCEPTED)));
    for (let call = 0; call < 3; call += 1) await invite(server.port);
    expect(server.received).toHaveLength(3);
    await vi.waitFor(() => expect(server.open()).toBe(0), 2000);
  });

  test('goes to no other address than its own', async () => {
    const elsewhere = await startAnsweringServer(httpAnswer(200, json(ACCEPTED)));
    const location = `http://127.0.0.1:${elsewhere.port}/api/conversations.inviteShared`;
    for (const status of [301, 302, 303, 307, 308]) {
      const result = await resultOf(httpAnswer(status, MARKER, { location }));
      expect(result).toEqual({ kind: 'unknown', reason: `http_${status}` });
    }
    expect(elsewhere.received).toEqual([]);
  });
});
