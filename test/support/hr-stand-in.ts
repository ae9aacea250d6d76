import { createServer, type ServerResponse } from 'node:http';
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

type Asked = { url: string; body: string; authorization: string | undefined };

type Api = {
  /** @returns the person's id, where the request is this API's. */
  idIn(asked: Asked): string | undefined;
  authorization: string;
  /** Where the address stands in an answer: fields with dots between them. */
  email: string;
  /** The path that sells a token, and the form for which it does. */
  token?: { path: string; form: string; token: string };
};

/** The API at the other end of a source's lookup. */
const apiOf = (source: SourceName, { url, body, headers = {}, token, email }: Lookup): Api => {
  const credential = lookupCredential(source);
  const [id = '', secret = ''] = credential.split(':');
  const accessToken = `token-of-${source}`;
  const inUrl = matcher(decodeURI(url.slice(new URL(url).origin.length)));
  const inBody = matcher(body ? JSON.stringify(body) : '');
  return {
    idIn: (asked) => {
      const [found, told] = [inUrl.exec(asked.url), inBody.exec(asked.body)];
      return found && told ? (found[1] ?? told[1]) : undefined;
    },
    authorization: (headers.Authorization ?? '')
      .replace('{secret:base64}', Buffer.from(credential).toString('base64'))
      .replace('{secret}', credential)
      .replace('{token}', accessToken),
    email,
    ...(token && {
      token: {
        path: new URL(token.url).pathname,
        form: String(
          new URLSearchParams({
            grant_type: 'client_credentials',
            client_id: id,
            client_secret: secret,
          }),
        ),
        token: accessToken,
      },
    }),
  };
};

/** Of a template with a place for the id, or without one. */
const matcher = (template: string): RegExp =>
  new RegExp(`^${template.split('{id}').map(literal).join('([^/"]+)')}$`);

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

  const answer = (request: Asked): { status: number; body?: object } => {
    for (const api of APIS) {
      const { path, form, token } = api.token ?? {};
      if (request.url === path) {
        if (request.body !== form) return { status: 401 };
        return { status: 200, body: { access_token: token, expires_in: 86_400 } };
      }
      const id = api.idIn(request);
      if (id === undefined) continue;
      if (request.authorization !== api.authorization) return { status: 401 };
      asked.push(id);
      if (!people.has(id)) return { status: 404 };
      return { status: 200, body: answerOf(api, people.get(id)) };
    }
    return { status: 404 };
  };
  const server = createServer(async (request, response) => {
    const { url = '', headers } = request;
    const text = (await request.toArray()).join('');
    const { status, body } = answer({ url, body: text, authorization: headers.authorization });
    if (behaviour !== 'well') return misbehave[behaviour](response, url);
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
