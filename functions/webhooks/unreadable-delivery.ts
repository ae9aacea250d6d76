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
