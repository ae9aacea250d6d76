import type { Auth } from './provider.ts';
import type { ProviderName } from './providers.ts';

/** One installation of an HR system, as the configuration describes it and synth has checked it. */
export type WebhookSource = {
  provider: ProviderName;
  rules: readonly Rule[];
  /** For a provider that sends only an id: where the e-mail address is asked for. */
  lookup?: Lookup;
  /** How a sender of the provider `generic` proves who it is. */
  auth?: Auth;
};

/** Which events become which invitation. What is called an expression here is JSONata. */
export type Rule = {
  /** An expression over the event: true takes it. */
  when: string;
  invite: {
    channel: string;
    /** An expression over the event; left out only where the source has a look-up. */
    email?: string;
    /** Left out: true. */
    external_limited?: boolean;
    /** An expression over the event: the caller's own id for the person. */
    reference?: string;
  };
};

/** One authenticated question that tells the e-mail address of the person with an id. */
export type Lookup = {
  /** `https`, a fixed host, and `{id}` once, in the path or the query. */
  url: string;
  /** An expression over the event; left out: the person's id as the provider's row finds it. */
  id?: string;
  /** Values are templates: `{secret}` and `{secret:base64}` stand for the source's credential. */
  headers?: Readonly<Record<string, string>>;
  /** For a system that is asked by POST, as HiBob is: what to send, the same for everybody. */
  body?: Readonly<Record<string, unknown>>;
  /** An expression over the answer. */
  email: string;
};

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
