import { inside, NotUnderstood, type Place } from '../lib/not-understood.ts';

/**
 * What the local run knows about one resource type. A name covers everything below it, a dotted
 * name only itself.
 */
type Understood = {
  /** Properties that the local run acts on. */
  actedOn: readonly string[];
  /** Properties without a visible effect on one machine: cost, durability, quotas, tracing. */
  withoutLocalEffect: readonly string[];
  /** Properties that are understood with these values only. */
  onlyAs?: Record<string, readonly unknown[]>;
};

const RESOURCE_TYPES: Record<string, Understood> = {
  'AWS::Lambda::Function': {
    actedOn: [
      'Code.S3Bucket',
      'Code.S3Key',
      'Environment.Variables',
      'FunctionName',
      'LoggingConfig.ApplicationLogLevel',
      'LoggingConfig.LogFormat',
      'LoggingConfig.LogGroup',
      'MemorySize',
      'Role',
      'Timeout',
      'TracingConfig.Mode',
    ],
    withoutLocalEffect: ['Architectures', 'Description', 'ReservedConcurrentExecutions', 'Tags'],
    onlyAs: { Handler: ['index.handler'], PackageType: ['Zip'], Runtime: ['nodejs24.x'] },
  },
  'AWS::Lambda::Version': { actedOn: ['FunctionName'], withoutLocalEffect: ['Description'] },
  'AWS::Lambda::Alias': {
    actedOn: ['FunctionName', 'FunctionVersion', 'Name'],
    withoutLocalEffect: ['Description'],
  },
  'AWS::Lambda::Permission': {
    actedOn: ['FunctionName', 'SourceArn'],
    withoutLocalEffect: [],
    onlyAs: {
      Action: ['lambda:InvokeFunction'],
      Principal: ['apigateway.amazonaws.com', 'events.amazonaws.com'],
    },
  },
  'AWS::IAM::Role': {
    actedOn: ['AssumeRolePolicyDocument', 'Policies'],
    withoutLocalEffect: ['Description', 'MaxSessionDuration', 'Tags'],
  },
  'AWS::Logs::LogGroup': {
    actedOn: ['LogGroupName'],
    withoutLocalEffect: ['KmsKeyId', 'LogGroupClass', 'RetentionInDays', 'Tags'],
  },
  'AWS::SecretsManager::Secret': {
    actedOn: ['Description'],
    // The random value does not matter: the start replaces it with the token.
    withoutLocalEffect: ['GenerateSecretString', 'KmsKeyId', 'Tags'],
  },
  'AWS::DynamoDB::Table': {
    actedOn: ['AttributeDefinitions', 'GlobalSecondaryIndexes', 'KeySchema'],
    // On AWS, expiry takes up to days, and here nothing outlives the run.
    withoutLocalEffect: [
      'ContributorInsightsSpecification',
      'DeletionProtectionEnabled',
      'PointInTimeRecoverySpecification',
      'SSESpecification',
      'TableClass',
      'Tags',
      'TimeToLiveSpecification',
    ],
    onlyAs: { BillingMode: ['PAY_PER_REQUEST'] },
  },
  'AWS::Events::Rule': {
    actedOn: ['EventPattern', 'ScheduleExpression', 'Targets'],
    withoutLocalEffect: ['Description', 'Tags'],
    onlyAs: { State: ['ENABLED'] },
  },
  'AWS::StepFunctions::StateMachine': {
    // Of tracing and logging, it only checks that the role allows them.
    actedOn: [
      'DefinitionString',
      'LoggingConfiguration',
      'RoleArn',
      'StateMachineName',
      'TracingConfiguration.Enabled',
    ],
    withoutLocalEffect: ['Tags'],
    onlyAs: { StateMachineType: ['STANDARD'] },
  },
  'AWS::ApiGatewayV2::Api': {
    actedOn: [],
    withoutLocalEffect: ['Description', 'Name', 'Tags'],
    onlyAs: { ProtocolType: ['HTTP'], DisableExecuteApiEndpoint: [false, true] },
  },
  'AWS::ApiGatewayV2::Stage': {
    actedOn: ['ApiId'],
    withoutLocalEffect: [
      'AccessLogSettings',
      'DefaultRouteSettings.DetailedMetricsEnabled',
      'DefaultRouteSettings.ThrottlingBurstLimit',
      'DefaultRouteSettings.ThrottlingRateLimit',
      'Description',
      'RouteSettings',
      'Tags',
    ],
    onlyAs: { StageName: ['$default'], AutoDeploy: [true] },
  },
  // A name of the operator's own leads to AWS.
  'AWS::ApiGatewayV2::DomainName': {
    actedOn: [],
    withoutLocalEffect: ['DomainName', 'DomainNameConfigurations', 'Tags'],
  },
  'AWS::ApiGatewayV2::ApiMapping': {
    actedOn: [],
    withoutLocalEffect: ['ApiId', 'DomainName', 'Stage'],
  },
  'AWS::ApiGatewayV2::Route': {
    actedOn: [
      'ApiId',
      'AuthorizationScopes',
      'AuthorizationType',
      'AuthorizerId',
      'RouteKey',
      'Target',
    ],
    withoutLocalEffect: ['OperationName'],
  },
  'AWS::ApiGatewayV2::Integration': {
    actedOn: ['ApiId', 'IntegrationUri', 'TimeoutInMillis'],
    withoutLocalEffect: ['Description', 'IntegrationMethod'],
    onlyAs: { IntegrationType: ['AWS_PROXY'], PayloadFormatVersion: ['2.0'] },
  },
  'AWS::ApiGatewayV2::Authorizer': {
    actedOn: ['ApiId', 'IdentitySource', 'JwtConfiguration.Audience', 'JwtConfiguration.Issuer'],
    withoutLocalEffect: ['Name'],
    onlyAs: { AuthorizerType: ['JWT'] },
  },
};

/** Nobody here is woken by an alarm. Of alarms, their reader says what it does not understand. */
const WAKES_NOBODY = /^AWS::(CloudWatch::(Alarm|Dashboard)|SNS::(Topic|TopicPolicy|Subscription))$/;

/**
 * Stops at the first property of a resource that the local run would have to ignore.
 * @param properties the resource's properties with intrinsics resolved
 * @throws NotUnderstood naming the resource, and the property or the type
 */
export function checkUnderstood(properties: Record<string, unknown>, place: Place): void {
  if (WAKES_NOBODY.test(place.type)) return;
  const understood = RESOURCE_TYPES[place.type];
  if (!understood)
    throw new NotUnderstood({ ...place, path: '' }, 'this type of resource is not understood');
  walk(properties, '', understood, place);
}

function walk(value: object, prefix: string, understood: Understood, place: Place): void {
  const covered = [...understood.actedOn, ...understood.withoutLocalEffect];
  for (const [key, item] of Object.entries(value)) {
    const name = prefix + key;
    const allowed = understood.onlyAs?.[name];
    if (allowed) {
      if (allowed.includes(item)) continue;
      const expected = allowed.map((one) => JSON.stringify(one)).join(' or ');
      throw new NotUnderstood(
        inside(place, name),
        `${JSON.stringify(item)} is not understood, only ${expected}`,
      );
    }
    if (covered.includes(name)) continue;
    const goesDeeper = covered.some((one) => one.startsWith(`${name}.`));
    if (!goesDeeper || typeof item !== 'object' || item === null) {
      throw new NotUnderstood(inside(place, name), 'this property is not understood');
    }
    walk(item, `${name}.`, understood, place);
  }
}
