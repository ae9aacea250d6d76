import * as z from 'zod';
import {
  type HeaderAuth,
  type HeaderPart,
  type HmacAuth,
  PATH,
  type SignedPart,
  type TimestampRule,
} from '../../functions/webhooks/provider.ts';
import { isObject, text, whole } from './fields.ts';
import { checkSigned } from './sources-checks.ts';

const PATH_ALLOWED = 'a path over one event, such as "data.id" or "items[0].id"';
export const path = text(PATH, PATH_ALLOWED).max(200, PATH_ALLOWED);

const HEADER_ALLOWED = 'a header\'s name, such as "x-signature"';
// In lower case, as functions/webhooks has all names of headers.
export const HEADER = z
  .string(HEADER_ALLOWED)
  .toLowerCase()
  .regex(/^[!#$%&'*+.^_`|~0-9a-z-]{1,64}$/, HEADER_ALLOWED);
const SOME_TEXT = text(/^[\x20-\x7e]{1,64}$/, '1 to 64 printable characters');

/** A header, or the `part=value` in it. */
const headerPart = {
  header: HEADER,
  part: text(/^[\w-]{1,20}$/, 'the name of a part, such as "t" of "t=…,v1=…"').exactOptional(),
} satisfies Record<keyof HeaderPart, z.ZodType>;

const PARTS =
  'a list of "body", {"header": …} and {"text": …}, in the order in which they are signed';
const signedPart = z.union(
  [z.literal('body'), z.strictObject(headerPart), z.strictObject({ text: SOME_TEXT })],
  '"body", {"header": "x-timestamp"}, {"header": "x-signature", "part": "t"} or {"text": "."}',
) satisfies z.ZodType<SignedPart>;

const timestamp = z.strictObject(
  {
    ...headerPart,
    format: z.literal(
      ['seconds', 'milliseconds', 'seconds_or_iso8601'],
      '"seconds", "milliseconds" or "seconds_or_iso8601"',
    ),
    toleranceSeconds: whole(1, 86_400, ' seconds').exactOptional(),
  },
  'an object with header, format and, if wanted, part and toleranceSeconds',
) satisfies z.ZodType<TimestampRule>;

const hmac = z
  .strictObject(
    {
      hash: z.literal(['sha256', 'sha512'], '"sha256" or "sha512"'),
      header: HEADER,
      prefix: SOME_TEXT.exactOptional(),
      separator: SOME_TEXT.exactOptional(),
      encoding: z.literal(['hex', 'base64'], '"hex" or "base64"'),
      key: z.literal(['utf8', 'base64'], '"utf8" or "base64"'),
      keyPrefix: SOME_TEXT.exactOptional(),
      signed: z.array(signedPart, PARTS).max(10, PARTS),
      timestamp: timestamp.exactOptional(),
    },
    'an object with hash, header, encoding, key and signed',
  )
  .superRefine(checkSigned, { when: isObject }) satisfies z.ZodType<HmacAuth>;

const header = z.strictObject(
  { name: HEADER, prefix: SOME_TEXT.exactOptional() },
  'an object with name and, if wanted, prefix',
) satisfies z.ZodType<HeaderAuth>;

const SCHEMES = 'an object with exactly one of hmac, header, basic and body';

/** How a sender proves who it is: `Auth`, as functions/webhooks has it. */
export const auth = z
  .strictObject(
    {
      hmac: hmac.exactOptional(),
      header: header.exactOptional(),
      basic: z.literal(true, 'true').exactOptional(),
      body: path.exactOptional(),
    },
    SCHEMES,
  )
  .refine((schemes) => Object.keys(schemes).length === 1, { error: SCHEMES, when: isObject });
