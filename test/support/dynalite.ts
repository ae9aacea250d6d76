import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import createDynalite from 'dynalite';
import { afterAll, beforeAll } from 'vitest';
import type { Table } from '../../functions/aws/table.ts';
import { definitionOf } from './tables.ts';

export type Dynalite = {
  client: DynamoDBClient;
  /** @returns a new, empty table with the key of the stack's. */
  table(): Promise<Table>;
  close(): Promise<void>;
};

/** DynamoDB behind the SDK and HTTP, on a free port of 127.0.0.1, without any of its delays. */
export const startDynalite = async (): Promise<Dynalite> => {
  const server = createDynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });

  return {
    client,
    async table() {
      const name = `table-${randomUUID()}`;
      await client.send(new CreateTableCommand(definitionOf(name)));
      // Even without its delay a table takes a moment to come up.
      const status = async () => {
        const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
        return Table?.TableStatus;
      };
      while ((await status()) !== 'ACTIVE');
      return { client, name, signal: new AbortController().signal };
    },
    async close() {
      client.destroy();
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
