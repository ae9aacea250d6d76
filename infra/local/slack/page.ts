import { readFileSync } from 'node:fs';
import { find } from './fields.ts';

/** The files of the page, by the path that each is served under, from `page/`; and what it refers to. */
const FILES: Record<string, { file: string; type: string }> = {
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

/**
 * Nothing but the page's own files, and nothing inline. Names and addresses that a client chose are
 * inserted as text. This protects the page if somebody forgets that.
 */
const POLICY = [
  "default-src 'none'",
  ...['script', 'style', 'img', 'connect'].map((kind) => `${kind}-src 'self'`),
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

/** @returns the file of the page at a path; undefined if there is none. */
export function pageFile(path: string) {
  const found = path.startsWith('/join/') ? JOIN : find(FILES, path);
  if (!found) return undefined;
  return {
    status: 200,
    headers: {
      'content-type': `${found.type}; charset=utf-8`,
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    },
    body: readFileSync(new URL(`page/${found.file}`, import.meta.url), 'utf8'),
  };
}
