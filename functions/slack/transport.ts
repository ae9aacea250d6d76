import { exchange } from '../http/exchange.ts';

/** Slack's answer as it came. */
export type SlackAnswer = { status: number; headers: Record<string, string>; body: string };

/**
 * Sends one form by POST.
 * @param timeoutMs from now until the whole answer is there.
 * @throws NoAnswer
 */
export const postForm = async (
  url: URL,
  token: string,
  form: URLSearchParams,
  timeoutMs: number,
): Promise<SlackAnswer> => {
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
    'user-agent': 'slack-connect-invites',
  };
  const request = { method: 'POST', headers, body: form.toString() } as const;
  const answer = await exchange(url, request, timeoutMs);
  return { ...answer, body: answer.body.toString() };
};
