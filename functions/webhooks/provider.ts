import type { Path } from './path.ts';

/** What a statement of a row rests on, the firmest first. */
type Evidence =
  | 'published vector'
  | "vendor's text"
  | 'third parties'
  | 'inferred'
  | 'the operator';

/**
 * How a sender makes sure of the address: by a GET whose header has to come back in JSON
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

/**
 * How a sender proves who it is, as data: exactly one of three schemes. A provider's row has one,
 * and the operator of a generic source writes one down. Names of headers are in lower case.
 */
export type Auth = { hmac: HmacAuth } | { header: HeaderAuth } | { basic: true };

/** A keyed hash (RFC 2104) over bytes of the delivery. */
export type HmacAuth = {
  hash: 'sha256' | 'sha512';
  /** The header with the signature. */
  header: string;
  /** What stands before a signature, such as `sha256=`. A value without it is not a signature. */
  prefix?: string;
  /** What stands between signatures, where the header carries a list of them. */
  separator?: string;
  /** Hexadecimal in either case; base64 in either alphabet, padded or not. */
  encoding: 'hex' | 'base64';
  /** How the secret's text becomes the key: its bytes as they are, or what they say in base64. */
  key: 'utf8' | 'base64';
  /** What may stand before the secret and is not part of the key, such as `whsec_`. */
  keyPrefix?: string;
  /** What is hashed, in this order, with nothing in between. */
  signed: readonly SignedPart[];
  timestamp?: TimestampRule;
};

/** The body's bytes, a header's value byte for byte, or the text itself. */
export type SignedPart = 'body' | { header: string } | { text: string };

/** When the delivery was signed. The header proves nothing unless it is one of the signed parts. */
export type TimestampRule = {
  header: string;
  /** Unix time in seconds or milliseconds, or either ISO 8601 or seconds. */
  format: 'seconds' | 'milliseconds' | 'seconds_or_iso8601';
  /** How far the time may lie from now, either way. Left out, the time is not checked. */
  toleranceSeconds?: number;
};

/** The secret itself in a header, after the prefix, such as `Bearer `. */
export type HeaderAuth = { name: string; prefix?: string };
