// How every door and every command reads an address, a channel, or anything else that people copy.

const AROUND = /^[ \t\r\n\u00a0]+|[ \t\r\n\u00a0]+$/g;
/** What nobody sees: controls, spaces, and what is left out when a text is shown. */
const INVISIBLE = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u;

/**
 * Takes away what copying brings along: spaces, tabs, line ends, and the no-break space of web
 * pages. Nothing else, since nobody would learn of it.
 */
export const trimmed = (text: string): string => text.replace(AROUND, '');

/** @returns the first invisible character, as in "U+200B at position 1", counted from 1. */
export const invisibleIn = (text: string): string | undefined =>
  placeOf(text, (character) => INVISIBLE.test(character));

/**
 * @param isMeant whether this is the character.
 * @returns the first one, by its code point, since it may not be seen, and its place.
 */
export const placeOf = (
  text: string,
  isMeant: (character: string, index: number) => boolean,
): string | undefined => {
  const characters = [...text];
  const index = characters.findIndex(isMeant);
  if (index === -1) return undefined;
  const code = characters[index]?.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
  return `U+${code} at position ${index + 1}`;
};

/** The candidate that was probably meant by `word`: at most a third of its letters are different. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const [best] = candidates
    .map((candidate) => ({
      candidate,
      distance: editDistance(word.toLowerCase(), candidate.toLowerCase()),
    }))
    .filter(({ candidate, distance }) => distance <= Math.ceil(candidate.length / 3))
    .sort((a, b) => a.distance - b.distance);
  return best?.candidate;
}

/** Levenshtein distance, one row of the matrix at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * An address that stands in for a vendor's where the stack runs on one machine. It is honoured for a
 * server on this machine only, so that no environment variable can send a credential elsewhere.
 *
 * @param variable its name, for the error.
 * @throws Error if it names another host or is not a URL.
 */
export const loopbackUrl = (variable: string, text: string): URL => {
  const url = URL.parse(text);
  if (!url || !LOOPBACK.has(url.hostname) || !/^https?:$/.test(url.protocol)) {
    throw new Error(`${variable} must be an http or https URL of this machine, or be left out`);
  }
  return url;
};

const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;

/**
 * Reads a day, as its beginning in UTC, or a time with its zone.
 * @see https://datatracker.ietf.org/doc/html/rfc3339#section-5.6
 * @returns epoch milliseconds; undefined for what is neither, and for a day that no calendar has.
 */
export const readTime = (text: string): number | undefined => {
  const day = text.slice(0, 10);
  // JavaScript takes 30 February for 2 March.
  const isReal = TIME.test(text) && new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day);
  const time = isReal ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
};

/** @returns an empty object where the text is not a JSON object. */
export const parseObject = (text: string): Record<string, unknown> => {
  try {
    return { ...JSON.parse(text) };
  } catch {
    return {};
  }
};
