import type { Auth } from './provider.ts';
import type { ProviderName } from './providers.ts';

/** One installation of an HR system, as the configuration describes it and synth has checked it. */
export type HrSource = {
  provider: ProviderName;
  rules: readonly Rule[];
  /** For a provider that sends only an id: where the e-mail address is looked up. */
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
    /** An expression over the event; left out only where the source has a lookup. */
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
  /** For a system that takes a POST, as HiBob does: what to send, the same for everybody. */
  body?: Readonly<Record<string, unknown>>;
  /** An expression over the answer. */
  email: string;
};
