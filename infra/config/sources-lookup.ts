import * as z from 'zod';
import type { Lookup } from '../../functions/webhooks/source.ts';
import { isObject } from './fields.ts';
import { checkHeaders, checkQuery } from './sources-credential.ts';
import { expression } from './sources-expression.ts';

const URL_ALLOWED =
  'an https:// address of a host name, without user, port and fragment, and with "{id}" once in its path or query, such as "https://api.example.com/v1/employees/{id}?fields=homeEmail"';

// A name and no number, directly before the path: then no address within a network can be meant,
// nor another port, and no id can become part of the host.
const HOST = /^https:\/\/([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?\//;

const isLookupUrl = (template: string): boolean => {
  const [before, after, ...more] = template.split('{id}');
  const address = `${before}id${after}`;
  return (
    after !== undefined &&
    more.length === 0 &&
    HOST.test(template) &&
    !template.includes('#') &&
    // Nothing that is written in one way and sent in another.
    URL.parse(address)?.href === address
  );
};

// What says where a message goes or ends belongs to the client.
const OWN_HEADERS = [
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];
const NAME_ALLOWED = `a header's name; not ${OWN_HEADERS.join(', ')}`;
const headerName = z
  .string(NAME_ALLOWED)
  .regex(/^[!#$%&'*+.^_`|~0-9a-z-]{1,64}$/i, NAME_ALLOWED)
  .refine((name) => !OWN_HEADERS.includes(name.toLowerCase()), { error: NAME_ALLOWED });

const VALUE_ALLOWED =
  'printable characters, with {secret} or {secret:base64} where the credential belongs, such as "Bearer {secret}"';
const headerValue = z
  .string(VALUE_ALLOWED)
  .regex(/^[\x20-\x7e]{1,500}$/, VALUE_ALLOWED)
  .refine((template) => !/[{}]/.test(template.replace(/\{secret(:base64)?\}/g, '')), {
    error: VALUE_ALLOWED,
  });

const HEADERS_ALLOWED = 'an object of at most 10 headers and their values';
const headers = z
  .record(headerName, headerValue, {
    error: ({ code }) => (code === 'invalid_key' ? NAME_ALLOWED : HEADERS_ALLOWED),
  })
  .refine((record) => Object.keys(record).length <= 10, { error: HEADERS_ALLOWED, when: isObject })
  .superRefine(checkHeaders, { when: isObject });

const BODY_ALLOWED = 'an object of at most 2,000 characters as JSON, which is sent as it is';
const body = z
  .record(z.string(), z.json(), BODY_ALLOWED)
  .refine((value) => JSON.stringify(value).length <= 2_000, { error: BODY_ALLOWED });

/** Where the e-mail address of a person is asked for. */
export const lookup = z.strictObject(
  {
    url: z
      .string(URL_ALLOWED)
      .max(500, { error: URL_ALLOWED, abort: true })
      .refine(isLookupUrl, { error: URL_ALLOWED })
      .superRefine((address, context) => {
        if (isLookupUrl(address)) checkQuery(address, context);
      }),
    id: expression('one event').exactOptional(),
    headers: headers.exactOptional(),
    body: body.exactOptional(),
    email: expression("the look-up's answer"),
  },
  'an object with url, email and, if wanted, id, headers and body',
) satisfies z.ZodType<Lookup>;
