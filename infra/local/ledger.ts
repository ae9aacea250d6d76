import type { AwsClient } from '../../functions/aws/client.ts';
import { listIndex } from '../../functions/aws/ledger-table.ts';
import type { Invite } from '../../functions/invites/invite.ts';
import type { Invocation } from '../../functions/invites/invocation.ts';
import { grantKey } from '../../functions/invites/policy.ts';
import type { AwsService } from './lib/aws-service.ts';
import type { Principal } from './lib/principal.ts';

/** The newest invites as `GET /invites` gives them, read from the table without a call of a function. */
export function newestInvites(dynamoDb: AwsService, name: string, principal: Principal) {
  const list = listIndex({ client: clientOf(dynamoDb, principal), name });
  return async (atMost: number): Promise<Invite[]> => {
    const { found } = await list.newest({ filter: {}, atMost }, {} as Invocation);
    return found.map(({ invite }) => invite);
  };
}

type Page = { Items?: { pk: { S: string } }[]; LastEvaluatedKey?: object };

/** Deletes every item of the table, but what an operator granted beside the configuration. */
export async function emptyTable(
  dynamoDb: AwsService,
  TableName: string,
  principal: Principal,
): Promise<void> {
  const client = clientOf(dynamoDb, principal);
  let from: object | undefined = {};
  while (from) {
    const scan: object = { TableName, ProjectionExpression: 'pk', ...from };
    // Without items, if somebody deleted the table.
    const found: Page = await client<Page>('Scan', scan, {} as Invocation);
    for (const Key of found.Items ?? []) {
      if (Key.pk.S.startsWith(grantKey(''))) continue;
      await client('DeleteItem', { TableName, Key }, {} as Invocation);
    }
    from = found.LastEvaluatedKey && { ExclusiveStartKey: found.LastEvaluatedKey };
  }
}

const clientOf = (dynamoDb: AwsService, principal: Principal) =>
  (async (operation: string, input: object) => {
    const { body } = await dynamoDb.handle({
      method: 'POST',
      path: '/',
      query: new URLSearchParams(),
      headers: { 'x-amz-target': `DynamoDB_20120810.${operation}` },
      body: Buffer.from(JSON.stringify(input)),
      principal,
    });
    return JSON.parse(String(body));
  }) as AwsClient;
