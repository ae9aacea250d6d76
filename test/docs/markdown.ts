import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** The documents that links are checked in, relative to the project. */
export const DOCUMENTS = globSync(['*.md', 'docs/*.md'], { cwd: PROJECT });

/** @returns the absolute path of a file of the project. */
export const pathOf = (file: string): string => `${PROJECT}${file}`;

/** @returns the text of a document. */
export const read = (file: string): string => readFileSync(pathOf(file), 'utf8');

/** @returns a table in Markdown. */
export const table = (headings: string[], rows: string[][]): string =>
  [headings, headings.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

/** @returns the first cell of each row of every table in a text, and of its other cells. */
export const rowsOf = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.slice(2, -2).split(' | '));

/** @returns the anchors of a document's headings, as GitHub makes them. */
export const anchorsOf = (text: string): string[] =>
  withoutCode(text)
    .split('\n')
    .filter((line) => /^#{1,6} /.test(line))
    .map((line) =>
      line
        .replace(/^#+ /, '')
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    );

/** @returns the targets of a document's links, without those to other sites. */
export const linksOf = (text: string): string[] =>
  [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target as string)
    .filter((target) => !/^[a-z]+:/.test(target));

/** @returns the code blocks of one language. */
export const codeBlocksOf = (text: string, language: string): string[] =>
  [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, found]) => found === language)
    .map(([, , code]) => code as string);

const withoutCode = (text: string): string => text.replace(/^```[\s\S]*?^```$/gm, '');
