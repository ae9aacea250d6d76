// Longer than other files, because it is one table that is read as a whole.

/** What the doctor looks at, in the order of its report. */
export const CHECKS = {
  secret: 'The secret is there, and of a shape that the functions read',
  token: 'Slack accepts the token (`auth.test`)',
  scopes: 'The token has the scopes that it needs, and none that it must not have',
  workspace: 'The token belongs to the workspace of the configuration',
  channels: 'The bot is in each channel of the configuration, and each can be shared',
  sources: "Each HR source's secret is there and long enough",
  table: 'The table has what a ledger needs: an adopted one may lack it',
  gate: 'The gate, which paces all calls to Slack',
  lane: 'The lane, which paces the queue',
  requests: 'Requests and events that wait: none blocked, none too old',
  executions: 'Executions that run',
  alarms: 'Alarms, and whether somebody is told',
  clock: "This machine's clock",
  versions: 'The deployed code and this checkout',
} as const;

export type Check = keyof typeof CHECKS;

/** `broken` makes the exit code 1. */
export type Level = 'broken' | 'warning' | 'not_checked';

type Finding = { check: Check; level: Level; finds: string; remedy: string };

/**
 * Everything that the doctor can find. The report and docs/doctor.md read this table; a value of the
 * report stands here as `{name}`.
 */
