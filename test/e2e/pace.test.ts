import { expect, test } from 'vitest';
import { loadConfig } from '../../infra/config/load.ts';
import { BUCKET_CAPACITY } from '../../infra/local/slack/limiter.ts';
import { CHANNEL, startLocalRun } from '../support/local-run.ts';

test('no burst can be configured that Slack would not tolerate', () => {
  const withBurst = (burst: number) => () => loadConfig({ slackConnectInvites: { burst } });
  expect(withBurst(BUCKET_CAPACITY - 1)).not.toThrow();
  expect(withBurst(BUCKET_CAPACITY)).toThrow('slackConnectInvites.burst');
});

test('a crowd at the same rate on both sides never meets a 429 of Slack', {
  timeout: 60_000,
}, async () => {
  const rate = 600;
  const run = await startLocalRun({ config: { ratePerMinute: rate, burst: 5 }, slackRate: rate });
  try {
    const request = async (person: number) => {
      const wish = { channel: CHANNEL, emails: [`crowd.${person}@partner.example`] };
      for (;;) {
        const { status, body } = await run.post(wish);
        if (status === 201) return;
        // By our own gate, or, on a busy machine, for want of an answer of the table.
        expect(body).toMatchObject({ retryable: true });
        expect(body.slack_error).toBeUndefined();
        await new Promise((resolve) => setTimeout(resolve, Number(body.retry_after) * 1000));
      }
    };
    // Twelve at a time, five people each.
    const start = Date.now();
    await Promise.all(
      Array.from({ length: 12 }, async (_, crowd) => {
        for (let person = 0; person < 5; person += 1) await request(crowd * 5 + person);
      }),
    );
    const minutes = (Date.now() - start) / 60_000;

    const calls = (await run.sandbox('GET', 'calls')) as Record<string, { answers: object }>;
    expect(calls['conversations.inviteShared']?.answers).toEqual({ ok: 60 });
    expect(60).toBeLessThanOrEqual(5 + Math.ceil(rate * minutes));
  } finally {
    await run.close();
  }
});
