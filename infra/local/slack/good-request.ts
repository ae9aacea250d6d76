import type { LocalSlack } from './server.ts';

/** @returns a request that the local Slack is sure to accept, as it says itself. */
export const goodRequest = async ({ url }: Pick<LocalSlack, 'url'>): Promise<GoodRequest> => {
  const world = (await (await fetch(`${url}/sandbox/world`)).json()) as {
    triggers: { ok: { request: GoodRequest } };
  };
  return world.triggers.ok.request;
};

export type GoodRequest = { token: string; channel: string; emails: [string] };
