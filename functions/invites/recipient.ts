/** Who is invited: by e-mail address, or as a Slack user that the app knows already. */
export type Recipient = { kind: 'email'; value: string } | { kind: 'user_id'; value: string };

const MAX_LENGTH = 254; // RFC 5321, 4.5.3.1.3: a path of 256 octets, less its angle brackets
const MAX_LOCAL_LENGTH = 64; // RFC 5321, 4.5.3.1.1
const LOCAL = /^[\w.!#$%&'*+/=?^`{|}~-]+$/; // RFC 5322's atext and dots; no quoted forms
const ASCII = /^[\x21-\x7e]*$/;
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i; // RFC 1035, 2.3.1
const USER_ID = /^[UW][A-Z0-9]{6,20}$/;

const ONE_PERSON = 'send one request per person';

/** @returns what is wrong with an address and what to do about it, or undefined. Never quotes it. */
export const emailProblem = (address: string): string | undefined => {
  if (address.length > MAX_LENGTH) return `must have at most ${MAX_LENGTH} characters`;
  if (/^[^<>]*<[^<>]+>$/.test(address)) {
    return 'must be the address alone: what stands between "<" and ">"';
  }
  if (/^mailto:/i.test(address)) return 'must be the address alone, without "mailto:"';
  // Slack reads a comma as a separator: one "address" would become two recipients.
  if (address.includes(',')) return `must be one address, without a comma; ${ONE_PERSON}`;
  if (address.includes(';')) return `must be one address, without a semicolon; ${ONE_PERSON}`;
  const [local, domain, ...rest] = address.split('@');
  if (domain === undefined) return 'must be an e-mail address, such as ada@partner.example';
  if (rest.length > 0) return `must be one address with one "@"; ${ONE_PERSON}`;
  if (!local || !domain) return 'must have a name before the "@" and a domain after it';
  if (/[^\x21-\x7e\x80-\uffff]/.test(address)) {
    return 'must have no spaces, line ends or other control characters';
  }
  if (!ASCII.test(local)) {
    return 'must have plain ASCII before the "@", without accents and other scripts: use another address of this person';
  }
  if (!ASCII.test(domain)) {
    return 'must have a domain in plain ASCII: write an internationalised one in its xn-- form';
  }
  if (local.length > MAX_LOCAL_LENGTH || !LOCAL.test(local)) {
    return 'must have an ordinary name before the "@" (letters, digits, dots, + and the like)';
  }
  const labels = domain.split('.');
  if (
    labels.length < 2 ||
    !labels.every((label) => LABEL.test(label)) ||
    /^\d+$/.test(labels.at(-1) ?? '')
  ) {
    return 'must have a domain with a dot after the "@", such as partner.example';
  }
  return undefined;
};

/** @returns what is wrong with a Slack user id, or undefined. */
export const userIdProblem = (id: string): string | undefined =>
  USER_ID.test(id)
    ? undefined
    : 'must be a Slack user id in capitals, such as U012AB3CD4E, not a name or a link; the menu of a profile in Slack has "Copy member ID"';

/** The part of an address that policy looks at, in lower case. */
export const domainOf = (address: string): string =>
  address.slice(address.lastIndexOf('@') + 1).toLowerCase();
