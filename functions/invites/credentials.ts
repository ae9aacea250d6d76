import { isTokenRefusal } from '../slack/answer.ts';
import type { SlackClient } from '../slack/client.ts';
import { CODES, isListed } from '../slack/codes.ts';
import type { TokenSource } from '../slack/token.ts';
import { InviteError } from './errors.ts';
import { refusalByCode, UNREACHABLE_RETRY_AFTER } from './refusal.ts';

/** The token, once it is known to be there and to belong to the right workspace. */
export type Credentials = {
  /** @param timeoutMs for each call of Slack. @throws InviteError `SlackCredentials`, `SlackUnavailable`, `RateLimited`. */
  obtain(timeoutMs: number): Promise<string>;
  /**
   * After Slack refused a token: reads the secret once more.
   * @returns another token, or undefined if there is none.
   */
  renew(refused: string, timeoutMs: number): Promise<string | undefined>;
};

/**
 * @param workspace the id that the token's workspace must have (`auth.test`, asked once a process
 *   and token), so that a wrong token cannot invite from the wrong company; undefined: any.
 */
export const createCredentials = (
  tokens: TokenSource,
  slack: Pick<SlackClient, 'workspaceOf'>,
  workspace: string | undefined,
): Credentials => {
  let verified: string | undefined;

  /** @returns the refusal, if Slack refuses the token itself. @throws InviteError for the rest. */
  const verify = async (token: string, timeoutMs: number): Promise<InviteError | undefined> => {
    if (workspace === undefined || token === verified) return undefined;
    const { teamId, code } = await slack.workspaceOf(token, timeoutMs);
    if (teamId === workspace) {
      verified = token;
      return undefined;
    }
    if (teamId !== undefined) throw wrongWorkspace(workspace);
    if (code !== undefined && isTokenRefusal(code)) return refusalByCode(code, 0);
    throw code !== undefined && isListed(code) && CODES[code].class === 'SlackCredentials'
      ? refusalByCode(code, 0)
      : notVerified();
  };

  const renew: Credentials['renew'] = async (refused, timeoutMs) => {
    const token = await tokens.refresh(refused);
    if (token === undefined || token === refused) return undefined;
    const refusal = await verify(token, timeoutMs);
    if (refusal) throw refusal;
    return token;
  };

  return {
    async obtain(timeoutMs) {
      const token = await tokens.get();
      if (token === undefined) throw noToken();
      const refusal = await verify(token, timeoutMs);
      if (!refusal) return token;
      const other = await renew(token, timeoutMs);
      if (other === undefined) throw refusal;
      return other;
    },
    renew,
  };
};

const noToken = () =>
  new InviteError('SlackCredentials', {
    code: 'no_token',
    detail: 'the secret holds no Slack token yet: put the bot token of the Slack app into it',
  });

const wrongWorkspace = (expected: string) =>
  new InviteError('SlackCredentials', {
    code: 'wrong_workspace',
    detail: `the token belongs to another workspace than slackConnectInvites.workspace (${expected}): put the token of that workspace into the secret`,
  });

const notVerified = () =>
  new InviteError('SlackUnavailable', {
    code: 'workspace_not_verified',
    detail:
      'Slack did not say which workspace the token belongs to, so nothing was sent; ask again after retry_after seconds',
    retryAfter: UNREACHABLE_RETRY_AFTER,
  });
