import { readFileSync } from 'node:fs';
import type { AppsManifestValidateArguments } from '@slack/web-api';
import { expect, test } from 'vitest';
import { SCOPE } from '../../functions/slack/method.ts';
import { READ_SCOPES } from '../../infra/operate/check-slack.ts';
import manifest from '../../slack-app.json' with { type: 'json' };

// The shape that Slack's own client takes, checked by the compiler.
type Manifest = AppsManifestValidateArguments['manifest'];
type BotScopes = NonNullable<NonNullable<Manifest['oauth_config']>['scopes']>['bot'];
const { scopes } = manifest.oauth_config;
const typed = {
  ...manifest,
  oauth_config: { scopes: { bot: scopes.bot as string[] & BotScopes } },
} satisfies Manifest;

/** The members of Slack's schema, version 1, that a manifest of ours may have. */
const MEMBERS = {
  display_information: ['name', 'description', 'long_description', 'background_color'],
  bot_user: ['display_name', 'always_online'],
  settings: [
    ...['allowed_ip_address_ranges', 'event_subscriptions', 'incoming_webhooks', 'interactivity'],
    ...['org_deploy_enabled', 'socket_mode_enabled', 'is_hosted', 'token_rotation_enabled'],
  ],
};

test('the manifest keeps to the limits of the schema that Slack publishes', () => {
  const { name, description, long_description, background_color } = typed.display_information;
  expect(name.length).toBeLessThanOrEqual(35);
  expect(description.length).toBeLessThanOrEqual(140);
  expect(long_description.length).toBeGreaterThanOrEqual(175);
  expect(long_description.length).toBeLessThanOrEqual(4000);
  expect(background_color).toMatch(/^#[0-9a-f]{6}$/);
  expect(typed.features.bot_user.display_name).toMatch(/^[a-z0-9._-]{1,80}$/);
  expect(MEMBERS.display_information).toEqual(
    expect.arrayContaining(Object.keys(typed.display_information)),
  );
  expect(MEMBERS.bot_user).toEqual(expect.arrayContaining(Object.keys(typed.features.bot_user)));
  expect(MEMBERS.settings).toEqual(expect.arrayContaining(Object.keys(typed.settings)));
  expect(typed._metadata.major_version).toBe(1);
});

test('its scopes are the one that sends and the two that the doctor reads with', () => {
  expect(typed.oauth_config.scopes.bot.toSorted()).toEqual([SCOPE, ...READ_SCOPES].toSorted());
});

test('nothing in it gives the app a token that expires, or the right to manage invitations', () => {
  expect(typed.settings.token_rotation_enabled).toBe(false);
  expect(readFileSync('slack-app.json', 'utf8')).not.toContain('conversations.connect:manage');
});
