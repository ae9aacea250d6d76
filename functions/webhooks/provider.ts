import type { Auth } from './auth.ts';
import type { Path } from './path.ts';

/** What a statement of a row rests on, the firmest first. */
type Evidence =
  | 'published vector'
  | "vendor's text"
  | 'third parties'
  | 'inferred'
  | 'the operator';

/**
 * How a sender asks whether somebody is at home: by a GET whose header has to come back in JSON
 * under `key`, or by a POST of exactly one of these bodies.
 */
type Handshake =
  | { method: 'GET'; header: string; key: string }
  | { method: 'POST'; bodies: readonly string[] };

/** One HR system: everything that the door has to know of it. */
export type Provider = {
  title: string;
  /** `operator`: the source's own configuration describes it. */
  auth: Auth | 'operator';
  handshake?: Handshake;
  /** Verified deliveries that are no events: pings and simulations. One that holds is enough. */
  ignore?: readonly { path: Path; equals: string | boolean }[];
  /** `json_or_form`: as the content type says. */
  body: 'json' | 'json_or_form';
  /** Where several events of one delivery stand as a list. Without a list there, the body is one. */
  eventsPath?: Path;
  /**
   * Where an event's own id stands; the first that is present. A header only where it is signed:
   * otherwise a replay could name itself anew.
   */
  eventId?: readonly (Path | { header: string })[];
  /** Where the id of the person stands, the same in every event about that person. */
  subject?: readonly Path[];
  type?: readonly Path[];
  /** Where an event says when it happened. */
  time?: readonly Path[];

  // For the documents:
  /** The answers that the sender takes for a success, and within what time. */
  answer: string;
  retry: string;
  /** Where the person is found. */
  person: string;
  evidence: { signature: Evidence; payload: Evidence };
  notes?: string;
};
