import { METHOD } from '../../functions/slack/method.ts';
import { type LocalSlack, startLocalSlack } from '../../infra/local/slack/server.ts';
import type { StartOptions } from '../../infra/local/slack/state.ts';

export const TOKEN = 'xoxb-local-acme-invites';
export const BEARER = { authorization: `Bearer ${TOKEN}` };
export const GOOD_FORM = 'channel=C0PARTNER01&emails=casey%40partner.example';

export type Client = LocalSlack & {
  /** One call of conversations.inviteShared: POST, with the good token unless `init` says otherwise. */
  invite(body?: string, init?: RequestInit): Promise<Response>;
  /** The same, its JSON. */
  inviteJson(body?: string, init?: RequestInit): Promise<Record<string, unknown>>;
  /** A sandbox path: POST when there is JSON to send. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read into whatever JSON there is
  sandbox(path: string, json?: unknown, method?: string): Promise<any>;
};

/** More calls than any test makes, however fast the machine is and wherever its clock steps. */
const GENEROUS = { ratePerMinute: 60_000, capacity: 1_000_000 };

/** Starts a local Slack on a free port; nobody meets its limit unless the test sets a rate. */
export async function startSlack(settings: StartOptions = GENEROUS): Promise<Client> {
  const slack = await startLocalSlack({ port: 0, ...settings });
  const invite = (body = GOOD_FORM, init: RequestInit = {}) =>
    fetch(slack.apiUrl + METHOD, {
      method: 'POST',
      body,
      ...init,
      headers: {
        ...BEARER,
        'content-type': 'application/x-www-form-urlencoded',
        ...(init.headers as Record<string, string>),
      },
    });
  return {
    ...slack,
    invite,
    inviteJson: async (body, init) => (await (await invite(body, init)).json()) as never,
    sandbox: async (path, json, method = json === undefined ? 'GET' : 'POST') => {
      const body = json === undefined ? {} : { body: JSON.stringify(json) };
      return (await fetch(`${slack.url}/sandbox/${path}`, { method, ...body })).json();
    },
  };
}
