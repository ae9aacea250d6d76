import type { Assembly, Resource } from '../cloudformation/assembly.ts';
import { constructId } from '../cloudformation/identity.ts';
import { checkGrants, type RoleModel, readRole } from '../iam/roles.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION } from '../lib/account.ts';
import { inside, NotUnderstood } from '../lib/not-understood.ts';

/** The one handler that the local runtime loads, out of `index.mjs`. */
export const HANDLER = 'index.handler';

/** A Lambda function of the template with its role. */
export type FunctionModel = {
  name: string;
  arn: string;
  /** The ARNs of its aliases. They lead to the one version that there is here. */
  aliases: string[];
  /** The construct's id, which is the name of its folder under functions/. */
  folder: string;
  codeDir: string;
  timeoutMs: number;
  memoryMb: number;
  /** The lowest level that the runtime writes; undefined for Lambda's own choice. */
  logLevel: string | undefined;
  /** By its name. */
  logGroup: string;
  environment: Record<string, string>;
  role: RoleModel;
};

/** As much of a function as the Lambda service needs for running it. */
export type FunctionSpec = Pick<
  FunctionModel,
  'name' | 'arn' | 'codeDir' | 'timeoutMs' | 'memoryMb' | 'environment'
>;

// Lambda's own defaults: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html
const DEFAULT_TIMEOUT_SECONDS = 3;
const DEFAULT_MEMORY_MB = 128;

/**
 * @throws NotUnderstood if the template does not say all of it, or the function could not run on
 *   AWS.
 */
export function readFunctions(assembly: Assembly): FunctionModel[] {
  const functions = assembly.ofType('AWS::Lambda::Function').map((resource) => {
    const { place, properties, name } = resource;
    const model: FunctionModel = {
      name,
      arn: resource.attributes.Arn as string,
      aliases: assembly
        .ofType('AWS::Lambda::Alias')
        .flatMap(({ ref, properties: { FunctionName } }) => (FunctionName === name ? ref : [])),
      folder: constructId(resource.metadata, place),
      codeDir: assembly.assetDirectory(
        properties.Code?.S3Key,
        inside(inside(place, 'Code'), 'S3Key'),
      ),
      timeoutMs: (properties.Timeout ?? DEFAULT_TIMEOUT_SECONDS) * 1000,
      memoryMb: properties.MemorySize ?? DEFAULT_MEMORY_MB,
      logLevel: properties.LoggingConfig?.ApplicationLogLevel,
      logGroup: properties.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`,
      environment: strings(properties.Environment?.Variables ?? {}),
      role: readRole(assembly, properties.Role, 'lambda.amazonaws.com', inside(place, 'Role')),
    };
    checkLogFormat(resource);
    checkServiceGrants(model, resource);
    return model;
  });
  const twin = functions.find(
    ({ name }, index) => functions.findIndex((f) => f.name === name) < index,
  );
  if (twin) throw new Error(`Two functions of the template would be called ${twin.name} locally.`);
  return functions;
}

/**
 * Lambda's default is text. The functions here write JSON, and the local runtime knows nothing
 * else.
 */
function checkLogFormat({ place, properties }: Resource): void {
  const format = properties.LoggingConfig?.LogFormat ?? 'Text';
  if (format === 'JSON') return;
  throw new NotUnderstood(
    inside(inside(place, 'LoggingConfig'), 'LogFormat'),
    `${JSON.stringify(format)} is not understood, only "JSON"`,
  );
}

/** CloudFormation makes strings of numbers and booleans. */
function strings(variables: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, `${value}`]));
}

/**
 * What the Lambda service itself does with the role. No request of the function would show it:
 * without these grants, AWS drops the logs, or refuses to create the function ("does not have
 * permissions to call PutTraceSegments on XRAY").
 */
function checkServiceGrants({ role }: FunctionModel, { place, properties }: Resource): void {
  const needed: [action: string, resource: string][] = [];
  const logGroup = properties.LoggingConfig?.LogGroup;
  if (logGroup) {
    const stream = `arn:aws:logs:${LOCAL_REGION}:${LOCAL_ACCOUNT}:log-group:${logGroup}:log-stream:any`;
    needed.push(['logs:CreateLogStream', stream], ['logs:PutLogEvents', stream]);
  }
  if (properties.TracingConfig?.Mode === 'Active') {
    needed.push(['xray:PutTraceSegments', '*'], ['xray:PutTelemetryRecords', '*']);
  }
  checkGrants(
    role,
    needed,
    inside(place, 'Role'),
    'On AWS the function would lose its logs or could not be created',
  );
}
