import { LOCAL_ACCOUNT, LOCAL_REGION } from '../lib/account.ts';

/** What IAM is asked about: a table, and the partition keys of the items that a request names there. */
export type Access = {
  resource: string;
  /** Left out where the request does not name them one by one, as Query and Scan do not. */
  keys?: string[];
};

type Attributes = Record<string, Record<string, unknown>>;

/** @returns the name of a table's partition key, by its definition. */
export function partitionKey(definition: object): string {
  const { KeySchema = [] } = definition as {
    KeySchema?: { AttributeName: string; KeyType: string }[];
  };
  return KeySchema.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName ?? '';
}

/**
 * @param input of an operation of DynamoDB.
 * @param keyNames the tables' partition keys by the tables' names.
 * @returns each table that it names; `*` for operations on no table.
 */
export function accessesOf(
  input: Record<string, unknown>,
  keyNames: ReadonlyMap<string, string>,
): Access[] {
  const { TableName: table, RequestItems: batch, ResourceArn: arn } = input;
  if (typeof arn === 'string') return [{ resource: arn }];
  if (typeof batch === 'object' && batch !== null) {
    return Object.entries(batch).map(([name, part]) => accessOf(name, itemsOf(part), keyNames));
  }
  if (typeof table !== 'string') return [{ resource: '*' }];
  const item = (input.Key ?? input.Item) as Attributes | undefined;
  return [accessOf(table, item && [item], keyNames)];
}

function accessOf(
  table: string,
  items: Attributes[] | undefined,
  keyNames: ReadonlyMap<string, string>,
): Access {
  const resource = `arn:aws:dynamodb:${LOCAL_REGION}:${LOCAL_ACCOUNT}:table/${table}`;
  const name = keyNames.get(table) ?? '';
  if (!items) return { resource };
  return { resource, keys: items.map((item) => String(Object.values(item[name] ?? {})[0] ?? '')) };
}

/** The items of one table in a batch: of BatchGetItem, or of BatchWriteItem. */
function itemsOf(part: unknown): Attributes[] {
  if (!Array.isArray(part)) return (part as { Keys?: Attributes[] }).Keys ?? [];
  return part.map(({ PutRequest, DeleteRequest }) => PutRequest?.Item ?? DeleteRequest?.Key ?? {});
}