export const FINDINGS = {
  secret_unreadable: {
    check: 'secret',
    level: 'broken',
    finds: 'The secret cannot be read: {reason}.',
    remedy:
      'Check that the secret {secret} exists, and that your role may read it and decrypt its key.',
  },
  secret_without_token: {
    check: 'secret',
    level: 'broken',
    finds: 'The secret holds no token.',
    remedy:
      'Put the token in with "npm run token": the bare token, which begins with xoxb-, or {"token":"xoxb-…"}.',
  },
  token_refused: {
    check: 'token',
    level: 'broken',
    finds: 'Slack refuses the token: {code}.',
    remedy: 'Reinstall the Slack app, and put the new token in with "npm run token".',
  },
  token_of_another_kind: {
    check: 'token',
    level: 'broken',
    finds: 'The token is not a bot token.',
    remedy: 'Take the "Bot User OAuth Token" of the app, which begins with xoxb-.',
  },
  token_short_lived: {
    check: 'token',
    level: 'warning',
    finds: 'The token lives 12 hours: the app has token rotation on.',
    remedy: 'Let something write each new token into the secret, or use an app without rotation.',
  },
  slack_unreachable: {
    check: 'token',
    level: 'broken',
    finds: 'Slack does not answer: {reason}.',
    remedy:
      'Check the network of this machine, and https://slack-status.com. The functions have a network of their own.',
  },
  scope_missing: {
    check: 'scopes',
    level: 'broken',
    finds: 'The token lacks the scope {scope}.',
    remedy:
      'Add the scope to the app (slack-app.json has it), reinstall the app, put the token in.',
  },
  scope_manage: {
    check: 'scopes',
    level: 'broken',
    finds: 'The token has the scope conversations.connect:manage.',
    remedy:
      "Remove the scope and reinstall the app: with it, the bot's invitations pass the workspace's own rules about who approves them, and anyone who gets hold of the token can approve and list all Slack Connect invitations.",
  },
  scope_needless: {
    check: 'scopes',
    level: 'warning',
    finds: 'The token has scopes that nothing here uses: {scopes}.',
    remedy: 'Remove them from the app and reinstall it, or use an app of its own for this.',
  },
  workspace_wrong: {
    check: 'workspace',
    level: 'broken',
    finds: 'The token belongs to the workspace {actual}, and the configuration names {workspace}.',
    remedy:
      'Put a token of the right workspace in, or correct the configuration key workspace and deploy.',
  },
  workspace_any: {
    check: 'workspace',
    level: 'warning',
    finds:
      'The configuration names no workspace: a token of any one is used. This one belongs to {actual}.',
    remedy: 'Set the configuration key workspace to {actual} and deploy.',
  },
  channel_not_found: {
    check: 'channels',
    level: 'broken',
    finds: '{channel}: Slack does not know it, or it is private and the bot is not in it.',
    remedy: 'Correct the id, or invite the bot there: /invite @NAME-OF-THE-APP.',
  },
  channel_without_bot: {
    check: 'channels',
    level: 'broken',
    finds: '{channel}: the bot is not in it.',
    remedy: 'Invite the bot there: /invite @NAME-OF-THE-APP.',
  },
  channel_not_shareable: {
    check: 'channels',
    level: 'broken',
    finds: '{channel}: it cannot be shared, since {reason}.',
    remedy: 'Name another channel in the configuration, or change this one in Slack.',
  },
  channels_unseen: {
    check: 'channels',
    level: 'not_checked',
    finds: 'The token lacks {scope}, with which a channel is looked at.',
    remedy:
      'Nothing has to be done. With the scopes channels:read and groups:read this is checked, too.',
  },
  channels_any: {
    check: 'channels',
    level: 'not_checked',
    finds: 'The configuration allows every channel that the bot is in.',
    remedy: 'Nothing has to be done. Listed channels are checked one by one.',
  },
  channels_many: {
    check: 'channels',
    level: 'not_checked',
    finds: '{checked} of {all} channels were checked: Slack permits some 50 a minute.',
    remedy: 'Nothing has to be done. Each run checks others.',
  },
  source_secrets_unreadable: {
    check: 'sources',
    level: 'broken',
    finds: "The HR sources' secret cannot be read: {reason}.",
    remedy: 'Check that the secret {secret} exists, and that your role may read and decrypt it.',
  },
  source_without_secret: {
    check: 'sources',
    level: 'broken',
    finds: '{source}: it has no signing secret, so every delivery is refused.',
    remedy: 'Put it in as the member {source} of the JSON in {secret}.',
  },
  source_secret_short: {
    check: 'sources',
    level: 'broken',
    finds: '{source}: a signing secret is shorter than {least} bytes and counts as none.',
    remedy: 'Make a longer one at the HR system, and put it in.',
  },
  source_without_credential: {
    check: 'sources',
    level: 'broken',
    finds: '{source}: its lookup has no credential, so no address is found.',
    remedy: 'Put it into {secret}.',
  },
  table_of_another_key: {
    check: 'table',
    level: 'broken',
    finds: 'The key of the table is {keys}, and not pk: it is no ledger.',
    remedy: 'Adopt another table.',
  },
  table_without_index: {
    check: 'table',
    level: 'broken',
    finds: 'The table lacks the index {index}, or it has other keys or attributes.',
    remedy:
      'Restore the table with its indexes. To the table of an older version none can be added: deploy a new stack.',
  },
  table_without_expiry: {
    check: 'table',
    level: 'broken',
    finds: 'The table keeps items for ever: nothing expires by ttl.',
    remedy:
      'aws dynamodb update-time-to-live --table-name {table} --time-to-live-specification Enabled=true,AttributeName=ttl',
  },
  table_without_recovery: {
    check: 'table',
    level: 'broken',
    finds: 'The table cannot be restored to a point in time.',
    remedy:
      'aws dynamodb update-continuous-backups --table-name {table} --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true',
  },
  table_unprotected: {
    check: 'table',
    level: 'warning',
    finds: 'Anybody who may delete tables may delete this one.',
    remedy: 'aws dynamodb update-table --table-name {table} --deletion-protection-enabled',
  },
  table_upkeep_unseen: {
    check: 'table',
    level: 'not_checked',
    finds: 'On this machine, tables have no expiry and no recovery.',
    remedy: 'Nothing has to be done.',
  },
  gate_closed: {
    check: 'gate',
    level: 'warning',
    finds: 'Slack said 429: no call before {until}.',
    remedy:
      'Wait. If it comes again and again, something else uses the app, or ratePerMinute is too high.',
  },
  gate_insane: {
    check: 'gate',
    level: 'broken',
    finds: 'The gate says {value}, which nothing here writes.',
    remedy:
      'Open it: delete the item gate#conversations.inviteShared (docs/operating.md, RateLimited).',
  },
  lane_ahead: {
    check: 'lane',
    level: 'broken',
    finds: 'The lane is taken until {until}, and no execution runs.',
    remedy:
      'Give the tickets back: delete the item lane#conversations.inviteShared (docs/operating.md, A queue that does not move).',
  },
  lane_insane: {
    check: 'lane',
    level: 'broken',
    finds: 'The lane says {value}, which nothing here writes.',
    remedy: 'Delete the item lane#conversations.inviteShared.',
  },
  queue_blocked: {
    check: 'requests',
    level: 'broken',
    finds: 'The queue is blocked since {since} by {class}, {code}.',
    remedy: 'Mend what the code says (docs/errors.md). The queue goes on by itself.',
  },
  requests_old: {
    check: 'requests',
    level: 'broken',
    finds: '{count} waited unchanged for over 30 minutes, the oldest since {since}.',
    remedy:
      'Look at one of them (docs/operating.md, Looking at one invite) and at its execution. A sweep begins anew what nobody is at work on.',
  },
  requests_unseen: {
    check: 'requests',
    level: 'not_checked',
    finds: 'The table has no index {index}: it is from an older version.',
    remedy: 'Deploy this version.',
  },
  executions_old: {
    check: 'executions',
    level: 'broken',
    finds: '{machine}: an execution runs since {since}, longer than any should.',
    remedy: 'Look at its history: aws stepfunctions get-execution-history --execution-arn {arn}.',
  },
  alarms_none: {
    check: 'alarms',
    level: 'warning',
    finds: 'The stack has no alarms: nobody is woken when somebody is harmed.',
    remedy: 'Set the configuration key observability and deploy (docs/configuration.md).',
  },
  alarms_unconnected: {
    check: 'alarms',
    level: 'broken',
    finds: 'Nobody is told by the alarm {alarm}.',
    remedy: 'Deploy with observability.alarmTopicArn or observability.alarmEmail.',
  },
  alarms_unconfirmed: {
    check: 'alarms',
    level: 'broken',
    finds: 'The topic {topic} has no confirmed subscription, so its alarms reach nobody.',
    remedy:
      'Open the link in the e-mail "AWS Notification - Subscription Confirmation", or subscribe somebody.',
  },
  alarms_off: {
    check: 'alarms',
    level: 'broken',
    finds: 'The actions of the alarm {alarm} are switched off.',
    remedy: 'aws cloudwatch enable-alarm-actions --alarm-names {alarm}',
  },
  alarms_raised: {
    check: 'alarms',
    level: 'broken',
    finds: 'The alarm {alarm} is raised since {since}.',
    remedy: "The alarm's description names its runbook.",
  },
  alarms_unseen: {
    check: 'alarms',
    level: 'not_checked',
    finds: '{reason}',
    remedy: 'Nothing has to be done. On AWS, alarms and their subscriptions are checked.',
  },
  clock_skewed: {
    check: 'clock',
    level: 'broken',
    finds: 'The clock of this machine differs by {seconds} s from that of the stack.',
    remedy: 'Set the clock: AWS refuses signatures that are 5 minutes old, and so does the door.',
  },
  code_differs: {
    check: 'versions',
    level: 'warning',
    finds: 'Deployed is {deployed}, and this checkout is {checkout}.',
    remedy: 'Deploy this checkout, or check out what is deployed before you judge by it.',
  },
  code_unknown: {
    check: 'versions',
    level: 'warning',
    finds: 'The deployed stack does not say which code it has: it is from an older version.',
    remedy: 'Deploy this version.',
  },
  check_failed: {
    check: 'versions',
    level: 'broken',
    finds: 'The check "{check}" could not be made: {reason}.',
    remedy: 'With AccessDenied, use a role with the permissions of docs/doctor.md.',
  },
} as const satisfies Record<string, Finding>;

export type FindingName = keyof typeof FINDINGS;

/** One line of the report. `detail` says what was found, or what was seen where nothing was. */
export type Reported = {
  check: Check;
  status: 'ok' | Level;
  finding?: FindingName;
  detail: string;
  remedy?: string;
};

/** @param values of the texts, by name. */
export const found = (
  finding: FindingName,
  values: Record<string, string | number> = {},
  check: Check = FINDINGS[finding].check,
): Reported => {
  const { level, finds, remedy } = FINDINGS[finding];
  const fill = (text: string) =>
    text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
  return { check, status: level, finding, detail: fill(finds), remedy: fill(remedy) };
};

export const sound = (check: Check, detail: string): Reported => ({ check, status: 'ok', detail });
