import type { Assembly, Resource } from '../cloudformation/assembly.ts';
import { inside, NotUnderstood, type Place } from '../lib/not-understood.ts';
import type { JwtAuthorizer } from './jwt-authorizer.ts';

/** One route of the HTTP API: what it answers to, who may call it, which function answers. */
export type RouteModel = {
  /** A method and a path, such as `GET /invites/{id}`. */
  routeKey: string;
  authorization: 'AWS_IAM' | 'JWT' | 'NONE';
  /** Which tokens, with the authorization `JWT`. */
  jwt?: JwtAuthorizer;
  functionName: string;
  timeoutMs: number;
};

/** The permission that a function gives API Gateway to call it. */
export type PermissionModel = { functionName: string; sourceArn?: string };

export type ApiModel = { id: string; routes: RouteModel[]; permissions: PermissionModel[] };

/** One method, and a path of literal segments and parameters: no `ANY`, no `{proxy+}`, no `$default`. */
const ROUTE_KEY = /^(?!ANY )[A-Z]+ (\/([^/{}]+|\{\w+\}))+$/;

/** How long API Gateway waits for an integration of an HTTP API at most, and by default. */
const INTEGRATION_TIMEOUT_MS = 30_000;

/**
 * Reads the one HTTP API of the template.
 * @throws NotUnderstood if there is none or more than one, or a route leads nowhere
 */
export function readApi(assembly: Assembly, stackName: string): ApiModel {
  const apis = assembly.ofType('AWS::ApiGatewayV2::Api');
  const [api] = apis;
  if (!api || apis.length > 1) {
    const place = { logicalId: stackName, type: 'the template', path: '' };
    throw new NotUnderstood(place, `${apis.length} HTTP APIs where there is one port for one`);
  }
  const stages = assembly.ofType('AWS::ApiGatewayV2::Stage');
  if (stages.length !== 1) {
    throw new NotUnderstood(api.place, `${stages.length} stages where one, $default, is served`);
  }
  const integrations = assembly.ofType('AWS::ApiGatewayV2::Integration');
  return {
    id: api.ref,
    routes: assembly
      .ofType('AWS::ApiGatewayV2::Route')
      .map((route) => readRoute(assembly, route, integrations)),
    permissions: assembly.ofType('AWS::Lambda::Permission').map(({ place, properties }) => ({
      functionName: functionName(assembly, properties.FunctionName, inside(place, 'FunctionName')),
      ...(properties.SourceArn && { sourceArn: properties.SourceArn }),
    })),
  };
}

/** The name of the template's function with this ARN or name, or with an alias of this ARN. */
function functionName(assembly: Assembly, reference: string, place: Place): string {
  const alias = assembly.ofType('AWS::Lambda::Alias').find(({ ref }) => ref === reference);
  if (alias) return alias.properties.FunctionName;
  const found = assembly
    .ofType('AWS::Lambda::Function')
    .find(({ name, attributes }) => reference === name || reference === attributes.Arn);
  if (found) return found.name;
  throw new NotUnderstood(place, `${reference}, which is no function of this template`);
}

function readRoute(
  assembly: Assembly,
  { place, properties }: Resource,
  integrations: Resource[],
): RouteModel {
  const integration = integrations.find(({ ref }) => properties.Target === `integrations/${ref}`);
  if (!integration)
    throw new NotUnderstood(inside(place, 'Target'), `${properties.Target} leads nowhere`);

  const { RouteKey: routeKey, AuthorizationType: authorization = 'NONE' } = properties;
  if (!ROUTE_KEY.test(routeKey)) {
    throw new NotUnderstood(inside(place, 'RouteKey'), `${routeKey} is not understood`);
  }
  if (!['AWS_IAM', 'JWT', 'NONE'].includes(authorization)) {
    throw new NotUnderstood(
      inside(place, 'AuthorizationType'),
      `${authorization} is not understood`,
    );
  }
  return {
    routeKey,
    authorization,
    ...(authorization === 'JWT' && { jwt: readAuthorizer(assembly, place, properties) }),
    functionName: functionName(
      assembly,
      integration.properties.IntegrationUri,
      inside(integration.place, 'IntegrationUri'),
    ),
    timeoutMs: integration.properties.TimeoutInMillis ?? INTEGRATION_TIMEOUT_MS,
  };
}

function readAuthorizer(
  assembly: Assembly,
  place: Place,
  { AuthorizerId, AuthorizationScopes = [] }: Resource['properties'],
): JwtAuthorizer {
  const authorizer = assembly
    .ofType('AWS::ApiGatewayV2::Authorizer')
    .find(({ ref }) => ref === AuthorizerId);
  if (!authorizer) {
    throw new NotUnderstood(inside(place, 'AuthorizerId'), `${AuthorizerId} is no authorizer`);
  }
  const { IdentitySource, JwtConfiguration } = authorizer.properties;
  if (String(IdentitySource) !== '$request.header.Authorization') {
    const what = 'only $request.header.Authorization is understood';
    throw new NotUnderstood(inside(authorizer.place, 'IdentitySource'), what);
  }
  const { Issuer: issuer, Audience: audience } = JwtConfiguration;
  return { issuer, audience, scopes: AuthorizationScopes };
}
