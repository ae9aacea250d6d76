/** One HTTP request at a source's door, before anything of it is believed. */
export type Delivery = {
  method: 'GET' | 'POST';
  /** Names in lower case; API Gateway joins the values of a header given twice with a comma. */
  headers: Readonly<Record<string, string | undefined>>;
  /** The parameters of the address, decoded; those given twice are joined in the same way. */
  query?: Readonly<Record<string, string | undefined>>;
  /** The bytes as they were sent: what is signed. */
  body: Buffer;
};

/** What Lambda hands over at most; a body that was compressed may have as much when it is whole. */
export const MAX_BODY_BYTES = 6 * 1024 * 1024;

/** @returns a header's value; an empty header is as if it were not there. */
export const headerOf = ({ headers }: Delivery, name: string): string | undefined =>
  (Object.hasOwn(headers, name) && headers[name]) || undefined;

/** Why a genuine delivery cannot be read, and the status that says so to its sender. */
const UNREADABLE = {
  invalid_gzip: 400,
  invalid_utf8: 400,
  invalid_json: 400,
  invalid_form: 400,
  too_deep: 400,
  not_an_object: 400,
  /** The source's own expression for its events failed. */
  events_failed: 400,
  body_too_large: 413,
  unsupported_encoding: 415,
} as const;

export type UnreadableCode = keyof typeof UNREADABLE;

/**
 * A delivery that is genuine and cannot be read. It carries a code and nothing of the body, not as
 * a `cause` either: a parser's message quotes what it could not parse.
 */
export class UnreadableDelivery extends Error {
  override readonly name = 'UnreadableDelivery';
  readonly code: UnreadableCode;
  readonly status: number;

  constructor(code: UnreadableCode) {
    super(`the delivery cannot be read: ${code}`);
    this.code = code;
    this.status = UNREADABLE[code];
  }
}
