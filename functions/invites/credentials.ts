import { type InviteError, ownError } from '../errors/invite-error.ts';
import { isTokenRefusal } from '../slack/answer.ts';
import type { SlackClient } from '../slack/client.ts';
import { CODES, isListed } from '../slack/codes.ts';
import type { TokenSource } from '../slack/token.ts';
import { refusalByCode } from './refusal.ts';

/** The token, once it is known to be there and to belong to the right workspace. */
export type Credentials = {
  /**
   * @param timeLeft called before every step: the time-out of a call of Slack in milliseconds;
   *   throws if there is no time for one.
   * @param refreshed told when the secret is read once more because Slack refused the token.
   * @throws InviteError `SlackCredentials`, `SlackUnavailable`, `Unavailable`, or what `timeLeft` throws.
   */
  obtain(timeLeft: () => number, refreshed: () => void): Promise<string>;
  /**
   * After Slack refused a token: reads the secret once more.
   * @returns another token, or undefined if it is still the same.
   * @throws InviteError as {@link obtain}.
   */
  renew(
    refused: string,
    timeLeft: () => number,
    refreshed: () => void,
  ): Promise<string | undefined>;
};

/**
 * @param workspace the id that the token's workspace must have (`auth.test`, called once a process
 *   and token), so that a wrong token cannot invite from the wrong company; undefined: any.
 */
export const createCredentials = (
  tokens: TokenSource,
  slack: Pick<SlackClient, 'workspaceOf'>,
  workspace: string | undefined,
): Credentials => {
  let known: { token: string; teamId: string } | undefined;

  /** @returns the refusal, if Slack refuses the token itself. @throws InviteError for the rest. */
  const verify = async (
    token: string,
    timeLeft: () => number,
  ): Promise<InviteError | undefined> => {
    if (workspace === undefined) return undefined;
    if (known?.token !== token) {
      const { teamId, code } = await slack.workspaceOf(token, timeLeft());
      if (code !== undefined && isTokenRefusal(code)) return refusalByCode(code, 0);
      if (teamId === undefined) throw unverified(code);
      known = { token, teamId };
    }
    if (known.teamId !== workspace) throw ownError('wrong_workspace', { workspace });
    return undefined;
  };

  const renew: Credentials['renew'] = async (refused, timeLeft, refreshed) => {
    timeLeft();
    refreshed();
    const token = await tokens.refresh(refused);
    // What was put in cannot be read: that is the fault, and not the old token's.
    if (token === undefined) throw ownError('no_token');
    if (token === refused) return undefined;
    const refusal = await verify(token, timeLeft);
    if (refusal) throw refusal;
    return token;
  };

  return {
    async obtain(timeLeft, refreshed) {
      timeLeft();
      const token = await tokens.get();
      if (token === undefined) throw ownError('no_token');
      const refusal = await verify(token, timeLeft);
      if (!refusal) return token;
      const other = await renew(token, timeLeft, refreshed);
      if (other === undefined) throw refusal;
      return other;
    },
    renew,
  };
};

const unverified = (code: string | undefined) =>
  code !== undefined && isListed(code) && CODES[code].class === 'SlackCredentials'
    ? refusalByCode(code, 0)
    : ownError('workspace_not_verified');
