import { once } from 'node:events';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { readBody } from '../../infra/local/lib/http.ts';
import type { Certificate } from './certificate.ts';

/** The services that a function calls, by the names that requests are signed for. */
export const SERVICES = ['dynamodb', 'secretsmanager', 'states', 'events', 'slack'] as const;
export type Service = (typeof SERVICES)[number];

/** Slack's, of every invitation. */
export const SLACK_INVITE_ID = 'I0BENCH';

/** A request as it came. */
export type Call = {
  service: Service;
  /** Such as `PutItem`; of Slack the method. */
  operation: string;
  path: string;
  headers: Record<string, string>;
  body: string;
};

type Item = Record<string, object>;

/** AWS and Slack as far as an invitation needs them. They answer at once and check nothing. */
export type Fakes = {
  addresses: Record<Service, URL>;
  /** Every call since the list was last emptied. */
  calls: Call[];
  /** The table's items by key. */
  table: Map<string, Item>;
  /** What each secret holds, by its ARN. */
  secrets: Map<string, string>;
  /** How long Slack takes for an answer, in milliseconds. */
  setSlackTime(ms: number): void;
  /** How long it took for the last one: a timer is a little late. */
  slackTook(): number;
  close(): Promise<void>;
};

const MAX_BODY_BYTES = 1024 * 1024;

/** @param certificate for TLS; left out: plain HTTP. */
export const startFakes = async (certificate?: Certificate): Promise<Fakes> => {
  const calls: Call[] = [];
  const table = new Map<string, Item>();
  const secrets = new Map<string, string>();
  let slackMs = 0;
  let slackTook = 0;

  const answer = async ({ service, operation, body }: Call): Promise<object> => {
    switch (service) {
      case 'dynamodb':
        return onTable(table, operation, JSON.parse(body));
      case 'secretsmanager':
        return { SecretString: secrets.get(JSON.parse(body).SecretId) };
      case 'states':
        return { executionArn: 'arn:aws:states:::execution', startDate: Date.now() / 1000 };
      case 'events':
        return { FailedEntryCount: 0, Entries: [] };
      case 'slack':
        if (slackMs > 0) {
          const began = performance.now();
          await setTimeout(slackMs);
          slackTook = performance.now() - began;
        }
        return { ok: true, invite_id: SLACK_INVITE_ID, is_legacy_shared_channel: false };
    }
  };

  const serve =
    (service: Service): RequestListener =>
    async (request, response) => {
      const { url: path = '/' } = request;
      const headers = kept(request.headers as Record<string, string>);
      const operation =
        String(headers['x-amz-target'] ?? path)
          .split(/[./]/)
          .at(-1) ?? '';
      const body = String(await readBody(request, MAX_BODY_BYTES));
      const call = { service, operation, path, headers, body };
      calls.push(call);
      const result = await answer(call);
      response.writeHead('__type' in result ? 400 : 200, {
        'content-type': service === 'slack' ? 'application/json' : headers['content-type'],
        'x-amzn-requestid': 'benchmark',
      });
      response.end(JSON.stringify(result));
    };

  const servers = await Promise.all(
    SERVICES.map(async (service) => {
      const listener = serve(service);
      const server = certificate ? createHttps(certificate, listener) : createHttp(listener);
      server.keepAliveTimeout = 0;
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      return { service, server, url: new URL(`http${certificate ? 's' : ''}://127.0.0.1:${port}`) };
    }),
  );

  return {
    addresses: Object.fromEntries(servers.map(({ service, url }) => [service, url])) as Record<
      Service,
      URL
    >,
    calls,
    table,
    secrets,
    setSlackTime: (ms) => {
      slackMs = ms;
    },
    slackTook: () => slackTook,
    close: async () => {
      for (const { server } of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
};

/** What of a request's headers matters to the service. */
const kept = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    ['content-type', 'x-amz-target'].flatMap((name) =>
      headers[name] === undefined ? [] : [[name, headers[name]]],
    ),
  );

type Input = {
  Key?: { pk: { S: string } };
  Item?: Item & { pk: { S: string } };
  ConditionExpression?: string;
  ReturnValuesOnConditionCheckFailure?: string;
};

/** Of all conditions only "there is no such item" can fail; an update finds a gate and a lane that are idle. */
const onTable = (table: Fakes['table'], operation: string, input: Input): object => {
  const pk = (input.Key ?? input.Item)?.pk.S ?? '';
  const item = table.get(pk);
  switch (operation) {
    case 'GetItem':
      return item ? { Item: item } : {};
    case 'PutItem':
      if (item && input.ConditionExpression === 'attribute_not_exists(pk)') {
        const shown = input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && { Item: item };
        return { __type: 'ConditionalCheckFailedException', message: 'refused', ...shown };
      }
      if (input.Item) table.set(pk, input.Item);
      return {};
    default:
      return { Attributes: { tat: { N: String(Date.now()) } } };
  }
};
