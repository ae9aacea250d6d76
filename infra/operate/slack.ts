/** What Slack answered a call of the doctor's: its JSON, and the scopes of the token. */
export type SlackReply = {
  json: Record<string, unknown> & { ok?: boolean; error?: string };
  /** Undefined where Slack did not say. */
  scopes: string[] | undefined;
};

/**
 * Calls a method that changes nothing.
 * @throws Error in a few words when Slack gives no usable answer within 5 s.
 */
export const callSlack = async (
  apiUrl: string,
  method: string,
  token: string,
  form: Record<string, string> = {},
): Promise<SlackReply> => {
  const response = await fetch(new URL(method, apiUrl), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: new URLSearchParams(form),
    signal: AbortSignal.timeout(5_000),
  }).catch((error: Error & { cause?: NodeJS.ErrnoException }) => {
    throw new Error(error.cause?.code ?? error.name);
  });
  const json = (await response.json().catch(() => null)) as SlackReply['json'] | null;
  if (typeof json !== 'object' || json === null) throw new Error(`HTTP ${response.status}`);
  const scopes = response.headers.get('x-oauth-scopes');
  return { json, scopes: scopes?.split(',').map((scope) => scope.trim()) };
};
