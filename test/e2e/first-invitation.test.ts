import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CHANNEL, type LocalRun, startLocalRun } from '../support/local-run.ts';

let run: LocalRun;
beforeAll(async () => {
  run = await startLocalRun({
    policy: {
      channels: {
        [CHANNEL]: { emailDomains: ['partner.example'], userIds: true, fullAccess: true },
      },
      deniedEmailDomains: ['acme.example'],
    },
  });
});
afterAll(() => run.close());
beforeEach(() => run.sandbox('POST', 'reset'));

let people = 0;
/** Somebody whom nobody has invited yet. */
const somebody = () => `person.${++people}@partner.example`;

describe('a first invitation', () => {
  test('reaches Slack, the mailbox and the ledger', async () => {
    const email = somebody();
    const { status, headers, body } = await run.post({
      channel: CHANNEL,
      emails: [email],
      reference: 'ticket-7',
    });

    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/invites/${body.id}`);
    expect(body).toMatchObject({
      channel: CHANNEL,
      recipient: email,
      status: 'sent',
      external_limited: true,
      attempts: 1,
      reference: 'ticket-7',
      source: { door: 'invite-api', caller: 'arn:aws:iam::000000000000:user/local' },
      slack: { is_legacy_shared_channel: false },
    });
    const lifetime = Date.parse(String(body.expires_at)) - Date.parse(String(body.created_at));
    expect(lifetime).toBe(14 * 24 * 3_600_000);
    expect(await run.sandbox('GET', 'invites')).toMatchObject([
      {
        id: (body.slack as { invite_id: string }).invite_id,
        channel: CHANNEL,
        recipient_email: email,
      },
    ]);
    expect(await run.sandbox('GET', 'mailbox')).toMatchObject([{ recipient_email: email }]);
    expect(await run.get(`/invites/${body.id}`)).toMatchObject({ status: 200, body });
  });

  test('asked again sends nothing and answers 200 with the same invite', async () => {
    const request = { channel: CHANNEL, emails: somebody() };
    const first = await run.post(request);
    const second = await run.post({ ...request, emails: [request.emails.toUpperCase()] });

    expect(second.status).toBe(200);
    expect(second.body).toEqual(first.body);
    expect(await run.slackCalls()).toBe(1);
  });

  test('asked for 20 times at once calls Slack once', async () => {
    const request = { channel: CHANNEL, emails: [somebody()] };
    // Once more where nothing was sent for want of the table, which a busy machine may bring about.
    const post = async (): ReturnType<typeof run.post> => {
      const answer = await run.post(request);
      return answer.body.class === 'Unavailable' ? post() : answer;
    };
    const answers = await Promise.all(Array.from({ length: 20 }, post));

    expect(await run.slackCalls()).toBe(1);
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    for (const { status, body, headers } of answers) {
      if (status === 409) {
        expect(body).toMatchObject({ class: 'InProgress', retryable: true });
        expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      } else expect([200, 201]).toContain(status);
    }
  });

  test('through both doors at once calls Slack once', async () => {
    const request = { channel: CHANNEL, emails: [somebody()] };
    await Promise.all([run.post(request), run.task(request), run.post(request), run.task(request)]);
    expect(await run.slackCalls()).toBe(1);
  });

  test('by user id goes out as a message inside Slack', async () => {
    const { status, body } = await run.post({ channel: CHANNEL, user_ids: ['U0PARTNER02'] });
    expect(status).toBe(201);
    expect(body.recipient).toBe('U0PARTNER02');
    expect(await run.sandbox('GET', 'invites')).toMatchObject([
      { recipient_user_id: 'U0PARTNER02' },
    ]);
    expect(await run.sandbox('GET', 'mailbox')).toMatchObject([{ via: 'slack' }]);
  });

  test('of somebody who is there already is 200, may be asked again, and is no attempt', async () => {
    const request = { channel: CHANNEL, emails: ['already.there@partner.example'] };
    for (let time = 0; time < 2; time += 1) {
      expect(await run.post(request)).toMatchObject({
        status: 200,
        body: { status: 'already_in_channel', attempts: 0 },
      });
    }
    expect(await run.slackCalls()).toBe(2);
  });
});

describe('a resend', () => {
  test('sends once more, and once only however often it is repeated', async () => {
    const request = { channel: CHANNEL, emails: [somebody()] };
    await run.post(request);

    expect(await run.post({ ...request, resend: 1 })).toMatchObject({
      status: 201,
      body: { attempts: 2 },
    });
    expect(await run.post({ ...request, resend: 1 })).toMatchObject({
      status: 200,
      body: { attempts: 2 },
    });
    expect(await run.slackCalls()).toBe(2);
  });

  test('of more than the invite shows is 409, and nothing is sent', async () => {
    const request = { channel: CHANNEL, emails: [somebody()] };
    await run.post(request);

    expect(await run.post({ ...request, resend: 2 })).toMatchObject({
      status: 409,
      body: { class: 'Conflict', code: 'resend_ahead', attempts: 1 },
    });
    expect((await run.task({ ...request, resend: 1_000_000 })).payload.errorType).toBe('Conflict');
    expect(await run.slackCalls()).toBe(1);
  });

  test('of an invite that does not exist (any more) is refused, and its remedy sends, once', async () => {
    const request = { channel: CHANNEL, emails: [somebody()] };
    expect(await run.post({ ...request, resend: 3 })).toMatchObject({
      status: 409,
      body: { code: 'resend_ahead', attempts: 0 },
    });
    const remedy = { ...request, resend: 0 };
    expect(await run.post(remedy)).toMatchObject({ status: 201, body: { attempts: 1 } });
    expect(await run.post(remedy)).toMatchObject({ status: 200, body: { attempts: 1 } });
    expect(await run.slackCalls()).toBe(1);
  });

  test('that Slack certainly did not carry out can be repeated as it stands', async () => {
    const request = { channel: CHANNEL, emails: [somebody()] };
    await run.post(request);
    await run.sandbox('POST', 'faults', { error: 'service_unavailable', times: 1 });

    expect(await run.post({ ...request, resend: 1 })).toMatchObject({ status: 503 });
    expect(await run.post(request)).toMatchObject({
      status: 200,
      body: { status: 'sent', attempts: 1 },
    });
    expect(await run.post({ ...request, resend: 1 })).toMatchObject({
      status: 201,
      body: { attempts: 2 },
    });
  });

  test('is what it takes to change the terms of a live invitation', async () => {
    const request = { channel: CHANNEL, emails: [somebody()] };
    await run.post(request);
    const other = { ...request, external_limited: false };

    expect(await run.post(other)).toMatchObject({
      status: 409,
      body: { class: 'Conflict', code: 'live_invite_with_other_terms', attempts: 1 },
    });
    expect(await run.post({ ...other, resend: 1 })).toMatchObject({
      status: 201,
      body: { external_limited: false },
    });
  });
});

describe('an invitation with full access', () => {
  test('hands out url and conf_code once, at the HTTP door, and keeps them nowhere', async () => {
    const request = { channel: CHANNEL, emails: [somebody()], external_limited: false };
    const first = await run.post(request);
    expect(first.body).toMatchObject({
      url: expect.stringMatching(/^https:/),
      conf_code: expect.any(String),
    });

    const again = await run.post(request);
    const shown = await run.get(`/invites/${first.body.id}`);
    const kept = await run.dynamo('Scan', {});
    for (const secret of [first.body.url, first.body.conf_code] as string[]) {
      expect(JSON.stringify([again.body, shown.body, kept])).not.toContain(secret);
    }
  });

  test('gives the task door neither', async () => {
    const { payload } = await run.task({
      channel: CHANNEL,
      emails: [somebody()],
      external_limited: false,
    });
    expect(payload.status).toBe('sent');
    expect(payload).not.toHaveProperty('url');
    expect(payload).not.toHaveProperty('conf_code');
  });
});
