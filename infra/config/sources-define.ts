import type { WebhookSource } from '../../functions/webhooks/source.ts';
import type { Config } from './schema.ts';

/** Linux passes at most 128 KiB in one argument of a command, and the bundler gets them in one. */
const MAX_BYTES = 90_000;

/** What a function's bundling has to put in place of `SOURCES`: see configured-sources.ts. */
export function sourcesDefine({ sources }: Pick<Config, 'sources'>): { SOURCES: string } {
  // As the type that the functions read them by: what synth checks and what they use is one thing.
  const json = JSON.stringify(sources as Record<string, WebhookSource>);
  return { SOURCES: JSON.stringify(Buffer.from(json).toString('base64')) };
}

/** @returns undefined when the sources fit into the bundle, otherwise one line that says by how much not. */
export function sourcesProblem({ sources }: Pick<Config, 'sources'>): string | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(sources));
  if (bytes <= MAX_BYTES) return undefined;
  return `slackConnectInvites.sources: takes ${bytes} bytes as JSON; the functions' bundler takes ${MAX_BYTES}. Shorten the rules, or move sources to a second stack`;
}
