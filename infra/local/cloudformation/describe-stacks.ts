import { LOCAL_ACCOUNT, LOCAL_REGION } from '../lib/account.ts';
import { AwsError, type AwsService, authorize } from '../lib/aws-service.ts';
import { escaped, queryAnswer, tellAsXml } from '../lib/query-protocol.ts';
import { apiEndpoint } from './identity.ts';

/** What there is to tell of the one stack. */
export type DescribedStack = { name: string; outputs: Readonly<Record<string, string>> };

const NAMESPACE = 'http://cloudformation.amazonaws.com/doc/2010-05-15/';
const ACTION = 'DescribeStacks';

/**
 * CloudFormation, as far as reading the stack's outputs needs it, so that the commands of the
 * documentation run here as they run on AWS.
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
 */
export function createCloudFormation({ name, outputs }: DescribedStack): AwsService {
  const id = `arn:aws:cloudformation:${LOCAL_REGION}:${LOCAL_ACCOUNT}:stack/${name}/local`;
  const createdAt = new Date().toISOString();
  const members = Object.entries(outputs).map(
    ([key, value]) =>
      `<member><OutputKey>${key}</OutputKey><OutputValue>${escaped(value)}</OutputValue></member>`,
  );
  const stack = [
    `<StackId>${id}</StackId>`,
    `<StackName>${name}</StackName>`,
    `<CreationTime>${createdAt}</CreationTime>`,
    '<StackStatus>CREATE_COMPLETE</StackStatus>',
    `<Outputs>${members.join('')}</Outputs>`,
  ].join('');

  return {
    name: 'cloudformation',
    handle: async ({ body, principal }) => {
      const parameters = new URLSearchParams(body.toString());
      const action = parameters.get('Action');
      if (action !== ACTION) {
        throw new AwsError(
          'InvalidAction',
          `The local CloudFormation knows ${ACTION} only, not ${action}.`,
        );
      }
      authorize(principal, `cloudformation:${ACTION}`, id);
      const wanted = parameters.get('StackName');
      if (wanted !== null && wanted !== name && wanted !== id) {
        throw new AwsError(
          'ValidationError',
          `Stack with id ${wanted} does not exist; on this machine there is ${name}.`,
        );
      }
      return queryAnswer(NAMESPACE, ACTION, `<Stacks><member>${stack}</member></Stacks>`);
    },
    tell: (error) => tellAsXml(NAMESPACE, error),
  };
}

/**
 * The stack's outputs on this machine.
 * @param apiUrl where the HTTP API listens, in the place of its address at AWS
 */
export function localOutputs(
  outputs: DescribedStack['outputs'],
  apiId: string,
  apiUrl: string,
): DescribedStack['outputs'] {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => [
      name,
      value.replace(apiEndpoint(apiId), apiUrl),
    ]),
  );
}
