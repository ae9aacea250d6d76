/**
 * Says what is wrong with a text that was meant to be JSON, and where, counted from 1.
 *
 * Of the text it repeats one character at most, since a configuration may have a credential in it
 * by mistake; the runtime's own message quotes ten on either side, and leaves the place out then.
 *
 * @returns undefined for a text that is JSON
 */
export function jsonProblem(text: string): string | undefined {
  const message = messageOf(text);
  if (message === undefined) return undefined;
  const [, what = message, at] =
    /^(Unexpected token .+?), (?:\.\.\.)?"/s.exec(message) ??
    /^(.+?)(?: in JSON)? at position (\d+)/s.exec(message) ??
    [];
  const place = message.startsWith(UNEXPECTED) ? firstUnexpected(text) : Number(at ?? text.length);
  return `${what}, at character ${place + 1}`;
}

const UNEXPECTED = 'Unexpected token';

function messageOf(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** The place of an unexpected token: the end of the shortest beginning of the text that has it. */
function firstUnexpected(text: string): number {
  let [without, having] = [0, text.length];
  while (having - without > 1) {
    const middle = Math.floor((without + having) / 2);
    if (messageOf(text.slice(0, middle))?.startsWith(UNEXPECTED)) having = middle;
    else without = middle;
  }
  return having - 1;
}
