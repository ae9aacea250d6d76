import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { GateStore } from '../invites/gate.ts';
import { METHOD } from '../slack/method.ts';
import { getItem, type Table, written } from './table.ts';

const KEY = `gate#${METHOD}`;
const EMAILS_FREE = '(attribute_not_exists(emails_held_until) OR emails_held_until <= :now)';

/** The gate in the stack's table: one item, changed by conditional updates only. */
export const gateTable = (table: Table): GateStore => {
  /** One conditional update of the gate's item, all values being numbers. */
  const update = (change: string, condition: string, values: Record<string, number>) =>
    written(
      table.client.send(
        new UpdateItemCommand({
          TableName: table.name,
          Key: { pk: { S: KEY } },
          UpdateExpression: change,
          ConditionExpression: condition,
          ExpressionAttributeValues: Object.fromEntries(
            Object.entries(values).map(([name, value]) => [`:${name}`, { N: String(value) }]),
          ),
        }),
        { abortSignal: table.signal },
      ),
    );
  const taking = (condition: string, emails: boolean) =>
    emails ? `${condition} AND ${EMAILS_FREE}` : condition;

  return {
    restart: (now, interval, emails) =>
      update('SET tat = :next', taking('(attribute_not_exists(tat) OR tat < :now)', emails), {
        now,
        next: now + interval,
      }),
    advance: (now, latest, interval, emails) =>
      update('SET tat = tat + :interval', taking('tat BETWEEN :now AND :latest', emails), {
        now,
        latest,
        interval,
      }),
    async read() {
      const { tat = 0, emails_held_until = 0 } = (await getItem(table, KEY)) ?? {};
      return { tat: tat as number, emailsHeldUntil: emails_held_until as number };
    },
    async hold(until) {
      await update('SET tat = :until', 'attribute_not_exists(tat) OR tat < :until', { until });
    },
    async holdEmails(until) {
      await update(
        'SET emails_held_until = :until',
        'attribute_not_exists(emails_held_until) OR emails_held_until < :until',
        { until },
      );
    },
  };
};
