import { signedFetch } from '../local/iam/signer.ts';
import { readPorts } from '../local/ports.ts';
import type { Stack } from './stack.ts';

/**
 * @returns the ARN of whose credentials a command works with.
 * @throws Error if AWS does not tell.
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
export const operatorOf = async (
  { aws, region }: Stack,
  name: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<string> => {
  const { accessKeyId, secretAccessKey, sessionToken } = await aws.dynamoDb.config.credentials();
  const response = await signedFetch(
    new URL(
      name === undefined ? `http://127.0.0.1:${readPorts(env).aws}` : endpointOf(region, env),
    ),
    {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'Action=GetCallerIdentity&Version=2011-06-15',
    },
    {
      credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) },
      region,
      service: 'sts',
    },
  );
  const [, arn] = /<Arn>([^<]+)<\/Arn>/.exec(await response.text()) ?? [];
  if (arn === undefined) throw new Error(`STS did not say who this is: HTTP ${response.status}`);
  return arn;
};

const endpointOf = (region: string, env: NodeJS.ProcessEnv): string => {
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return env.AWS_ENDPOINT_URL_STS || env.AWS_ENDPOINT_URL || `https://sts.${region}.${suffix}`;
};
