import type { Delivery } from '../../functions/webhooks/delivery.ts';

/** A POST with these headers and this body. */
export const post = (headers: Delivery['headers'], body: string | Buffer): Delivery => ({
  method: 'POST',
  headers,
  body: Buffer.from(body),
});

/** The same delivery with some headers changed; undefined leaves one out. */
export const withHeaders = (delivery: Delivery, headers: Delivery['headers']): Delivery => ({
  ...delivery,
  headers: { ...delivery.headers, ...headers },
});
