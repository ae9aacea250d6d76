import { type Delivery, headerOf, MAX_BODY_BYTES, UnreadableDelivery } from './delivery.ts';

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
