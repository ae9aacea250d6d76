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

type UnreadableCode = keyof typeof UNREADABLE;

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

/** Some senders name the charset here. */
const NOT_COMPRESSED = ['', 'identity', 'utf-8', 'utf8'];

/**
 * A delivery as it was before its sender compressed the body. Some senders sign what they compressed,
 * others what they sent.
 *
 * @returns the delivery itself where nothing was compressed.
 * @throws UnreadableDelivery
 */
export const inflated = (delivery: Delivery): Delivery => {
  const encoding = headerOf(delivery, 'content-encoding')?.trim().toLowerCase() ?? '';
  if (NOT_COMPRESSED.includes(encoding)) return delivery;
  if (encoding !== 'gzip' && encoding !== 'x-gzip') {
    throw new UnreadableDelivery('unsupported_encoding');
  }
  // Not an import: few senders compress, and a cold start loads what is imported.
  const { gunzipSync } = process.getBuiltinModule('node:zlib');
  try {
    const body = gunzipSync(delivery.body, { maxOutputLength: MAX_BODY_BYTES });
    return { ...delivery, body };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UnreadableDelivery(
      code === 'ERR_BUFFER_TOO_LARGE' ? 'body_too_large' : 'invalid_gzip',
    );
  }
};
