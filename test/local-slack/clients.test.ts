import {
  ErrorCode,
  LogLevel,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
  WebClient,
} from '@slack/web-api';
import { SlackAPIClient, SlackAPIConnectionError, SlackAPIError } from 'slack-web-api-client';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Client, startSlack, TOKEN } from '../support/local-slack.ts';

const HTML = { status: 502, body: '<html>Bad gateway</html>', times: 1 };
const invitation = { channel: 'C0PARTNER01', emails: ['casey@partner.example'] };

let slack: Client;
beforeAll(async () => {
  slack = await startSlack();
});
beforeEach(() => slack.sandbox('reset', {}));
afterAll(() => slack.close());

/** What a call is rejected with. */
const errorOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => expect.unreachable('the call was accepted'),
    (error: unknown) => error,
  );

describe('@slack/web-api', () => {
  const client = (token = TOKEN) =>
    new WebClient(token, {
      slackApiUrl: slack.apiUrl,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      logLevel: LogLevel.ERROR,
      timeout: 10_000,
    });
  const invite = (change = {}, token = TOKEN) =>
    client(token).conversations.inviteShared({ ...invitation, ...change });

  test('gives the fields of an accepted invitation, scopes of the headers among them', async () => {
    expect(await invite()).toMatchObject({
      ok: true,
      invite_id: 'I0000000001',
      is_legacy_shared_channel: false,
      response_metadata: { scopes: ['conversations.connect:write', 'chat:write'] },
    });
    expect(await slack.sandbox('mailbox')).toMatchObject([
      { recipient_email: 'casey@partner.example' },
    ]);
  });

  test('gives url and conf_code when asked for full access', async () => {
    const answer = await invite({ external_limited: false });
    expect(answer.url).toContain(answer.conf_code);
    expect(await slack.sandbox('invites')).toMatchObject([{ external_limited: false }]);
  });

  test('takes one address as a plain string, and people by user id', async () => {
    const one = 'casey@partner.example' as unknown as string[];
    expect(await invite({ emails: one })).toMatchObject({ ok: true });
    const { channel } = invitation;
    const byId = client().conversations.inviteShared({ channel, user_ids: ['U0PARTNER02'] });
    expect(await byId).toMatchObject({ ok: true });
  });

  test('throws WebAPIPlatformError with the code of a refusal', async () => {
    const error = await errorOf(invite({ channel: 'C0ARCHIVE01' }));
    expect(error).toBeInstanceOf(WebAPIPlatformError);
    expect(error).toMatchObject({
      code: ErrorCode.PlatformError,
      data: { ok: false, error: 'channel_archived' },
    });
  });

  test('hands on needed and provided of missing_scope', async () => {
    const error = await errorOf(invite({}, 'xoxb-local-acme-noscope'));
    expect(error).toMatchObject({
      code: ErrorCode.PlatformError,
      data: {
        error: 'missing_scope',
        needed: 'conversations.connect:write',
        provided: 'chat:write,channels:read',
      },
    });
  });

  test('throws WebAPIRateLimitedError with the seconds of Retry-After', async () => {
    await slack.sandbox('faults', { error: 'ratelimited', retry_after: 7, times: 1 });
    const error = await errorOf(invite());
    expect(error).toBeInstanceOf(WebAPIRateLimitedError);
    expect(error).toMatchObject({ code: ErrorCode.RateLimitedError, retryAfter: 7 });
  });

  test('throws WebAPIHTTPError for a gateway that answers in HTML', async () => {
    await slack.sandbox('faults', HTML);
    const error = await errorOf(invite());
    expect(error).toBeInstanceOf(WebAPIHTTPError);
    expect(error).toMatchObject({ code: ErrorCode.HTTPError, statusCode: 502, body: HTML.body });
  });

  test('takes HTML with status 200 for a refusal whose code is the page', async () => {
    await slack.sandbox('faults', { body: HTML.body, times: 1 });
    const error = await errorOf(invite());
    expect(error).toBeInstanceOf(WebAPIPlatformError);
    expect(error).toMatchObject({ data: { error: HTML.body } });
  });

  test.each([{ hang: true }, { drop: 'after' }])(
    'throws WebAPIRequestError after %j',
    async (fault) => {
      await slack.sandbox('faults', { ...fault, times: 1 });
      const error = await errorOf(invite());
      expect(error).toBeInstanceOf(WebAPIRequestError);
      expect(error).toMatchObject({ code: ErrorCode.RequestError });
    },
  );

  test('knows its workspace by auth.test', async () => {
    expect(await client().auth.test()).toMatchObject({ ok: true, team_id: 'T0ACMECORP1' });
  });
});

describe('slack-web-api-client', () => {
  const client = (token = TOKEN) =>
    new SlackAPIClient(token, { baseUrl: slack.apiUrl, retryHandlers: [] });
  const invite = (change = {}, token = TOKEN) =>
    client(token).conversations.inviteShared({ ...invitation, ...change });

  test('gives the fields of an accepted invitation', async () => {
    expect(await invite()).toMatchObject({ ok: true, invite_id: 'I0000000001' });
  });

  test('throws SlackAPIError with the code of a refusal', async () => {
    const error = await errorOf(invite({ channel: 'C0ARCHIVE01' }));
    expect(error).toBeInstanceOf(SlackAPIError);
    expect(error).toMatchObject({ error: 'channel_archived', result: { ok: false } });
  });

  test('hands on needed and provided of missing_scope', async () => {
    const error = await errorOf(invite({}, 'xoxb-local-acme-noscope'));
    expect(error).toMatchObject({
      error: 'missing_scope',
      result: { needed: 'conversations.connect:write', provided: 'chat:write,channels:read' },
    });
  });

  test('throws SlackAPIConnectionError with status and Retry-After when it is limited', async () => {
    await slack.sandbox('faults', { error: 'ratelimited', retry_after: 7, times: 1 });
    const error = await errorOf(invite());
    expect(error).toBeInstanceOf(SlackAPIConnectionError);
    expect(error).toMatchObject({ status: 429 });
    expect((error as SlackAPIConnectionError).headers?.get('retry-after')).toBe('7');
  });

  test('throws SlackAPIConnectionError for a gateway that answers in HTML', async () => {
    await slack.sandbox('faults', HTML);
    const error = await errorOf(invite());
    expect(error).toBeInstanceOf(SlackAPIConnectionError);
    expect(error).toMatchObject({ status: 502, body: HTML.body });
  });
});
