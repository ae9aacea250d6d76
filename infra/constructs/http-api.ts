import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer, HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
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
  // Why the gateway answered itself: a signature, a token, a throttle, or a function that failed.
  errorMessage: '$context.error.message',
  authorizerError: '$context.authorizer.error',
  integrationError: '$context.integration.error',
  integrationStatus: '$context.integration.integrationStatus',
  integrationRequestId: '$context.integration.requestId',
  integrationLatency: '$context.integration.latency',
  responseLatency: '$context.responseLatency',
  responseLength: '$context.responseLength',
};

/** The HTTP door: its routes, who may call them, how fast, and what is logged. */
export class InvitesHttpApi extends Construct {
  /** The address without a trailing slash: `https://….execute-api.<region>.amazonaws.com` */
  readonly url: string;
  /** What a name of the operator's own has to point at; undefined without one. */
  readonly domainTarget: string | undefined;
  readonly #api: apigateway.HttpApi;

  constructor(scope: Construct, id: string, handler: IFunction, config: Config) {
    super(scope, id);
    const { jwt, domainName, certificateArn } = config;

    const api = new apigateway.HttpApi(this, 'api', {
      apiName: Stack.of(this).stackName,
      // The implicit stage has no throttle and no access log.
      createDefaultStage: false,
      disableExecuteApiEndpoint: !config.defaultEndpoint,
    });

    const integration = new HttpLambdaIntegration('integration', handler);
    const access = jwt
      ? {
          authorizer: new HttpJwtAuthorizer('jwt', jwt.issuer, { jwtAudience: jwt.audience }),
          ...(jwt.scopes && { authorizationScopes: jwt.scopes }),
        }
      : { authorizer: new HttpIamAuthorizer() };
    const { DELETE, GET, POST } = apigateway.HttpMethod;
    const routes = [
      ...api.addRoutes({ path: '/invites', methods: [GET, POST], integration, ...access }),
      ...api.addRoutes({ path: '/invites/{id}', methods: [GET, DELETE], integration, ...access }),
    ];
    const stage = this.#stage(api, config);
    // The settings of a route need the route.
    stage.node.addDependency(...routes);
    this.#api = api;

    if (domainName === undefined || certificateArn === undefined) {
      this.url = api.apiEndpoint;
      return;
    }
    const domain = new apigateway.DomainName(this, 'domain', {
      domainName,
      certificate: Certificate.fromCertificateArn(this, 'certificate', certificateArn),
    });
    new apigateway.ApiMapping(this, 'mapping', { api, domainName: domain, stage });
    this.url = `https://${domainName}`;
    this.domainTarget = domain.regionalDomainName;
  }

  /**
   * What the webhooks may take is the stage's own limit, since their routes come and go with the HR
   * sources. API Gateway keeps the settings of a route that is gone, and refuses every later change of
   * the stage because of them. The other routes are always there.
   */
  #stage(api: apigateway.HttpApi, config: Config): apigateway.HttpStage {
    const { throttle, webhooks } = config;
    const stage = new apigateway.HttpStage(this, 'stage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: webhooks.throttle.rate, burstLimit: webhooks.throttle.burst },
      // By route, so that an alarm tells the open door from the other.
      detailedMetricsEnabled: true,
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
    const settings = {
      ThrottlingRateLimit: throttle.rate,
      ThrottlingBurstLimit: throttle.burst,
      DetailedMetricsEnabled: true,
    };
    (stage.node.defaultChild as apigateway.CfnStage).routeSettings = {
      'POST /invites': settings,
      'GET /invites': settings,
      'GET /invites/{id}': settings,
      'DELETE /invites/{id}': settings,
    };
    return stage;
  }

  /** Adds the door for HR systems: `GET|POST /webhooks/{source}`. */
  addWebhooks(handler: IFunction): void {
    const { GET, POST } = apigateway.HttpMethod;
    this.#addOpenRoute('webhooks', '/webhooks/{source}', [GET, POST], handler);
  }

  /** Adds the door for Slack's events: `POST /slack/events`. */
  addSlackEvents(handler: IFunction): void {
    this.#addOpenRoute('slack-events', '/slack/events', [apigateway.HttpMethod.POST], handler);
  }

  #addOpenRoute(id: string, path: string, methods: apigateway.HttpMethod[], handler: IFunction) {
    const routes = this.#api.addRoutes({
      path,
      methods,
      integration: new HttpLambdaIntegration(id, handler),
      authorizer: new apigateway.HttpNoneAuthorizer(),
    });
    for (const route of routes) {
      Validations.of(route).acknowledge({
        id: 'AwsSolutions-APIG4',
        reason:
          'The sender signs the body, and no authorizer sees it: the function verifies each delivery before it reads it.',
      });
    }
  }
}
