import * as z from 'zod';
import { CHANNEL_ID } from '../../functions/invites/request.ts';
import { nearest } from '../../functions/lib/text.ts';
import { PROVIDER_NAMES } from '../../functions/webhooks/providers.ts';
import type { Rule } from '../../functions/webhooks/source.ts';
import { isObject, text, whole } from './fields.ts';
import { auth } from './sources-auth.ts';
import { checkSource } from './sources-checks.ts';
import { description } from './sources-description.ts';
import { expression } from './sources-expression.ts';
import { lookup } from './sources-lookup.ts';

const MAX_SOURCES = 20;
const MAX_RULES = 50;
/** 90 days. */
const MAX_SILENT_HOURS = 2_160;

const provider = z.enum(PROVIDER_NAMES, {
  error: ({ input }) => {
    const close = typeof input === 'string' ? nearest(input, PROVIDER_NAMES) : undefined;
    const meant = close ? `; did you mean "${close}"?` : '';
    return `one of ${PROVIDER_NAMES.join(', ')}${meant}`;
  },
});

const rule = z.strictObject(
  {
    when: expression('one event'),
    invite: z.strictObject(
      {
        channel: text(
          CHANNEL_ID,
          'a channel id (C or G and 8 to 20 capitals or digits), such as "C0PARTNER01"',
        ),
        email: expression('one event').exactOptional(),
        external_limited: z.boolean('true or false').exactOptional(),
        reference: expression('one event').exactOptional(),
      },
      'an object with channel and, if wanted, email, external_limited and reference',
    ),
  },
  'an object with when and invite',
) satisfies z.ZodType<Rule>;

const RULES = `a list of 1 to ${MAX_RULES} rules`;

/** In seconds, as `max-age` is in HTTP. */
const maxAge = whole(60, 400 * 86_400, ' seconds, such as 604800 for 7 days');

const source = z
  .strictObject(
    {
      provider,
      rules: z.array(rule, RULES).min(1, RULES).max(MAX_RULES, RULES),
      lookup: lookup.exactOptional(),
      auth: auth.exactOptional(),
      ...description,
      closed: z.boolean('true or false').exactOptional(),
      maxAge: maxAge.exactOptional(),
      silentAfterHours: whole(1, MAX_SILENT_HOURS, ' hours').exactOptional(),
    },
    'an object with provider, rules and, if wanted, lookup, auth, events, eventId, time, ignore, handshake, closed, maxAge and silentAfterHours',
  )
  .superRefine(checkSource, { when: isObject });

const NAME =
  'names of 1 to 40 small letters, digits and hyphens, no hyphen first; they are part of the URL /webhooks/{source}';
const SOURCES = `an object of at most ${MAX_SOURCES} sources by name`;

/** Who may call the webhook door, by the name in its URL. */
export const sources = z
  .record(z.string(), source, SOURCES)
  // Not as the type of the keys: then nothing else would be said of a source with a wrong name.
  .superRefine(
    (record, context) => {
      for (const name of Object.keys(record)) {
        if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(name)) {
          context.addIssue({ code: 'custom', message: NAME, path: [name], input: name });
        }
      }
    },
    { when: isObject },
  )
  .refine((record) => Object.keys(record).length <= MAX_SOURCES, {
    error: SOURCES,
    when: isObject,
  })
  .default({});
