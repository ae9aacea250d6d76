import { type Connection, connect, exchange, NoAnswer } from '../lib/exchange.ts';
import { loopbackUrl, parseObject } from '../lib/text.ts';
import { readInviteAnswer, type SlackAnswer, type SlackResult } from './answer.ts';
import { type InviteArguments, METHOD } from './method.ts';

/** Slack's Web API as far as this project needs it. Time-outs in milliseconds from the call on. */
export type SlackClient = {
  /** Opens the connection of a call ahead of it. Never throws for anything that the network does. */
  connect(): Connection;
  /**
   * Calls `conversations.inviteShared` once. Never throws for anything that the network does.
   * @param connection closed at the end; left out: one that is opened now.
   */
  inviteShared(
    token: string,
    args: InviteArguments,
    timeoutMs: number,
    connection?: Connection,
  ): Promise<SlackResult>;
  /**
   * The workspace that a token belongs to (`auth.test`).
   * @returns its id, or Slack's code where Slack refuses the token, or neither where Slack gave no
   *   usable answer.
   */
  workspaceOf(token: string, timeoutMs: number): Promise<{ teamId?: string; code?: string }>;
};

/** @param baseUrl see {@link slackBaseUrl}. */
export const createSlackClient = (baseUrl: URL): SlackClient => ({
  connect: () => connect(baseUrl),

  async inviteShared(token, args, timeoutMs, connection) {
    const url = new URL(METHOD, baseUrl);
    let answer: SlackAnswer;
    try {
      answer = await postForm(url, token, formOf(args), timeoutMs, connection);
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      const { sent, reason, code } = error;
      if (sent) return { kind: 'unknown', reason };
      return { kind: 'not_sent', reason, ...(code && { code }) };
    }
    return readInviteAnswer(answer);
  },

  async workspaceOf(token, timeoutMs) {
    const url = new URL('auth.test', baseUrl);
    let answer: SlackAnswer;
    try {
      answer = await postForm(url, token, new URLSearchParams(), timeoutMs);
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      return {};
    }
    const { ok, team_id, error } = parseObject(answer.body);
    if (ok === true && typeof team_id === 'string') return { teamId: team_id };
    return typeof error === 'string' ? { code: error } : {};
  },
});

/** Both lists go as JSON text, the way Slack's own SDK for Node sends them. */
const formOf = (args: InviteArguments): URLSearchParams =>
  new URLSearchParams({
    channel: args.channel,
    ...('emails' in args
      ? { emails: JSON.stringify(args.emails) }
      : { user_ids: JSON.stringify(args.user_ids) }),
    external_limited: String(args.external_limited),
  });

/**
 * Sends one form by POST.
 * @param timeoutMs from now until the whole answer is there.
 * @throws NoAnswer
 */
const postForm = async (
  url: URL,
  token: string,
  form: URLSearchParams,
  timeoutMs: number,
  connection?: Connection,
): Promise<SlackAnswer> => {
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
    'user-agent': 'slack-connect-invites',
  };
  const request = { method: 'POST', headers, body: form.toString() } as const;
  const answer = await exchange(url, request, timeoutMs, connection);
  return { ...answer, body: answer.body.toString() };
};

const SLACK_API = 'https://slack.com/api/';

/**
 * Where the Web API is.
 * @param override `SLACK_API_URL`; see `loopbackUrl`.
 * @returns the URL to which a method's name is appended.
 * @throws Error if the override names another host or is not a URL.
 */
export const slackBaseUrl = (override?: string): URL =>
  override
    ? loopbackUrl('SLACK_API_URL', override.endsWith('/') ? override : `${override}/`)
    : new URL(SLACK_API);
