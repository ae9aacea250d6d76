import { describe, expect, test } from 'vitest';
import { assemblyOf, type Resource, templateIn } from '../support/assemblies.ts';
import { JWT, WITH_SOURCES } from './configurations.ts';

/** CloudFormation knows no tags of these: they are parts of others, which have them. */
const WITHOUT_TAGS = [
  'AWS::ApiGatewayV2::ApiMapping',
  'AWS::ApiGatewayV2::Authorizer',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::Lambda::Alias',
  'AWS::Lambda::Permission',
  'AWS::Lambda::Version',
  'AWS::SNS::Subscription',
  'AWS::SNS::TopicPolicy',
];

const set = (key: string, value: unknown) => ({
  [`slackConnectInvites.${key}`]: typeof value === 'string' ? value : JSON.stringify(value),
});
/** All that a stack can have. */
const EVERYTHING = {
  ...WITH_SOURCES,
  ...set('stackName', 'Invites-Two'),
  ...set('jwt', JWT),
  ...set('lifecycle', true),
  ...set('observability', { alarmEmail: 'on-call@acme.example' }),
  ...set('domainName', 'invites.acme.example'),
  ...set('certificateArn', 'arn:aws:acm:us-east-1:000000000000:certificate/0a1b2c3d'),
};

/** The tags of a resource: some types have a list of them, others an object. */
const tagsOf = ({ Properties }: Resource): Record<string, string> => {
  const tags = Properties?.Tags ?? {};
  if (!Array.isArray(tags)) return tags;
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
};

describe.each([
  ['as it is shipped', {}, 'SlackConnectInvites'],
  ['with everything', EVERYTHING, 'Invites-Two'],
])('a stack %s', (_name, context, stackName) => {
  test('tags every resource that can have a tag with its name', async () => {
    const { Resources } = templateIn(await assemblyOf(context, false));
    const tagged = Object.values(Resources).filter(({ Type }) => !WITHOUT_TAGS.includes(Type));
    expect(new Set(tagged.map(({ Type }) => Type)).size).toBeGreaterThan(8);
    const missing = tagged.filter((one) => tagsOf(one)['slack-connect-invites'] !== stackName);
    expect(missing.map(({ Type }) => Type)).toEqual([]);
  });
});
