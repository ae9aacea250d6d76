import { type PageFile, pageAnswer } from '../lib/page-file.ts';
import { find } from './fields.ts';

const PAGE = new URL('page/', import.meta.url);

/** The files of the page, by the path that each is served under, from `page/`; and what it refers to. */
const FILES: Record<string, PageFile> = {
  '/': { file: 'index.html', type: 'text/html' },
  '/page/page.css': { file: 'page.css', type: 'text/css' },
  '/page/icon.svg': { file: 'icon.svg', type: 'image/svg+xml' },
  '/docs/slack.md': { file: '../../../../docs/slack.md', type: 'text/plain' },
  '/docs/local.md': { file: '../../../../docs/local.md', type: 'text/plain' },
  ...Object.fromEntries(
    ['dom', 'find', 'join', 'page', 'reading', 'try', 'view'].map((name) => [
      `/page/${name}.js`,
      { file: `${name}.js`, type: 'text/javascript' },
    ]),
  ),
};

/** What the Join button of a message leads to: `/join/` and the end of the invitation's link. */
const JOIN = { file: 'join.html', type: 'text/html' };

/** @returns the file of the page at a path; undefined if there is none. */
export function pageFile(path: string) {
  const found = path.startsWith('/join/') ? JOIN : find(FILES, path);
  return found && pageAnswer(found, PAGE);
}
