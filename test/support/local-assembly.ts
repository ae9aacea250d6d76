import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// biome-ignore lint/suspicious/noExplicitAny: tests reach into the template and change it.
export type Template = Record<string, any>;

const arn = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
const path = (construct: string) => ({ 'aws:cdk:path': `Stack/${construct}/Resource` });

/** A small stack in CDK's form: one function behind an API, one table, one secret. */
export function template(): Template {
  return {
    Resources: {
      Table: {
        Type: 'AWS::DynamoDB::Table',
        Metadata: path('ledger'),
        Properties: {
          AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
          BillingMode: 'PAY_PER_REQUEST',
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
          TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
        },
        DeletionPolicy: 'Retain',
      },
      Secret: {
        Type: 'AWS::SecretsManager::Secret',
        Metadata: path('token'),
        Properties: { GenerateSecretString: {} },
      },
      Logs: {
        Type: 'AWS::Logs::LogGroup',
        Metadata: path('logs'),
        Properties: { RetentionInDays: 30 },
      },
      Role: {
        Type: 'AWS::IAM::Role',
        Metadata: path('role'),
        Properties: {
          AssumeRolePolicyDocument: {
            Statement: [
              {
                Action: 'sts:AssumeRole',
                Effect: 'Allow',
                Principal: { Service: 'lambda.amazonaws.com' },
              },
            ],
          },
          Policies: [
            {
              PolicyName: 'function',
              PolicyDocument: {
                Statement: [
                  {
                    Effect: 'Allow',
                    Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
                    Resource: arn('Logs'),
                  },
                  {
                    Effect: 'Allow',
                    Action: ['dynamodb:GetItem', 'dynamodb:PutItem'],
                    Resource: arn('Table'),
                  },
                  {
                    Effect: 'Allow',
                    Action: 'secretsmanager:GetSecretValue',
                    Resource: { Ref: 'Secret' },
                  },
                ],
              },
            },
          ],
        },
      },
      Door: {
        Type: 'AWS::Lambda::Function',
        Metadata: path('door'),
        Properties: {
          Code: {
            S3Bucket: { 'Fn::Sub': `cdk-assets-\${AWS::AccountId}-\${AWS::Region}` },
            S3Key: 'code.zip',
          },
          Environment: {
            Variables: { TABLE_NAME: { Ref: 'Table' }, SECRET_ARN: { Ref: 'Secret' } },
          },
          Handler: 'index.handler',
          LoggingConfig: { LogFormat: 'JSON', LogGroup: { Ref: 'Logs' } },
          Role: arn('Role'),
          Runtime: 'nodejs24.x',
          Timeout: 10,
        },
        DependsOn: ['Role'],
      },
      Api: {
        Type: 'AWS::ApiGatewayV2::Api',
        Metadata: path('api'),
        Properties: { Name: 'api', ProtocolType: 'HTTP' },
      },
      Stage: {
        Type: 'AWS::ApiGatewayV2::Stage',
        Metadata: path('stage'),
        Properties: { ApiId: { Ref: 'Api' }, AutoDeploy: true, StageName: '$default' },
      },
      Integration: {
        Type: 'AWS::ApiGatewayV2::Integration',
        Metadata: path('integration'),
        Properties: {
          ApiId: { Ref: 'Api' },
          IntegrationType: 'AWS_PROXY',
          IntegrationUri: arn('Door'),
          PayloadFormatVersion: '2.0',
        },
      },
      Permission: {
        Type: 'AWS::Lambda::Permission',
        Metadata: path('permission'),
        Properties: {
          Action: 'lambda:InvokeFunction',
          FunctionName: arn('Door'),
          Principal: 'apigateway.amazonaws.com',
          SourceArn: {
            'Fn::Join': [
              ':',
              [
                'arn',
                { Ref: 'AWS::Partition' },
                'execute-api',
                { Ref: 'AWS::Region' },
                { Ref: 'AWS::AccountId' },
                { 'Fn::Join': ['', [{ Ref: 'Api' }, '/*/*/items']] },
              ],
            ],
          },
        },
      },
      Route: {
        Type: 'AWS::ApiGatewayV2::Route',
        Metadata: path('route'),
        Properties: {
          ApiId: { Ref: 'Api' },
          AuthorizationType: 'AWS_IAM',
          RouteKey: 'POST /items',
          Target: { 'Fn::Join': ['', ['integrations/', { Ref: 'Integration' }]] },
        },
      },
      CDKMetadata: { Type: 'AWS::CDK::Metadata', Condition: 'CDKMetadataAvailable' },
    },
    Conditions: { CDKMetadataAvailable: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] } },
    Parameters: { BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>' } },
    Rules: {},
  };
}

/** Writes a cloud assembly of the stack `Stack` and gives its directory. */
export function writeAssembly(content: Template, code = 'export const handler = () => 1;'): string {
  const directory = mkdtempSync(join(tmpdir(), 'assembly-'));
  mkdirSync(join(directory, 'asset.code'));
  writeFileSync(join(directory, 'asset.code', 'index.mjs'), code);
  writeFileSync(join(directory, 'Stack.template.json'), JSON.stringify(content));
  writeFileSync(
    join(directory, 'Stack.assets.json'),
    JSON.stringify({
      files: {
        code: {
          source: { path: 'asset.code', packaging: 'zip' },
          destinations: { here: { objectKey: 'code.zip' } },
        },
      },
    }),
  );
  return directory;
}
