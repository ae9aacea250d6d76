import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';

/** What is wrong with a text that was meant to be JSON, and where: all counted from 1. */
export type JsonMistake = { what: string; character: number; line: number; column: number };

/**
 * Finds the first mistake. Nothing of the text is repeated, since somebody may have put a credential
 * into it; the runtime's own message quotes ten characters on either side, and often leaves the
 * place out.
 *
 * @returns undefined for a text that is JSON
 */
export function jsonMistake(text: string): JsonMistake | undefined {
  if (isJson(text)) return undefined;
  const errors: ParseError[] = [];
  parse(text, errors, { disallowComments: true });
  const [first] = errors;
  const offset = first?.offset ?? 0;
  const lines = text.slice(0, offset).split(/\r\n|[\r\n]/);
  return {
    what: first ? wordsFor(first, text) : 'this is not valid JSON',
    character: offset + 1,
    line: lines.length,
    column: (lines.at(-1)?.length ?? 0) + 1,
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function wordsFor({ error, offset }: ParseError, text: string): string {
  const [bracket] = /^[}\]]/.exec(text.slice(offset)) ?? [];
  if (bracket && /,\s*$/.test(text.slice(0, offset)))
    return `one comma too many before "${bracket}"`;
  return WORDS[printParseErrorCode(error)];
}

const WORDS: Record<ReturnType<typeof printParseErrorCode>, string> = {
  InvalidSymbol: 'this is not allowed here; keys and texts need plain double quotes ("…")',
  InvalidNumberFormat: 'this is not a number',
  PropertyNameExpected: 'a key in double quotes is missing here',
  ValueExpected: 'a value is missing here',
  ColonExpected: 'a colon is missing here, between key and value',
  CommaExpected: 'a comma or a closing bracket is missing before this',
  CloseBraceExpected: 'a closing "}" is missing here',
  CloseBracketExpected: 'a closing "]" is missing here',
  EndOfFileExpected:
    'the JSON is complete before this; remove what follows, or a bracket before it',
  InvalidCommentToken: 'JSON has no comments; remove it',
  UnexpectedEndOfComment: 'JSON has no comments; remove it',
  UnexpectedEndOfString: 'this text has no closing double quote on its line',
  UnexpectedEndOfNumber: 'this is not a number',
  InvalidUnicode: 'this text has a \\u without four hexadecimal digits',
  InvalidEscapeCharacter: 'this text has a stray backslash; write \\\\ for a backslash',
  InvalidCharacter: 'this text has a tab or another control character; write \\t for a tab',
  '<unknown ParseErrorCode>': 'this is not valid JSON',
};
