/** One HTTP request at a source's door, before anything of it is believed. */
export type Delivery = {
  method: 'GET' | 'POST';
  /** Names in lower case; API Gateway joins the values of a header given twice with a comma. */
  headers: Readonly<Record<string, string | undefined>>;
  /** The bytes as they were sent: what is signed. */
  body: Buffer;
};

/**
 * Room for a hundred events of the largest kind there is in the table, Okta's, of a few kilobytes,
 * and for a thousand of the usual ones.
 */
export const MAX_BODY_BYTES = 512 * 1024;

/** @returns a header's value; an empty header is as if it were not there. */
export const headerOf = ({ headers }: Delivery, name: string): string | undefined =>
  (Object.hasOwn(headers, name) && headers[name]) || undefined;

type UnreadableCode =
  | 'invalid_utf8'
  | 'invalid_json'
  | 'too_deep'
  | 'not_an_object'
  | 'too_many_events';

/**
 * A delivery that is genuine and cannot be read. It carries a code and nothing of the body, not as
 * a `cause` either: a parser's message quotes what it could not parse.
 */
export class UnreadableDelivery extends Error {
  override readonly name = 'UnreadableDelivery';
  readonly code: UnreadableCode;

  constructor(code: UnreadableCode) {
    super(`the delivery cannot be read: ${code}`);
    this.code = code;
  }
}
