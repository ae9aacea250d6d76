import {
  type Auth,
  type EventIdPlace,
  type Handshake,
  type Mark,
  type Path,
  type Provider,
  pathIn,
} from './provider.ts';
import { PROVIDERS, type ProviderName } from './providers.ts';

/** One installation of an HR system, as the configuration describes it and synth has checked it. */
export type HrSource = {
  provider: ProviderName;
  rules: readonly Rule[];
  /** For a provider that sends only an id: where the e-mail address is looked up. */
  lookup?: Lookup;
  /**
   * How a sender of the provider `generic` proves who it is. For a provider whose secret stands in a
   * header: in which one, if another.
   */
  auth?: Auth;
  /** The door takes no deliveries of it. */
  closed?: boolean;
  /** How old an event may be when it comes, in seconds, by its own time; left out: it is not looked at. */
  maxAge?: number;
  /** How many hours without a delivery are usual; left out: its silence is not told. */
  silentAfterHours?: number;

  // Of the provider `generic` alone, whose deliveries the operator describes:
  /** Where the events of a delivery stand: a path or an expression over it. */
  events?: string;
  eventId?: EventIdPlace;
  time?: Path;
  /** What marks a delivery as a test. */
  ignore?: Mark;
  handshake?: Handshake;
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

/** Far above any HR system's ids for a person, in characters. */
export const MAX_PERSON_ID = 200;

/** One authenticated question that tells the e-mail address of the person with an id. */
export type Lookup = {
  /** `https`, a fixed host, and `{id}` at most once, in the path or the query. */
  url: string;
  /** An expression over the event; left out: the person's id as the provider's row finds it. */
  id?: string;
  /**
   * Values are templates: `{secret}` and `{secret:base64}` stand for the source's credential, and
   * `{token}` for the access token.
   */
  headers?: Readonly<Record<string, string>>;
  /** For a system that takes a POST, as HiBob does: what to send. `{id}` may stand in its texts. */
  body?: Readonly<Record<string, unknown>>;
  /** For a system whose credential buys a token that lives some hours or a day. */
  token?: TokenRequest;
  /** An expression over the answer. */
  email: string;
};

/**
 * How an access token is got: the client credentials grant of OAuth 2.0. The source's credential is
 * `id:secret` of the client.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.4
 */
export type TokenRequest = {
  /** `https`, a fixed host. */
  url: string;
  /** Where the credential stands: in HTTP Basic, or among the fields of the form. */
  client: 'basic' | 'form';
  /** What else the form has, such as `scope`. */
  parameters?: Readonly<Record<string, string>>;
};

/** A provider as one source has it: all that its row leaves to the operator is settled. */
export type InstalledProvider = Provider & {
  auth: Auth;
  /** What the events of a delivery are, where no path says it. */
  eventsExpression?: string;
};

/** What of a source says how its deliveries are read. */
type Description = Pick<
  HrSource,
  'provider' | 'auth' | 'events' | 'eventId' | 'time' | 'ignore' | 'handshake'
>;

/** @throws Error for a source that does not say how its sender proves who it is. */
export const installedProvider = ({
  provider: name,
  auth: own,
  events,
  eventId,
  time,
  ignore,
  handshake,
}: Description): InstalledProvider => {
  const row: Provider = PROVIDERS[name];
  const auth = authOf(row, own);
  if (!auth) throw new Error(`a source of the provider "${name}" needs auth`);
  return {
    ...row,
    auth,
    ...(events !== undefined && eventsAt(events)),
    ...(eventId !== undefined && { eventId: [eventId] }),
    ...(time !== undefined && { time: [time] }),
    ...(ignore !== undefined && { ignore: [ignore] }),
    ...(handshake !== undefined && { handshake }),
  };
};

/** A row's own scheme stands; only the header in which a fixed secret comes may be another one. */
const authOf = ({ auth: row }: Provider, own: Auth | undefined): Auth | undefined => {
  if (row === 'operator') return own;
  return 'header' in row && own && 'header' in own ? own : row;
};

/** Names with dots between them are a path; whatever else JSONata is, an expression. */
const eventsAt = (events: string): { splitPath: Path } | { eventsExpression: string } => {
  const splitPath = pathIn(events);
  return splitPath === undefined ? { eventsExpression: events } : { splitPath };
};
