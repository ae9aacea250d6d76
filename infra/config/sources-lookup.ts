import * as z from 'zod';
import type { Lookup, TokenRequest } from '../../functions/webhooks/source.ts';
import { isObject } from './fields.ts';
import { checkHeaders, checkParameters, checkQuery } from './sources-credential.ts';
import { expression } from './sources-expression.ts';

const ADDRESS =
  'an https:// address of a host name, without user, port and fragment, and with no // after the host';
const URL_ALLOWED = `${ADDRESS}; "{id}" may stand once in its path or query, such as "https://api.example.com/v1/employees/{id}?fields=homeEmail"`;
const TOKEN_URL_ALLOWED = `${ADDRESS}, such as "https://login.example.com/oauth2/token"`;

// A name and no number, directly before the path: then no address within a network can be meant,
// nor another port, and no id can become part of the host. The path has no second slash: resolved
// against a base it would be another host.
const HOST = /^https:\/\/([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?\/(?!\/)/;

/** Nothing that is written in one way and sent in another. */
const isAddress = (address: string): boolean =>
  HOST.test(address) && !address.includes('#') && URL.parse(address)?.href === address;

const isTemplate = (template: string): boolean => {
  const [before, after = '', ...more] = template.split('{id}');
  return (
    more.length === 0 &&
    HOST.test(template) &&
    isAddress(template.includes('{id}') ? `${before}id${after}` : template)
  );
};

const address = (allowed: string, isAllowed: (address: string) => boolean) =>
  z
    .string(allowed)
    .max(500, { error: allowed, abort: true })
    .refine(isAllowed, { error: allowed })
    .superRefine((written, context) => {
      if (isAllowed(written)) checkQuery(written, context);
    });

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
  'printable characters, with {secret}, {secret:base64} or {token} where the credential belongs, such as "Bearer {secret}"';
const headerValue = z
  .string(VALUE_ALLOWED)
  .regex(/^[\x20-\x7e]{1,500}$/, VALUE_ALLOWED)
  .refine((template) => !/[{}]/.test(template.replace(/\{(secret(:base64)?|token)\}/g, '')), {
    error: VALUE_ALLOWED,
  });

const HEADERS_ALLOWED = 'an object of at most 10 headers and their values';
const headers = z
  .record(headerName, headerValue, {
    error: ({ code }) => (code === 'invalid_key' ? NAME_ALLOWED : HEADERS_ALLOWED),
  })
  .refine((record) => Object.keys(record).length <= 10, { error: HEADERS_ALLOWED, when: isObject })
  .superRefine(checkHeaders, { when: isObject });

const BODY_ALLOWED =
  'an object of at most 2,000 characters as JSON; "{id}" in its texts stands for the person\'s id';
/** What looks like a placeholder and is none: it would be sent as it is written. */
const NO_PLACEHOLDER = /\{(?!id\})(secret(:base64)?|token|\w*id)\}/i;
const body = z
  .record(z.string(), z.json(), BODY_ALLOWED)
  .refine((value) => JSON.stringify(value).length <= 2_000, { error: BODY_ALLOWED })
  .superRefine((value, context) => {
    const [found] = NO_PLACEHOLDER.exec(JSON.stringify(value)) ?? [];
    if (found) context.addIssue(`${BODY_ALLOWED}; ${found} stands for nothing here`);
  });

const PARAMETERS = 'an object of at most 10 texts, such as {"scope": "people:read"}';
const token = z.strictObject(
  {
    url: address(TOKEN_URL_ALLOWED, isAddress),
    client: z.literal(
      ['basic', 'form'],
      '"basic" or "form": whether the credential goes by HTTP Basic or among the fields of the form',
    ),
    parameters: z
      .record(z.string().regex(/^[\w.-]{1,64}$/, PARAMETERS), z.string(PARAMETERS).max(500), {
        error: PARAMETERS,
      })
      .refine((record) => Object.keys(record).length <= 10, { error: PARAMETERS, when: isObject })
      .superRefine(checkParameters, { when: isObject })
      .exactOptional(),
  },
  'an object with url, client and, if wanted, parameters',
) satisfies z.ZodType<TokenRequest>;

const fields = z.strictObject(
  {
    url: address(URL_ALLOWED, isTemplate),
    id: expression('one event').exactOptional(),
    headers: headers.exactOptional(),
    body: body.exactOptional(),
    token: token.exactOptional(),
    email: expression("the lookup's answer"),
  },
  'an object with url, email and, if wanted, id, headers, body and token',
) satisfies z.ZodType<Lookup>;

type Unchecked = { [key in keyof Lookup]?: unknown };

/** Where the e-mail address of a person is looked up. */
export const lookup = fields.superRefine(
  ({ url, body, headers, token }: Unchecked, context) => {
    const hasPlace = `${url}${JSON.stringify(body)}`.includes('{id}');
    if (typeof url === 'string' && isTemplate(url) && !hasPlace) {
      const message = `${URL_ALLOWED}; here it stands neither in url nor in body, so that everybody would be the same person`;
      context.addIssue({ code: 'custom', path: ['url'], input: url, message });
    }
    const placeholder = JSON.stringify(headers ?? {}).includes('{token}');
    if (placeholder && token === undefined) {
      const message = 'an object with url and client, since a header has {token}';
      context.addIssue({ code: 'custom', path: ['token'], input: token, message });
    }
    if (!placeholder && token !== undefined) {
      const message =
        'headers with {token} in one of them, such as {"Authorization": "Bearer {token}"}';
      context.addIssue({ code: 'custom', path: ['headers'], input: headers, message });
    }
  },
  { when: isObject },
);
