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
