import type { AwsClient } from '../../../functions/aws/client.ts';
import { listIndex } from '../../../functions/aws/ledger-table.ts';
import type { Invite } from '../../../functions/invites/invite.ts';
import type { Invocation } from '../../../functions/invites/invocation.ts';
import type { AwsService } from '../lib/aws-service.ts';
import type { Principal } from '../lib/principal.ts';

/** The newest invites as `GET /invites` gives them, read from the table without a call of a function. */
export function newestInvites(dynamoDb: AwsService, name: string, principal: Principal) {
  const client = (async (operation: string, input: object) => {
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
  const list = listIndex({ client, name });
  return async (atMost: number): Promise<Invite[]> => {
    const { found } = await list.newest({ filter: {}, atMost }, {} as Invocation);
    return found.map(({ invite }) => invite);
  };
}
