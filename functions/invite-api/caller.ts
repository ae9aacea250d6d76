import type { APIGatewayEventRequestContextV2 } from 'aws-lambda';

/** What an authorizer of the HTTP API leaves in the event: IAM's or a JWT's. */
type Authorizer = {
  iam?: { userArn?: string | null };
  jwt?: { claims?: Record<string, unknown> };
};

/** @returns who came through the door: an IAM ARN or a JWT's `sub`. */
export const callerOf = (context: APIGatewayEventRequestContextV2): string | undefined => {
  const { iam, jwt } = (context as { authorizer?: Authorizer }).authorizer ?? {};
  const caller = iam?.userArn ?? jwt?.claims?.sub;
  return typeof caller === 'string' ? caller : undefined;
};
