import { createHash } from 'node:crypto';
import { LOCAL_ACCOUNT, LOCAL_REGION, localArn } from '../lib/account.ts';
import { inside, NotUnderstood, type Place } from '../lib/not-understood.ts';

/** What CloudFormation would call a created resource, and what references to it give. */
export type Identity = { name: string; ref: string; attributes: Record<string, string> };

/** The properties in which a template may name a resource itself. */
const NAME_PROPERTIES: Record<string, string> = {
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::StepFunctions::StateMachine': 'StateMachineName',
};

/**
 * Names a resource of the template on this machine, the same at every start.
 *
 * A name is the template's own, or comes from the construct path
 * (`SlackConnectInvites/invite-task/Resource` is `SlackConnectInvites-invite-task`). On AWS,
 * CloudFormation adds a random suffix; here, people type the names.
 * What Ref and Fn::GetAtt give for a type:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
 *
 * @param properties with their intrinsics, which can only be resolved once all identities are known
 * @param earlier the resources before this one, by their logical ids
 */
export function identify(
  metadata: unknown,
  properties: object,
  place: Place,
  earlier: ReadonlyMap<string, Identity>,
): Identity {
  const name = givenName(properties, place) ?? nameFromPath(metadata, place);
  const id = digest(place.logicalId).slice(0, 10);
  switch (place.type) {
    case 'AWS::Events::Rule':
      return { name, ref: name, attributes: { Arn: localArn('events', `rule/${name}`) } };
    case 'AWS::Lambda::Function':
      return { name, ref: name, attributes: { Arn: localArn('lambda', `function:${name}`) } };
    case 'AWS::Lambda::Version':
    case 'AWS::Lambda::Alias': {
      // The one version that there is.
      const { FunctionName, Name: qualifier = '1' } = properties as Qualified;
      const ref = `${earlier.get(FunctionName.Ref ?? '')?.attributes.Arn}:${qualifier}`;
      return { name: qualifier, ref, attributes: { Version: qualifier } };
    }
    case 'AWS::IAM::Role':
      return { name, ref: name, attributes: { Arn: `arn:aws:iam::${LOCAL_ACCOUNT}:role/${name}` } };
    case 'AWS::Logs::LogGroup':
      return { name, ref: name, attributes: { Arn: localArn('logs', `log-group:${name}:*`) } };
    case 'AWS::DynamoDB::Table':
      return { name, ref: name, attributes: { Arn: localArn('dynamodb', `table/${name}`) } };
    case 'AWS::SecretsManager::Secret': {
      const secretArn = localArn('secretsmanager', `secret:${name}-${id.slice(0, 6)}`);
      return { name, ref: secretArn, attributes: { Id: secretArn } };
    }
    case 'AWS::StepFunctions::StateMachine': {
      const machineArn = localArn('states', `stateMachine:${name}`);
      return { name, ref: machineArn, attributes: { Arn: machineArn, Name: name } };
    }
    case 'AWS::ApiGatewayV2::DomainName':
      return { name: id, ref: id, attributes: { RegionalDomainName: `d-${id}.localhost` } };
    case 'AWS::ApiGatewayV2::Stage':
      return { name: '$default', ref: '$default', attributes: {} };
    case 'AWS::ApiGatewayV2::Api':
      return { name: id, ref: id, attributes: { ApiId: id, ApiEndpoint: apiEndpoint(id) } };
    default:
      return { name: id, ref: id, attributes: {} };
  }
}

type Qualified = { FunctionName: { Ref?: string }; Name?: string };

/** Where an HTTP API would listen on AWS; the stack's outputs have its address on this machine. */
export function apiEndpoint(id: string): string {
  return `https://${id}.execute-api.${LOCAL_REGION}.amazonaws.com`;
}

/** The construct's own id: the last part of its path that CDK did not add itself. */
export function constructId(metadata: unknown, place: Place): string {
  return pathOf(metadata, place).at(-1) as string;
}

function givenName(properties: object, place: Place): string | undefined {
  const property = NAME_PROPERTIES[place.type] ?? '';
  const name = (properties as Record<string, unknown>)[property];
  if (name === undefined || typeof name === 'string') return name;
  throw new NotUnderstood(
    inside(inside(place, 'Properties'), property),
    'a name that is not a plain string',
  );
}

function nameFromPath(metadata: unknown, place: Place): string {
  return place.type === 'AWS::Lambda::Function'
    ? [pathOf(metadata, place)[0], constructId(metadata, place)].join('-')
    : pathOf(metadata, place).join('-');
}

function pathOf(metadata: unknown, place: Place): string[] {
  const path = (metadata as Record<string, unknown> | undefined)?.['aws:cdk:path'];
  if (typeof path !== 'string') {
    throw new NotUnderstood(
      { ...place, path: 'Metadata' },
      'no aws:cdk:path, which local names come from',
      'Synthesize with the context aws:cdk:enable-path-metadata.',
    );
  }
  return path.split('/').filter((part) => part !== 'Resource');
}

function digest(text: string): string {
  return BigInt(`0x${createHash('sha256').update(text).digest('hex')}`).toString(36);
}
