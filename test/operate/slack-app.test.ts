import { expect, test } from 'vitest';
import { slackApp } from '../../infra/operate/slack-app.ts';
import manifest from '../../slack-app.json' with { type: 'json' };
import { startLocalRun } from '../support/local-run.ts';
import { operate } from '../support/operated.ts';

test('the manifest of a stack that takes events has its address and the events that it follows', async () => {
  const run = await startLocalRun({ lifecycle: true });
  const { code, output } = await operate(run, slackApp);
  await run.close();
  expect(code).toBe(0);
  const { event_subscriptions, ...settings } = JSON.parse(output).settings;
  expect({ ...JSON.parse(output), settings }).toEqual(manifest);
  expect(event_subscriptions).toEqual({
    request_url: `${run.stack.apiUrl}/slack/events`,
    bot_events: [
      ...['app_uninstalled', 'channel_id_changed', 'channel_shared', 'channel_unshared'],
      'shared_channel_invite_accepted',
      'shared_channel_invite_approved',
      'shared_channel_invite_declined',
      'tokens_revoked',
    ],
  });
});

test('for a stack that takes none it says what to do', async () => {
  const run = await startLocalRun();
  const { code, output } = await operate(run, slackApp);
  await run.close();
  expect(code).toBe(1);
  expect(output).toContain('set the configuration key lifecycle');
});
