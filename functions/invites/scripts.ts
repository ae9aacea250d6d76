/** Parts of a domain in plain ASCII, such as `.com`, go with every script. */
const ASCII = /^[\x21-\x7e]*$/;

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

export type OddLetter = { character: string; script: string; among: string };

/**
 * A domain that only looks like another one mostly mixes scripts.
 * @returns the first letter that does not belong to the others.
 */
export const mixedScript = (domain: string): OddLetter | undefined => {
  let whole: string | undefined;
  for (const label of domain.split(/[.\u3002\uff0e\uff61]/)) {
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
