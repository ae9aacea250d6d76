/** What a statement of a row rests on, the firmest first. */
type Evidence =
  | 'published vector'
  | "vendor's text"
  | 'third parties'
  | 'inferred'
  | 'the operator';

/** How a sender makes sure of the address before, or between, its events. */
export type Handshake =
  /** A GET with the secret: what stands in the header comes back in JSON under `key`. */
  | { header: string; key: string }
  /** A POST of exactly one of these bodies, unsigned. */
  | { bodies: readonly string[] }
  /** A request, unsigned: what stands in this parameter of the address comes back as text. */
  | { query: string }
  /** A POST, unsigned: this header comes back as it is. */
  | { echo: string }
  /** A POST with its proof: the text at this path comes back in JSON under the path's last name. */
  | { body: Path };

/** One HR system: everything that the door has to know of it. */
export type Provider = {
  title: string;
  /** `operator`: the source's own configuration describes it. */
  auth: Auth | 'operator';
  handshake?: Handshake;
  /** Verified deliveries that are no events: pings and simulations. One that holds is enough. */
  ignore?: readonly Mark[];
  /** As the content type says: `any` takes multipart forms and JSON lines, too. */
  body: 'json' | 'json_or_form' | 'any';
  /**
   * Where several events of one delivery stand as a list, each of which is an event by itself.
   * Without a list there, the body is one.
   */
  eventsPath?: Path;
  /**
   * Where an event has a list of people or of what happened to them. Each item makes an event: the
   * same with that item in place of the list, so that paths stay the vendor's. With `[key=value]` at
   * the end, each item that fits makes one, and the others stay in all of them.
   */
  splitPath?: Path;
  /**
   * Where an event's own id stands; the first that is present. A header only where it is signed:
   * otherwise a replay could name itself anew.
   */
  eventId?: readonly EventIdPlace[];
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

/** What a delivery says that is no event. */
export type Mark = { path: Path; equals: string | number | boolean };

export type EventIdPlace = Path | { header: string };

/**
 * How a sender proves who it is, as data: exactly one of four schemes. A provider's row has one,
 * and the operator of a generic source writes one down. Names of headers are in lower case.
 */
export type Auth =
  | { hmac: HmacAuth }
  | { header: HeaderAuth }
  | { basic: true }
  /** The secret itself stands in each event, as Microsoft Graph's `clientState` does. */
  | { body: Path };

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

/**
 * A header's value byte for byte; with `part`, that of the `part=value` in it, where a header has
 * several, such as `t=1492774577,v1=5257a8…`.
 */
export type HeaderPart = { header: string; part?: string };

/** The body's bytes, a header or a part of it, or the text itself. */
export type SignedPart = 'body' | HeaderPart | { text: string };

/** When the delivery was signed. The header proves nothing unless it is one of the signed parts. */
export type TimestampRule = HeaderPart & {
  /** Unix time in seconds or milliseconds, or either ISO 8601 or seconds. */
  format: 'seconds' | 'milliseconds' | 'seconds_or_iso8601';
  /** How far the time may lie from now, either way. Left out, the time is not checked. */
  toleranceSeconds?: number;
};

/** The secret itself in a header, after the prefix, such as `Bearer `. */
export type HeaderAuth = { name: string; prefix?: string };

/** The shape of a path. */
export const PATH = /^[^.[\]]+(\.[^.[\]]+|\[\d+\]|\[[^.[\]=]+=[^[\]]*\])*$/;

const STEP = /([^.[\]]+)|\[(\d+)\]|\[([^.[\]=]+)=([^[\]]*)\]/g;

/**
 * A place in a body, as a provider's row names it: fields with dots between them, `[n]` for an
 * item of a list, `[key=value]` for the first item of which that holds.
 * @example `data.events[0].target[type=User].id`
 */
export type Path = string;

const NAME = /^(?:[\w:@-]+|`[^`.[\]]+`)$/;

/**
 * @param text names with dots between them, in backticks or not, such as `data.items`: a path, or any
 *   other JSONata.
 * @returns the path without backticks, or undefined.
 */
export const pathIn = (text: string): Path | undefined => {
  const names = text.trim().split('.');
  if (!names.every((name) => NAME.test(name))) return undefined;
  return names.map((name) => name.replaceAll('`', '')).join('.');
};

/** @returns what is at a path, or undefined. Only own fields are read, never a prototype's. */
export const valueAt = (value: unknown, path: Path): unknown => {
  let found = value;
  for (const [, name, index, key, wanted] of path.matchAll(STEP)) {
    if (name !== undefined) found = field(found, name);
    else if (!Array.isArray(found)) return undefined;
    else if (index !== undefined) found = found[Number(index)];
    else found = found.find((item) => field(item, key as string) === wanted);
  }
  return found;
};

/** @returns the first text or number that stands at one of the paths, as text. */
export const textAt = (value: unknown, paths: readonly Path[]): string | undefined => {
  for (const path of paths) {
    const found = valueAt(value, path);
    // Null and blank are as missing.
    if (typeof found === 'number' || (typeof found === 'string' && found.trim() !== '')) {
      return String(found);
    }
  }
  return undefined;
};

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
