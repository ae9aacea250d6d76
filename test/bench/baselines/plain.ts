import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { WebClient } from '@slack/web-api';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

const secretsManager = new SecretsManagerClient();
let slack: WebClient | undefined;

/** The plain function: one invitation by the vendors' own clients, and nothing kept of it. */
export const handler = async (
  event: APIGatewayProxyEventV2,
): Promise<APIGatewayProxyStructuredResultV2> => {
  slack ??= new WebClient(await readToken(), { slackApiUrl: process.env.SLACK_API_URL as string });
  const { channel, emails } = JSON.parse(event.body as string);
  const answer = await slack.conversations.inviteShared({ channel, emails });
  return { statusCode: 201, body: JSON.stringify({ invite_id: answer.invite_id }) };
};

const readToken = async (): Promise<string> => {
  const command = new GetSecretValueCommand({ SecretId: process.env.SECRET_ARN });
  const { SecretString = '' } = await secretsManager.send(command);
  return JSON.parse(SecretString).token;
};
