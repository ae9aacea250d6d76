import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Lookup } from '../../functions/webhooks/source.ts';
import { lookupCredential, SOURCES, type SourceName } from './sources.ts';

/** How the HR system answers when it does not answer as documented. */
export type Misbehaviour =
  | 'redirects'
  | 'too_large'
  | 'never'
  | 'html'
  | 'locks_out'
  | 'limits'
  | 'unavailable';

export type HrStandIn = {
  origin: string;
  /** Whom it knows, by id. `undefined` is somebody whose address nobody has entered yet. */
  people: Map<string, string | undefined>;
  /** The ids that were asked for, with the right credential, in order. */
  asked: string[];
  /** How often another host than the configured one was asked. */
  elsewhere(): number;
  /** From now on it misbehaves, or does not any more. */
  behave(how: Misbehaviour | 'well'): void;
  close(): Promise<void>;
};

type Api = {
  path: RegExp;
  authorization: string;
  /** Where the address stands in an answer: fields with dots between them. */
  email: string;
};

/** The API at the other end of a source's lookup. */
const apiOf = (source: SourceName, { url, headers = {}, email }: Lookup): Api => {
  const { pathname, search } = new URL(url);
  const [before = '', after = ''] = decodeURI(pathname + search).split('{id}');
  const credential = lookupCredential(source);
  return {
    path: new RegExp(`^${literal(before)}([^/]+)${literal(after)}$`),
    authorization: (headers.Authorization ?? '')
      .replace('{secret:base64}', Buffer.from(credential).toString('base64'))
      .replace('{secret}', credential),
    email,
  };
};

const literal = (text: string) => text.replace(/\W/g, '\\$&');

const APIS = (Object.keys(SOURCES) as SourceName[]).flatMap((source) => {
  const { lookup } = SOURCES[source];
  return lookup ? [apiOf(source, lookup)] : [];
});

/** The address at its place; somebody without one has no such field. */
const answerOf = ({ email: path }: Api, email: string | undefined): object =>
  path
    .split('.')
    .reduceRight<object | string | undefined>(
      (inner, name) => ({ [name]: inner }),
      email,
    ) as object;

const TEN_MEGABYTES = 10 * 1024 * 1024;

/** The read APIs of HR systems on this machine: 401 for a wrong key, 404 for an unknown id. */
export const startHrStandIn = async (): Promise<HrStandIn> => {
  const people: HrStandIn['people'] = new Map();
  const asked: string[] = [];
  let behaviour: Misbehaviour | 'well' = 'well';
  let elsewhere = 0;

  const other = createServer((_request, response) => {
    elsewhere += 1;
    response.end('{"homeEmail":"elsewhere@partner.example","email":"elsewhere@partner.example"}');
  });
  const misbehave: Record<Misbehaviour, (response: ServerResponse, url: string) => void> = {
    redirects: (response, url) => {
      response.writeHead(302, { location: `${originOf(other)}${url}` }).end();
    },
    too_large: (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ homeEmail: 'x'.repeat(TEN_MEGABYTES) }));
    },
    never: () => undefined,
    html: (response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Log in</h1>');
    },
    locks_out: (response) => {
      response.writeHead(401).end();
    },
    limits: (response) => {
      response.writeHead(429, { 'retry-after': '90' }).end();
    },
    unavailable: (response) => {
      response.writeHead(503).end();
    },
  };

  const answer = ({ url = '', headers }: IncomingMessage): { status: number; body?: object } => {
    for (const api of APIS) {
      const id = api.path.exec(url)?.[1];
      if (id === undefined) continue;
      if (headers.authorization !== api.authorization) return { status: 401 };
      asked.push(id);
      if (!people.has(id)) return { status: 404 };
      return { status: 200, body: answerOf(api, people.get(id)) };
    }
    return { status: 404 };
  };
  const server = createServer((request, response) => {
    const { status, body } = answer(request);
    if (behaviour !== 'well') return misbehave[behaviour](response, request.url ?? '');
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body && JSON.stringify(body));
  });

  const servers = [server, other];
  await Promise.all(
    servers.map((one) => new Promise<void>((done) => one.listen(0, '127.0.0.1', done))),
  );
  return {
    origin: originOf(server),
    people,
    asked,
    elsewhere: () => elsewhere,
    behave: (how) => {
      behaviour = how;
    },
    async close() {
      const closed = servers.map((one) => new Promise((done) => one.close(done)));
      for (const one of servers) one.closeAllConnections();
      await Promise.all(closed);
    },
  };
};

const originOf = (server: { address(): string | AddressInfo | null }) =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
