import { readFileSync } from 'node:fs';

/** A file of a page, and its media type. */
export type PageFile = { file: string; type: string };

/**
 * Nothing but the page's own files, and nothing inline. What a client chose or a function logged is
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

/** @returns the answer with a file of a page: read anew, so that an edited page needs no restart. */
export const pageAnswer = ({ file, type }: PageFile, folder: URL) => ({
  status: 200,
  headers: {
    'content-type': `${type}; charset=utf-8`,
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  },
  body: readFileSync(new URL(file, folder), 'utf8'),
});
