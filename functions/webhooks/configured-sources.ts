import type { WebhookSource } from './source.ts';

/**
 * Base64 of the sources as JSON, put here when the function is bundled: they outgrow the 4 KB of
 * its environment, and base64 has nothing in it that a shell or a bundler reads as its own.
 */
declare const SOURCES: string;

/**
 * The sources of this deployment by name, decoded once a process.
 * @throws Error if the function was bundled without them.
 */
export const configuredSources = (): ReadonlyMap<string, WebhookSource> => {
  // A map, because a source is looked up by what stands in a URL, `constructor` included.
  return new Map(Object.entries(JSON.parse(Buffer.from(SOURCES, 'base64').toString())));
};
