import type { IncomingMessage, ServerResponse } from 'node:http';
import { logUnexpected } from '../../../functions/telemetry/observation.ts';
import { type PageFile, pageAnswer } from '../lib/page-file.ts';
import { createLive } from './live.ts';
import { createSections, type Parts } from './sections.ts';

const HERE = new URL('.', import.meta.url);

/** The page's files by the path that each is served under. It shares its looks with the local Slack's page. */
const FILES: Record<string, PageFile> = {
  '/': { file: 'page/index.html', type: 'text/html' },
  '/page/page.css': { file: '../slack/page/page.css', type: 'text/css' },
  '/page/overview.css': { file: 'page/overview.css', type: 'text/css' },
  '/page/icon.svg': { file: 'page/icon.svg', type: 'image/svg+xml' },
  '/slack/page/dom.js': { file: '../slack/page/dom.js', type: 'text/javascript' },
  '/slack/page/find.js': { file: '../slack/page/find.js', type: 'text/javascript' },
  ...Object.fromEntries(
    ['overview', 'plot', 'view'].map((name) => [
      `/page/${name}.js`,
      { file: `page/${name}.js`, type: 'text/javascript' },
    ]),
  ),
  '/docs/runbook.md': { file: '../../../docs/runbook.md', type: 'text/plain' },
  '/docs/local.md': { file: '../../../docs/local.md', type: 'text/plain' },
};

export type Overview = {
  /** Answers a request for the page. @returns whether it was one: signed requests are for AWS. */
  serves(request: IncomingMessage, response: ServerResponse): boolean;
  /** Something may have changed. */
  changed(): void;
};

/** A page over a running stack, on the port of the AWS endpoint, and what it shows as JSON. */
export function createOverview(parts: Parts): Overview {
  const sections = createSections(parts);
  const live = createLive(sections);
  return {
    changed: live.changed,
    serves({ method, url = '/', headers }, response) {
      if (method !== 'GET' || headers.authorization !== undefined) return false;
      const file = Object.hasOwn(FILES, url) ? FILES[url] : undefined;
      if (file) {
        const { status, headers, body } = pageAnswer(file, HERE);
        response.writeHead(status, headers).end(body);
      } else if (url === '/_local/live') live.watch(response);
      else if (url === '/_local/overview') {
        answer(response, sections).catch((error: unknown) => {
          logUnexpected(error);
          response.writeHead(500).end();
        });
      } else return false;
      return true;
    },
  };
}

async function answer(response: ServerResponse, sections: Record<string, () => unknown>) {
  const entries = Object.entries(sections).map(async ([name, read]) => [name, await read()]);
  const body = JSON.stringify(Object.fromEntries(await Promise.all(entries)));
  response.writeHead(200, { 'content-type': 'application/json' }).end(body);
}
