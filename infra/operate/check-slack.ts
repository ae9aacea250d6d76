import { inParallel } from '../../functions/lib/async.ts';
import { SCOPE } from '../../functions/slack/method.ts';
import { found, type Reported, sound } from './findings.ts';
import { callSlack, type SlackReply } from './slack.ts';

/** The scopes of the app's manifest: the first is needed, the others let the doctor see channels. */
export const READ_SCOPES = ['channels:read', 'groups:read'];
const MANAGE = 'conversations.connect:manage';

/** Where a token is checked, and against which configuration. */
export type SlackSide = {
  apiUrl: string;
  token: string;
  /** Of the configuration; undefined: any. */
  workspace: string | undefined;
  /** Of the configuration; `*` among them: every channel. */
  channels: readonly string[];
};

/** What Slack tells: token, scopes, workspace, channels. */
export const checkSlack = async (side: SlackSide): Promise<Reported[]> => {
  const { apiUrl, token } = side;
  const checked = await checkToken(side);
  if (!('reply' in checked)) return checked.reported;
  const { reply, reported } = checked;
  return [...reported, ...(await checkChannels(apiUrl, token, side.channels, reply.scopes))];
};

/** Token, scopes and workspace: what `npm run token` checks before it puts a token in. */
export const checkToken = async ({
  apiUrl,
  token,
  workspace,
}: Omit<SlackSide, 'channels'>): Promise<
  { reported: Reported[] } | { reported: Reported[]; reply: SlackReply }
> => {
  let reply: SlackReply;
  try {
    reply = await callSlack(apiUrl, 'auth.test', token);
  } catch (error) {
    return { reported: [found('slack_unreachable', { reason: (error as Error).message })] };
  }
  const { ok, error, team_id, bot_id, user } = reply.json;
  if (ok !== true) return { reported: [found('token_refused', { code: String(error) })] };
  const isBot = bot_id !== undefined && /^(xoxe\.)?xoxb-/.test(token);
  const isShortLived = token.startsWith('xoxe.');
  return {
    reply,
    reported: [
      isBot ? sound('token', `Slack knows it as ${user}`) : found('token_of_another_kind'),
      ...(isShortLived ? [found('token_short_lived')] : []),
      ...checkScopes(reply.scopes ?? []),
      checkWorkspace(String(team_id), workspace),
    ],
  };
};

const checkScopes = (scopes: readonly string[]): Reported[] => {
  const needless = scopes.filter((one) => ![SCOPE, MANAGE, ...READ_SCOPES].includes(one));
  const problems = [
    ...(scopes.includes(SCOPE) ? [] : [found('scope_missing', { scope: SCOPE })]),
    ...(scopes.includes(MANAGE) ? [found('scope_manage')] : []),
    ...(needless.length > 0 ? [found('scope_needless', { scopes: needless.join(', ') })] : []),
  ];
  return problems.length > 0 ? problems : [sound('scopes', scopes.join(', '))];
};

const checkWorkspace = (actual: string, workspace: string | undefined): Reported => {
  if (workspace === undefined) return found('workspace_any', { actual });
  return actual === workspace
    ? sound('workspace', actual)
    : found('workspace_wrong', { actual, workspace });
};

/** Slack permits some 50 calls a minute, of which an app may have others to make. */
const AT_MOST = 40;

const checkChannels = async (
  apiUrl: string,
  token: string,
  configured: readonly string[],
  scopes: readonly string[] = [],
): Promise<Reported[]> => {
  if (!READ_SCOPES.some((scope) => scopes.includes(scope))) {
    return [found('channels_unseen', { scope: READ_SCOPES.join(' and ') })];
  }
  const listed = configured.filter((channel) => channel !== '*');
  if (listed.length === 0) return [found('channels_any')];
  const chosen = listed.length > AT_MOST ? shuffled(listed).slice(0, AT_MOST) : listed;
  const reported: Reported[] = [];
  let checked = 0;
  let isLimited = false;
  const { failure } = await inParallel(chosen, 8, async (channel) => {
    if (isLimited) return;
    const { json } = await callSlack(apiUrl, 'conversations.info', token, { channel });
    if (json.error === 'ratelimited') {
      isLimited = true;
      return;
    }
    checked += 1;
    reported.push(...channelProblems(channel, json));
  });
  if (failure) throw failure;
  if (checked < listed.length) {
    reported.push(found('channels_many', { checked, all: listed.length }));
  }
  return reported.length > 0 ? reported : [sound('channels', `${listed.length}, the bot in each`)];
};

const shuffled = (list: readonly string[]): string[] =>
  list
    .map((item) => ({ item, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);

type Channel = Record<string, unknown>;

/** Why a channel cannot be shared, by the flags of `conversations.info`. */
const OBSTACLES: [flag: string, reason: string][] = [
  ['is_archived', 'it is archived'],
  ['is_general', 'everybody of the workspace is in it'],
  ['is_im', 'it is a direct message'],
  ['is_mpim', 'it is a group message'],
  ['is_org_shared', 'it spans several workspaces of the organization'],
];

const channelProblems = (channel: string, json: SlackReply['json']): Reported[] => {
  if (json.ok !== true) {
    if (json.error === 'channel_not_found') return [found('channel_not_found', { channel })];
    if (json.error === 'missing_scope') {
      return [found('channels_unseen', { scope: `${json.needed ?? 'a scope'} for ${channel}` })];
    }
    return [found('check_failed', { check: channel, reason: String(json.error) }, 'channels')];
  }
  const flags = json.channel as Channel;
  const [obstacle] = OBSTACLES.filter(([flag]) => flags[flag] === true);
  return [
    ...(flags.is_member === false ? [found('channel_without_bot', { channel })] : []),
    ...(obstacle ? [found('channel_not_shareable', { channel, reason: obstacle[1] })] : []),
  ];
};
