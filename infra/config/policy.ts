import * as z from 'zod';
import { readDomain } from '../../functions/invites/recipient.ts';
import { CHANNEL_ID, readChannel } from '../../functions/invites/request.ts';
import { invisibleIn, trimmed } from '../../functions/lib/text.ts';
import { isObject } from './fields.ts';

const DOMAIN = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;
const DOMAINS = 'e-mail domains, such as ["partner.example", "*.partner.example"]; or "*"';

/**
 * What to do about a domain that no address would match.
 * @returns an empty text where there is nothing to do.
 */
const domainRemedy = (written: string): string => {
  const domain = trimmed(written);
  const invisible = invisibleIn(domain);
  if (invisible) return `; there is ${invisible}, which nobody sees: delete it`;
  const star = domain.startsWith('*.') ? '*.' : '';
  const read = readDomain(domain.slice(star.length), star);
  // An address whose domain mixes scripts gets in nowhere, in its xn-- form either.
  if ('problem' in read) return `; ${read.problem.replace('must have a domain', 'it has to be')}`;
  const meant = `${star}${read.domain}`;
  if (meant !== written) return `; write "${meant}"`;
  return DOMAIN.test(read.domain) ? '' : '; this is none';
};

// `"*"` may be written bare, since it always stands alone.
const domains = z
  .preprocess(
    (value) => (value === '*' ? ['*'] : value),
    z
      .array(
        z
          .string(DOMAINS)
          .toLowerCase()
          .superRefine((domain, context) => {
            const remedy = domain === '*' ? '' : domainRemedy(domain);
            if (remedy !== '') context.addIssue(`${DOMAINS}${remedy}`);
          }),
        `a list of ${DOMAINS}`,
      )
      .refine((list) => list.length === 1 || !list.includes('*'), {
        error: 'either a list or "*", since "*" among others would hide that it says everything',
        // Also when an item is wrong, so that all problems are told at once.
        when: ({ value }) => Array.isArray(value),
      }),
  )
  .default([]);

export const deniedEmailDomains = domains;

/** The gateway hands a list of groups on as one text, with spaces between them. */
export const GROUP = /^group\/[^\s[\]]{1,256}$/;

const CALLER = [
  /^(role|user)\/[\w+=,.@-]{1,128}$/,
  /^(jwt|client)\/[\x21-\x7e]{1,256}$/,
  GROUP,
  /^source\/[a-z0-9][a-z0-9-]{0,39}$/,
  /^task$/,
];
const CALLERS =
  'callers: role/NAME and user/NAME (IAM), jwt/SUB, client/CLIENT_ID and group/NAME (JWT), source/NAME (an HR source), task (the task door)';
const SUFFIX = /^(role\/AWSReservedSSO_.+)_[0-9a-f]{16}$/;

const remedyOf = (text: string): string => {
  const invisible = invisibleIn(trimmed(text));
  if (invisible && !invisible.startsWith('U+0020')) {
    return `; there is ${invisible}, which nobody sees: delete it`;
  }
  const tidy = trimmed(text);
  if (tidy !== text && CALLER.some((form) => form.test(tidy))) return `; write "${tidy}"`;
  const [, withoutSuffix] = SUFFIX.exec(text) ?? [];
  if (withoutSuffix) return `; write "${withoutSuffix}", since the suffix is made anew at times`;
  const [, kind, name] =
    /^(?:arn:.*:(?:assumed-)?)?(role|user)\/(?:.*\/)?([^/]+)$/.exec(text) ?? [];
  if (!kind || text.includes(':assumed-role/')) return '';
  const meant = `${kind}/${trimmed(name ?? '')}`;
  return CALLER.some((form) => form.test(meant)) ? `; write "${meant}", the name alone` : '';
};

/** One caller as the policy names it; the grants of the command line are checked by it, too. */
export const caller = z.string(CALLERS).superRefine((text, context) => {
  if (CALLER.some((form) => form.test(text)) && !SUFFIX.test(text)) return;
  context.addIssue(`${CALLERS}${remedyOf(text)}`);
});

const LIST = `a list of ${CALLERS}`;
export const readers = z.array(caller, LIST).default([]);

const flag = z.boolean('true or false').exactOptional();
const ROW =
  'an object with emailDomains and, if wanted, callers, userIds and fullAccess; {} where only grants allow anybody';
const CHANNELS =
  'an object by channel id (C or G and 8 to 20 capitals or digits), such as {"C0PARTNER01": {"emailDomains": ["partner.example"]}}; "*" in place of an id is for every other channel';

/** Who may be invited where, and by whom. */
export const channels = z
  .record(
    z.string(),
    z.strictObject(
      {
        emailDomains: domains,
        callers: z
          .array(caller, LIST)
          .min(1, `${LIST}; leave it out for every caller`)
          .exactOptional(),
        userIds: flag,
        fullAccess: flag,
      },
      ROW,
    ),
    CHANNELS,
  )
  // Not as the type of the keys: then nothing else would be said of a channel with a wrong id.
  .superRefine(
    (record, context) => {
      for (const key of Object.keys(record)) {
        if (key === '*' || CHANNEL_ID.test(key)) continue;
        const read = readChannel(key);
        const remedy = 'value' in read ? `; write "${read.value}"` : `; this one ${read.problem}`;
        context.addIssue({
          code: 'custom',
          message: `${CHANNELS}${remedy}`,
          path: [key],
          input: key,
        });
      }
    },
    { when: isObject },
  )
  .default({});
