import { Readable } from 'node:stream';
import dynalite from 'dynalite';
import { LOCAL_ACCOUNT, LOCAL_REGION, localArn } from '../lib/account.ts';
import {
  type AwsAnswer,
  AwsError,
  type AwsService,
  authorize,
  parseJsonObject,
  tellAsJson,
} from '../lib/aws-service.ts';
import type { TableModel } from './table-model.ts';

const CONTENT_TYPE = 'application/x-amz-json-1.0';
const TARGET_PREFIX = 'DynamoDB_20120810';

/**
 * What the functions and the pages use, as far as dynalite answers it correctly. Its
 * DescribeTimeToLive does not: it does not know the table's.
 */
const OPERATIONS = [
  'DeleteItem',
  'DeleteTable',
  'DescribeTable',
  'GetItem',
  'ListTables',
  'PutItem',
  'Query',
  'Scan',
  'UpdateItem',
];

/**
 * DynamoDB: dynalite in this process, in memory, with the tables of the template.
 *
 * Each request is authorized for the table and the item that it names, and then handed to dynalite.
 * What dynalite would silently ignore is refused.
 */
export async function createDynamoDb(tables: readonly TableModel[]): Promise<AwsService> {
  const engine = startEngine();
  for (const { name, definition } of tables) {
    const { status, body } = await engine('CreateTable', Buffer.from(JSON.stringify(definition)));
    if (status !== 200) throw new Error(`The table ${name} cannot be created locally: ${body}`);
  }
  return {
    name: 'dynamodb',
    tell: (error) => {
      const validation = error.code === 'ValidationException';
      const namespace = validation ? 'com.amazon.coral.validate#' : 'com.amazon.coral.service#';
      return tellAsJson(CONTENT_TYPE, error, namespace);
    },
    handle: async ({ headers, body, principal }) => {
      const operation = String(headers['x-amz-target']).split('.')[1] ?? '';
      const input = parseJsonObject(body);
      const { resource, keys } = accessOf(input, tables);
      authorize(principal, `dynamodb:${operation}`, resource, keys);
      if (!OPERATIONS.includes(operation)) {
        throw new AwsError(
          'UnknownOperationException',
          `The local DynamoDB has no ${operation}, only ${OPERATIONS.join(', ')}.`,
        );
      }
      refuseIgnored(input);
      return engine(operation, body);
    },
  };
}

/**
 * What IAM decides on: the table, or `*` for operations on none, and the partition key of the item
 * that a request names. Query and Scan do not name items one by one.
 */
function accessOf(
  { TableName: table, IndexName: index, Key, Item }: Record<string, unknown>,
  tables: readonly TableModel[],
): { resource: string; keys?: string[] } {
  if (typeof table !== 'string') return { resource: '*' };
  const resource = localArn('dynamodb', `table/${table}`);
  // An index is a resource of its own, which a grant on the table does not include.
  if (typeof index === 'string') return { resource: `${resource}/index/${index}` };
  const item = (Key ?? Item) as Record<string, Record<string, unknown>> | undefined;
  if (!item) return { resource };
  const partitionKey = tables.find(({ name }) => name === table)?.partitionKey ?? '';
  return { resource, keys: [String(Object.values(item[partitionKey] ?? {})[0] ?? '')] };
}

function refuseIgnored({
  ReturnValuesOnConditionCheckFailure: wish = 'NONE',
}: Record<string, unknown>) {
  if (wish === 'NONE') return;
  throw new AwsError(
    'ValidationException',
    'The local DynamoDB (dynalite) ignores ReturnValuesOnConditionCheckFailure: read the item after the failed condition.',
  );
}

type Engine = (operation: string, body: Buffer) => Promise<AwsAnswer>;

/** dynalite's request handler, called with requests and responses that were never on a socket. */
function startEngine(): Engine {
  // dynalite keeps every item as a Buffer. Out of Node's pool, one of 600 bytes would hold on to 8 KiB.
  Buffer.poolSize = 0;
  const server = inLocalRegion(() =>
    dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 }),
  );
  return (operation, body) =>
    new Promise((resolve) => {
      const request = Object.assign(Readable.from([body]), {
        method: 'POST',
        url: '/',
        headers: {
          'content-type': CONTENT_TYPE,
          'x-amz-target': `${TARGET_PREFIX}.${operation}`,
          'x-amz-date': 'verified',
          // dynalite only checks that there is a signature. The endpoint has verified it.
          authorization: 'AWS4-HMAC-SHA256 Credential=verified, SignedHeaders=host, Signature=0',
        },
      });
      const headers: Record<string, string> = {};
      const response = {
        statusCode: 200,
        setHeader: (name: string, value: unknown) => {
          headers[name] = String(value);
        },
        end: (answer: string) => resolve({ status: response.statusCode, headers, body: answer }),
      };
      server.emit('request', request, response);
    });
}

/** dynalite takes the region and account of its ARNs from the environment, once, when it is made. */
function inLocalRegion<T>(make: () => T): T {
  const { AWS_REGION, AWS_ACCOUNT_ID } = process.env;
  Object.assign(process.env, { AWS_REGION: LOCAL_REGION, AWS_ACCOUNT_ID: LOCAL_ACCOUNT });
  try {
    return make();
  } finally {
    for (const [name, value] of Object.entries({ AWS_REGION, AWS_ACCOUNT_ID })) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}
