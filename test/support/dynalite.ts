import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import createDynalite from 'dynalite';
import { afterAll, beforeAll } from 'vitest';
import { awsClient } from '../../functions/aws/client.ts';
import type { Table } from '../../functions/aws/table.ts';
import { INVOCATION } from './invocation.ts';
import { definitionOf } from './tables.ts';

export type Dynalite = {
  url: string;
  /** @returns a new, empty table with the key of the stack's. */
  table(): Promise<Table>;
  close(): Promise<void>;
};

/** What an AWS client needs to know of its function, where nothing is checked. */
export const LOCAL = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
};

type Described = { Table: { TableStatus: string } };

/** DynamoDB behind the functions' own client and HTTP, on a free port of 127.0.0.1, without any of its delays. */
export const startDynalite = async (): Promise<Dynalite> => {
  const server = createDynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const client = awsClient('dynamodb', { ...LOCAL, AWS_ENDPOINT_URL_DYNAMODB: url });

  return {
    url,
    async table() {
      const name = `table-${randomUUID()}`;
      await client('CreateTable', definitionOf(name), INVOCATION);
      // Even without its delay a table takes a moment to come up.
      const status = async () => {
        const input = { TableName: name };
        return (await client<Described>('DescribeTable', input, INVOCATION)).Table.TableStatus;
      };
      while ((await status()) !== 'ACTIVE');
      return { client, name };
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};

/**
 * A DynamoDB for the tests of a file.
 * @returns what makes a new, empty table with the key of the stack's, from the first test on.
 */
export const useDynalite = (): Dynalite['table'] => {
  let dynalite: Dynalite;
  beforeAll(async () => {
    dynalite = await startDynalite();
  });
  afterAll(() => dynalite.close());
  return () => dynalite.table();
};
