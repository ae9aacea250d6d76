import { domainToASCII, domainToUnicode } from 'node:url';
import { invisibleIn, placeOf, trimmed } from '../lib/text.ts';

/** Who is invited: by e-mail address, or as a Slack user that the app knows already. */
export type Recipient = { kind: 'email'; value: string } | { kind: 'user_id'; value: string };

/** What was read, or what is wrong with it and what to do about it; it is never quoted. */
export type ReadValue = { value: string } | { problem: string };

const MAX_LENGTH = 254; // RFC 5321, 4.5.3.1.3: a path of 256 octets, less its angle brackets
const MAX_LOCAL_LENGTH = 64; // RFC 5321, 4.5.3.1.1
const LOCAL = /[\w.!#$%&'*+/=?^`{|}~-]/; // RFC 5322's atext and dots; no quoted forms
const MAX_DOMAIN_LENGTH = 253; // RFC 1035, 2.3.4: 255 octets, less the root's and the first length
const MAX_LABEL = 63; // RFC 1035, 2.3.4
const ASCII = /^[\x21-\x7e]*$/;
const LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i; // RFC 1035, 2.3.1
const USER_ID = /^[UW][A-Z0-9]{6,20}$/;

const ONE_PERSON = 'send one request per person';

/**
 * Reads an address. White space around it is left out, and a domain in another script becomes its
 * `xn--` form; every other character that does not belong there is refused.
 */
export const readEmail = (text: string): ReadValue => {
  const refused = (problem: string) => ({ problem });
  const address = trimmed(text);
  if (/^[^<>]*<[^<>]+>$/.test(address)) {
    return refused('must be the address alone: what stands between "<" and ">"');
  }
  if (/^mailto:/i.test(address)) return refused('must be the address alone, without "mailto:"');
  // Slack reads a comma as a separator: one "address" would become two recipients.
  if (address.includes(',')) {
    return refused(`must be one address, without a comma; ${ONE_PERSON}`);
  }
  if (address.includes(';')) {
    return refused(`must be one address, without a semicolon; ${ONE_PERSON}`);
  }
  const [local, domain, ...rest] = address.split('@');
  if (domain === undefined)
    return refused('must be an e-mail address, such as ada@partner.example');
  if (rest.length > 0) return refused(`must be one address with one "@"; ${ONE_PERSON}`);
  const invisible = invisibleIn(address);
  if (invisible) return refused(withoutInvisible(invisible));
  if (!local || !domain) return refused('must have a name before the "@" and a domain after it');

  const foreign = placeOf(local, (character) => /[^\x21-\x7e]/.test(character));
  if (foreign) {
    return refused(
      `must have plain ASCII before the "@", and ${foreign} is not: use another address of this person`,
    );
  }
  if (local.length > MAX_LOCAL_LENGTH) {
    return refused(
      `must have at most ${MAX_LOCAL_LENGTH} characters before the "@"; it has ${local.length}`,
    );
  }
  const odd = placeOf(local, (character) => !LOCAL.test(character));
  if (odd) {
    return refused(
      `must have an ordinary name before the "@" (letters, digits, dots, + and the like); ${odd} is none of them`,
    );
  }
  const read = readDomain(domain, `${local}@`);
  if ('problem' in read) return read;
  const value = `${local}@${read.domain}`;
  if (value.length <= MAX_LENGTH) return { value };
  return refused(`must have at most ${MAX_LENGTH} characters; it has ${value.length}`);
};

/** A domain as it is compared and sent, or what is wrong with it. */
type ReadDomain = { domain: string } | { problem: string };

const EXAMPLE = 'such as partner.example';

/**
 * Reads the domain of an address; one in another script becomes its `xn--` form.
 * @param before what stands before it, for the places that are told.
 */
export const readDomain = (text: string, before = ''): ReadDomain => {
  const refused = (problem: string) => ({ problem: `must have a domain ${problem}` });
  const start = [...before].length;
  const place = (isMeant: (character: string) => boolean) =>
    placeOf(before + text, (character, index) => index >= start && isMeant(character));

  if (text.endsWith('.')) return refused('without a dot at its end');
  if (text.includes('_')) return refused('without an underscore, which no domain of mail has');
  const other = place((character) => /[^a-z0-9.\-\u0080-\u{10ffff}]/iu.test(character));
  if (other) return refused(`of letters, digits, hyphens and dots; ${other} is none of them`);

  let domain = text;
  if (!ASCII.test(text)) {
    const mixed = mixedScript(text);
    if (mixed) {
      const { character, script, among } = mixed;
      const at = place((one) => one === character);
      return refused(`of one script; ${at} is ${script} among ${among} letters`);
    }
    domain = domainToASCII(text);
    if (domain === '') return refused('that DNS can have; write its xn-- form');
  } else if (/(^|\.)xn--/i.test(text)) {
    const mixed = mixedScript(domainToUnicode(text));
    if (mixed) return refused(`of one script; its xn-- form has ${told(mixed)}`);
  }

  const labels = domain.split('.');
  if (labels.length < 2) return refused(`with a dot after the "@", ${EXAMPLE}`);
  if (labels.includes('')) return refused('without an empty part: a dot too many');
  const long = labels.find((label) => label.length > MAX_LABEL);
  if (long)
    return refused(`whose parts have at most ${MAX_LABEL} characters; one has ${long.length}`);
  if (domain.length > MAX_DOMAIN_LENGTH) {
    return refused(`of at most ${MAX_DOMAIN_LENGTH} characters; it has ${domain.length}`);
  }
  if (!labels.every((label) => LABEL.test(label))) {
    return refused('whose parts begin and end with a letter or a digit');
  }
  if (/^\d+$/.test(labels.at(-1) ?? '')) return refused(`that ends in letters, ${EXAMPLE}`);
  return { domain };
};

/** An xn-- form shows none of its letters, so they have no place in it. */
const told = ({ character, script, among }: OddLetter): string =>
  `${placeOf(character, () => true)?.replace(/ .*/, '')}, which is ${script}, among ${among} letters`;

/** Reads a Slack user id. */
export const readUserId = (text: string): ReadValue => {
  const id = trimmed(text);
  const invisible = invisibleIn(id);
  if (USER_ID.test(id)) return { value: id };
  if (invisible && USER_ID.test(visible(id))) return { problem: withoutInvisible(invisible) };
  return {
    problem:
      'must be a Slack user id in capitals, such as U012AB3CD4E, not a name or a link; the menu of a profile in Slack has "Copy member ID"',
  };
};

/** @param found as {@link invisibleIn} tells it. */
export const withoutInvisible = (found: string): string =>
  found.startsWith('U+0020 ')
    ? `must have no space, and there is ${found}; in a form, write + as %2B`
    : `must have no invisible character, and there is ${found}: delete it`;

/** The text without what nobody sees. */
export const visible = (text: string): string =>
  [...text].filter((character) => invisibleIn(character) === undefined).join('');

/** The part of an address that policy looks at, in lower case. */
export const domainOf = (address: string): string =>
  address.slice(address.lastIndexOf('@') + 1).toLowerCase();

const SCRIPTS = [
  ...['Latin', 'Cyrillic', 'Greek', 'Armenian', 'Georgian', 'Hebrew', 'Arabic', 'Thai', 'Lao'],
  ...['Devanagari', 'Bengali', 'Gurmukhi', 'Gujarati', 'Oriya', 'Tamil', 'Telugu', 'Kannada'],
  ...['Malayalam', 'Sinhala', 'Khmer', 'Myanmar', 'Tibetan', 'Ethiopic', 'Mongolian', 'Cherokee'],
  ...['Han', 'Hiragana', 'Katakana', 'Bopomofo', 'Hangul', 'Common', 'Inherited'],
];
/** Written together in Chinese, Japanese and Korean. */
const EAST_ASIAN = ['Han', 'Hiragana', 'Katakana', 'Bopomofo', 'Hangul'];

const scriptOf = (character: string): string =>
  SCRIPTS.find((script) => new RegExp(`^\\p{Script=${script}}`, 'u').test(character)) ??
  'another script';

type Letter = { character: string; script: string; group: string };

const lettersOf = (label: string): Letter[] =>
  [...label].flatMap((character) => {
    const script = scriptOf(character);
    if (script === 'Common' || script === 'Inherited') return [];
    return [{ character, script, group: EAST_ASIAN.includes(script) ? 'East Asian' : script }];
  });

type OddLetter = { character: string; script: string; among: string };

/**
 * A domain that only looks like another one mostly mixes scripts.
 * @returns the first letter that does not belong to the others.
 */
const mixedScript = (domain: string): OddLetter | undefined => {
  let whole: string | undefined;
  for (const label of domain.split(/[.\u3002\uff0e\uff61]/)) {
    // Parts in plain ASCII, such as `.com`, go with every script.
    if (ASCII.test(label)) continue;
    const letters = lettersOf(label);
    // Where there are Latin letters, it is the other one that nobody notices.
    const isLatin = letters.some(({ group }) => group === 'Latin');
    const among = isLatin ? 'Latin' : (whole ?? letters[0]?.group);
    const odd = letters.find(({ group }) => group !== among);
    if (odd && among) return { ...odd, among };
    if (whole !== undefined && among !== undefined && among !== whole && letters[0]) {
      return { ...letters[0], among: whole };
    }
    whole ??= among;
  }
  return undefined;
};

/** @param domain in lower case. */
export const matchesDomain = (pattern: string, domain: string): boolean => {
  const wanted = pattern.toLowerCase();
  if (wanted === '*') return true;
  return wanted.startsWith('*.') ? domain.endsWith(wanted.slice(1)) : domain === wanted;
};
