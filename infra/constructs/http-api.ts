import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer, HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Config } from '../config/schema.ts';
import { vendedLogGroup } from './vended-log-group.ts';

/**
 * Without anything that tells who called from where: no address, no caller, and no path, since a path
 * has an invite's id, a person's pseudonym. `integrationRequestId` is the request id in the function's
 * log.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
 */
const ACCESS_LOG = {
  requestId: '$context.requestId',
  requestTime: '$context.requestTime',
  routeKey: '$context.routeKey',
  status: '$context.status',
  errorType: '$context.error.responseType',
  integrationStatus: '$context.integration.integrationStatus',
  integrationRequestId: '$context.integration.requestId',
  integrationLatency: '$context.integration.latency',
  responseLatency: '$context.responseLatency',
  responseLength: '$context.responseLength',
};

/**
 * HR systems send in bursts (a team that joins, an import), and not all of them repeat what was
 * throttled; `throttle` is meant for callers who do. A flood of forged deliveries costs a few
 * dollars a day at this rate.
 */
const WEBHOOK_THROTTLE = { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 300 };

/** The HTTP door: its routes, who may call them, how fast, and what is logged. */
export class InvitesHttpApi extends Construct {
  /** The address without a trailing slash: `https://….execute-api.<region>.amazonaws.com` */
  readonly url: string;
  readonly #api: apigateway.HttpApi;
  readonly #stage: apigateway.HttpStage;

  constructor(scope: Construct, id: string, handler: IFunction, config: Config) {
    super(scope, id);
    const { jwt, throttle } = config;

    const api = new apigateway.HttpApi(this, 'api', {
      apiName: Stack.of(this).stackName,
      // The implicit stage has no throttle and no access log.
      createDefaultStage: false,
    });
    this.url = api.apiEndpoint;

    this.#stage = new apigateway.HttpStage(this, 'stage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: throttle.rate, burstLimit: throttle.burst },
      accessLogSettings: {
        destination: new apigateway.LogGroupLogDestination(
          new LogGroup(this, 'access-logs', {
            logGroupName: vendedLogGroup('http-api', config.stackName),
            retention: config.logRetentionDays,
            removalPolicy: RemovalPolicy.DESTROY,
          }),
        ),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    });

    const integration = new HttpLambdaIntegration('integration', handler);
    const access = jwt
      ? {
          authorizer: new HttpJwtAuthorizer('jwt', jwt.issuer, { jwtAudience: jwt.audience }),
          ...(jwt.scopes && { authorizationScopes: jwt.scopes }),
        }
      : { authorizer: new HttpIamAuthorizer() };
    const { GET, POST } = apigateway.HttpMethod;
    api.addRoutes({ path: '/invites', methods: [POST], integration, ...access });
    api.addRoutes({ path: '/invites/{id}', methods: [GET], integration, ...access });
    this.#api = api;
  }

  /** Adds the door for HR systems: `GET|POST /webhooks/{source}`. */
  addWebhooks(handler: IFunction): void {
    const { GET, POST } = apigateway.HttpMethod;
    const routes = this.#api.addRoutes({
      path: '/webhooks/{source}',
      methods: [GET, POST],
      integration: new HttpLambdaIntegration('webhooks', handler),
      authorizer: new apigateway.HttpNoneAuthorizer(),
    });
    // The stage must be created after its routes.
    this.#stage.node.addDependency(...routes);
    const stage = this.#stage.node.defaultChild as apigateway.CfnStage;
    stage.routeSettings = { 'POST /webhooks/{source}': WEBHOOK_THROTTLE };
    for (const route of routes) {
      Validations.of(route).acknowledge({
        id: 'AwsSolutions-APIG4',
        reason:
          'HR systems sign the body, and no authorizer sees it: the function verifies each delivery before it reads it.',
      });
    }
  }
}
