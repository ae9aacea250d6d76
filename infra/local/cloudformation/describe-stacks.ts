import { localArn } from '../lib/account.ts';
import { AwsError, type AwsService, authorize } from '../lib/aws-service.ts';
import { createQueryService, escaped, FOR_AWS } from '../lib/query-protocol.ts';
import { apiEndpoint } from './identity.ts';

/** What DescribeStacks reports about the one stack. */
export type DescribedStack = { name: string; outputs: Readonly<Record<string, string>> };

const NAMESPACE = 'http://cloudformation.amazonaws.com/doc/2010-05-15/';
const ACTION = 'DescribeStacks';

/**
 * CloudFormation, as far as reading the stack's outputs needs it. With it, the documentation's
 * commands run here as on AWS.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
 */
export function createCloudFormation({ name, outputs }: DescribedStack): AwsService {
  const id = localArn('cloudformation', `stack/${name}/local`);
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

  return createQueryService('cloudformation', NAMESPACE, ACTION, (parameters, principal) => {
    authorize(principal, `cloudformation:${ACTION}`, id);
    const wanted = parameters.get('StackName');
    if (wanted === null || wanted === name || wanted === id) {
      return `<Stacks><member>${stack}</member></Stacks>`;
    }
    throw new AwsError(
      'ValidationError',
      `Stack with id ${wanted} does not exist; on this machine there is ${name}. ${FOR_AWS}`,
    );
  });
}

/**
 * The stack's outputs on this machine.
 * @param apiUrl where the HTTP API listens, in place of its address at AWS
 */
export function localOutputs(
  outputs: DescribedStack['outputs'],
  apiId: string,
  apiUrl: string,
): DescribedStack['outputs'] {
  const local = ([name, value]: [string, string]) => [
    name,
    name === 'ApiUrl' ? apiUrl : value.replace(apiEndpoint(apiId), apiUrl),
  ];
  return Object.fromEntries(Object.entries(outputs).map(local));
}
