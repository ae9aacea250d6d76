import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { getItem, type Table, unlessRefused } from './table.ts';

/** That nobody is ahead: the condition under which a pace begins anew. */
export const IDLE = '(attribute_not_exists(tat) OR tat < :now)';

/** An item whose attributes are numbers, changed by conditional updates only. */
export const pacingItem = (table: Table, pk: string) => ({
  /** @returns the attributes changed, or undefined if the condition did not hold. */
  async update(
    change: string,
    condition: string,
    values: Record<string, number>,
  ): Promise<Record<string, number> | undefined> {
    const command = new UpdateItemCommand({
      TableName: table.name,
      Key: { pk: { S: pk } },
      UpdateExpression: change,
      ConditionExpression: condition,
      ExpressionAttributeValues: Object.fromEntries(
        Object.entries(values).map(([name, value]) => [`:${name}`, { N: String(value) }]),
      ),
      ReturnValues: 'UPDATED_NEW',
    });
    const answer = await unlessRefused(table.client.send(command, { abortSignal: table.signal }));
    if (!answer) return undefined;
    const changed = Object.entries(answer.Attributes ?? {});
    return Object.fromEntries(changed.map(([name, { N }]) => [name, Number(N)]));
  },

  async read(): Promise<Record<string, number>> {
    const { pk: _, ...numbers } = (await getItem(table, pk)) ?? {};
    return numbers as Record<string, number>;
  },
});
