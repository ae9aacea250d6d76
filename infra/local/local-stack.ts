import { createServer } from 'node:http';
import { awsEndpoint } from './aws-endpoint.ts';
import { createCloudFormation, localOutputs } from './cloudformation/describe-stacks.ts';
import type { Alarm } from './cloudwatch/alarm-state.ts';
import { createDynamoDb } from './dynamodb/dynamodb.ts';
import { type BusEvent, createEventBus } from './eventbridge/event-bus.ts';
import { createEventBridge } from './eventbridge/eventbridge.ts';
import { httpApi } from './http-api/gateway.ts';
import type { JwtAuthorizer } from './http-api/jwt-authorizer.ts';
import { jwtChecker } from './http-api/jwt-authorizer.ts';
import { createPrincipals, type Principals } from './iam/principals.ts';
import { createSts } from './iam/sts.ts';
import { createJwtIssuer, ISSUER_PATH } from './jwt-issuer.ts';
import { createLambdaApi } from './lambda/api.ts';
import type { FunctionModel, FunctionSpec } from './lambda/function-model.ts';
import { type Lambda, startLambda } from './lambda/lambda.ts';
import { emptyTable, newestInvites } from './ledger.ts';
import { type AwsAnswer, AwsError } from './lib/aws-service.ts';
import { CLOCK } from './lib/clock.ts';
import { listen } from './lib/http.ts';
import { createLine } from './lib/line.ts';
import type { Principal } from './lib/principal.ts';
import { countExecutions, countInvocations, createMetrics } from './metrics.ts';
import { createLogBook } from './overview/log-book.ts';
import { createOverview } from './overview/server.ts';
import type { ScheduleModel } from './schedules.ts';
import { createSecretsManager } from './secrets-manager/secrets-manager.ts';
import { readStack, type StackModel } from './stack-model.ts';
import { createRunner } from './step-functions/api/runner.ts';
import { createStepFunctions } from './step-functions/api/step-functions.ts';

export type LocalStackOptions = {
  /** The cloud assembly, usually `cdk.out`. */
  assemblyDir: string;
  stackName: string;
  /** 0 for a free port. */
  ports: { http: number; aws: number };
  /** Base address of the local Slack's methods, with a slash at the end. */
  slackApiUrl: string;
  /** Put into the stack's secret, as the operator does after a deploy. */
  slackToken: string;
  /** Put into the secrets of the HR sources, if the stack has them. */
  webhookSecrets?: Record<string, unknown> | undefined;
  lookupCredentials?: Record<string, unknown> | undefined;
  /** What Slack signs its events with; put into the secret for it, if the stack has one. */
  signingSecret?: string | undefined;
  /** A stand-in for an HR system, which gets all lookups whatever their host. */
  lookupOrigin?: string;
  log: (entry: LogEntry) => void;
};

/** A line of a function or a state machine (by its name), of the HTTP front (`http`), or of the AWS endpoint (`aws`). */
export type LogEntry = { source: string; line: string };

export type LocalStack = {
  apiUrl: string;
  awsUrl: string;
  functions: { name: string; folder: string; arn: string }[];
  stateMachines: { name: string; arn: string }[];
  /** None, if the configuration has no `observability`. */
  alarms: Alarm[];
  secretName: string;
  /** Whether it follows what becomes of invitations. */
  follows: boolean;
  /** Of the HR sources' secrets; undefined for a stack without HR sources. */
  webhookSecretName: string | undefined;
  lookupSecretName: string | undefined;
  tableName: string;
  lambda: Lambda;
  /** The tokens that the HTTP API takes instead of signatures, if it does. */
  jwt: JwtAuthorizer | undefined;
  /** Aborts all executions, and empties the table but for grants. */
  forget: () => Promise<void>;
  /** Ends servers, connections and functions at once. */
  close: () => Promise<void>;
};

/**
 * In milliseconds, longer than people wait between two calls. Otherwise a function that was frozen
 * meanwhile would find its connections gone and begin with a retry.
 */
const KEEP_ALIVE_MS = 60_000;

/**
 * How many functions all state machines together call at once. A further call waits in line. On
 * AWS, hundreds of executions that start at once meet the account's concurrency (10 in a new one)
 * and are throttled. Here, each call at once is one more process of some 60 MB. This leaves most of
 * the local Lambda's concurrency to the HTTP API.
 */
const TASKS_AT_ONCE = 8;

/**
 * Runs a synthesized stack on this machine: its HTTP API, its functions, and as much of AWS as
 * these need. All data is in memory and ends with it.
 * @throws NotUnderstood for a template that the local run would not run as AWS does, and Node's
 *   EADDRINUSE error for a port in use; nothing stays behind
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const { ports, log } = options;
  const stack = readStack(options.assemblyDir, options.stackName);
  const { secretArn, tableName } = sharedEnvironment(stack);
  const principals = createPrincipals(stack.functions);
  const secretsManager = createSecretsManager(stack.secrets);
  secretsManager.put(secretArn, options.slackToken);
  const [webhookSecretArn] = valuesOf(stack.functions, 'WEBHOOK_SECRET_ARN');
  const [lookupSecretArn] = valuesOf(stack.functions, 'LOOKUP_SECRET_ARN');
  const put = (arn: string | undefined, value: object | undefined) => {
    if (arn && value) secretsManager.put(arn, JSON.stringify(value));
  };
  put(webhookSecretArn, options.webhookSecrets);
  put(lookupSecretArn, options.lookupCredentials);
  const [signingSecretArn] = valuesOf(stack.functions, 'SIGNING_SECRET_ARN');
  if (signingSecretArn && options.signingSecret) {
    secretsManager.put(signingSecretArn, options.signingSecret);
  }
  const dynamoDb = await createDynamoDb(stack.tables);
  const jwt = stack.api.routes.find((route) => route.jwt)?.jwt;
  const jwtIssuer = jwt && (await createJwtIssuer(jwt));

  await using opened = new AsyncDisposableStack();
  const awsServer = createServer({ keepAliveTimeout: KEEP_ALIVE_MS });
  const aws = await listen(awsServer, ports.aws);
  opened.defer(aws.close);
  const httpServer = createServer({ keepAliveTimeout: KEEP_ALIVE_MS });
  const http = await listen(httpServer, ports.http);
  opened.defer(http.close);

  const metrics = createMetrics();
  const logGroups = new Map(stack.functions.map(({ name, logGroup }) => [name, logGroup]));
  const logBook = createLogBook();
  const started = await startLambda({
    functions: stack.functions.map((model) => functionSpec(model, principals, aws.url, options)),
    log: ({ functionName, line }) => {
      metrics.read(line, logGroups.get(functionName) as string);
      logBook.add(functionName, line);
      overview.changed();
      log({ source: functionName, line });
    },
  });
  const lambda = countInvocations(logBook.follow(started), metrics);
  opened.defer(() => lambda.close());

  // Last, since they need the functions, and the functions need the endpoint's address.
  const { api, functions } = stack;
  const bus = createEventBus((event) => {
    overview.changed();
    log({ source: 'events', line: lineOf(event) });
    for (const { functionName, sources } of stack.triggers) {
      if (!sources.includes(event.source)) continue;
      void lambda.invoke(functionName, JSON.stringify(event)).catch(() => undefined); // it is closing
    }
  });
  const runner = createRunner({
    clock: CLOCK,
    services: {
      invoke: lambda.invoke,
      line: createLine(TASKS_AT_ONCE),
      bus,
    },
    log: (source, line) => {
      overview.changed();
      log({ source, line });
    },
  });
  for (const machine of stack.stateMachines) runner.machines.set(machine.arn, machine);
  opened.defer(() => runner.stop());
  const measured = () => [...metrics.all(), ...countExecutions(runner.executions.values())];
  const local = principals.byKey.get('local') as Principal;
  const overview = createOverview({
    stackName: options.stackName,
    apiUrl: http.url,
    slackUrl: new URL(options.slackApiUrl).origin,
    invites: newestInvites(dynamoDb, tableName, local),
    executions: runner.executions,
    events: bus.events,
    alarms: stack.alarms,
    dashboards: stack.dashboards,
    measured,
    logBook,
  });
  const services = [
    secretsManager,
    dynamoDb,
    createLambdaApi(functions, lambda.invoke, (line) => log({ source: 'aws', line })),
    createStepFunctions(runner, {
      functionArns: functions.flatMap(({ arn, aliases }) => [arn, ...aliases]),
      principalOf: (roleArn) => principalOf(roleArn, stack, principals),
    }),
    createEventBridge(bus),
    createSts(),
    createCloudFormation({
      name: options.stackName,
      outputs: localOutputs(stack.outputs, api.id, http.url),
    }),
  ];
  const endpoint = awsEndpoint(services, principals.byKey, {
    local: {
      'GET /_local/metrics': () => asJson({ metrics: measured() }),
      'GET /_local/events': () => asJson(bus.events),
      ...(jwtIssuer && { [`GET ${ISSUER_PATH}`]: () => asJson(jwtIssuer.issuer) }),
      // Nobody at this machine waits for the schedule.
      'POST /_local/sweep': (body) => sweepOnce(stack.schedules, lambda.invoke, body),
    },
    log: (line) => log({ source: 'aws', line }),
  });
  awsServer.on('request', (request, response) => {
    if (!overview.serves(request, response)) endpoint(request, response);
  });
  httpServer.on(
    'request',
    httpApi({
      api,
      principals: principals.byKey,
      checkJwt: jwtChecker(jwtIssuer?.keys ?? { keys: [] }),
      invoke: lambda.invoke,
      log: (line) => log({ source: 'http', line }),
    }),
  );

  for (const { functionName, everyMs } of stack.schedules) {
    const run = () => lambda.invoke(functionName, '{}').catch(() => undefined); // the next one comes
    const timer = setInterval(run, everyMs);
    opened.defer(() => clearInterval(timer));
  }

  const running = opened.move();
  return {
    apiUrl: http.url,
    awsUrl: aws.url,
    functions: functions.map(({ name, folder, arn }) => ({ name, folder, arn })),
    stateMachines: stack.stateMachines.map(({ name, arn }) => ({ name, arn })),
    alarms: stack.alarms,
    secretName: stack.secrets.find(({ arn }) => arn === secretArn)?.name as string,
    follows: signingSecretArn !== undefined,
    webhookSecretName: stack.secrets.find(({ arn }) => arn === webhookSecretArn)?.name,
    lookupSecretName: stack.secrets.find(({ arn }) => arn === lookupSecretArn)?.name,
    tableName,
    lambda,
    jwt,
    forget: async () => {
      runner.stop();
      await emptyTable(dynamoDb, tableName, local);
      overview.changed();
    },
    close: () => running.disposeAsync(),
  };
}

const asJson = (value: object): AwsAnswer => ({ status: 200, body: JSON.stringify(value) });

/**
 * Runs what the one schedule of the stack runs, and answers with its result or its error.
 * @param body `{"advance_s": n}`, to run as if so many seconds later; or nothing
 */
async function sweepOnce(
  schedules: ScheduleModel[],
  invoke: Lambda['invoke'],
  body: Buffer,
): Promise<AwsAnswer> {
  const [schedule] = schedules;
  if (!schedule) return { status: 404, body: '{"message":"The stack has no schedule"}' };
  const advance = advanceOf(body.toString());
  if (advance === undefined) {
    const message = 'The body is {"advance_s": n}, with a number of seconds from 0, or nothing';
    return { status: 400, body: JSON.stringify({ message }) };
  }
  const event = JSON.stringify({ time: new Date(Date.now() + advance * 1000).toISOString() });
  const { payload, functionError } = await invoke(schedule.functionName, event);
  return { status: functionError ? 500 : 200, body: payload };
}

/** Ten years: more has no meaning for invitations. */
const LONGEST_ADVANCE_S = 315_360_000;

function advanceOf(text: string): number | undefined {
  if (text.trim() === '') return 0;
  try {
    const { advance_s: advance = 0, ...others } = JSON.parse(text);
    const isTime = typeof advance === 'number' && advance >= 0 && advance <= LONGEST_ADVANCE_S;
    return isTime && Object.keys(others).length === 0 ? advance : undefined;
  } catch {
    return undefined;
  }
}

/** An event as a line of the log. */
function lineOf({ 'detail-type': type, source, detail }: BusEvent): string {
  const { id, channel, status } = detail;
  const told = [id, channel, status].filter((value) => typeof value === 'string');
  return [type, ...told, `(${source})`].join('  ');
}

/** The function as the Lambda service runs it: the template's environment, and the way to this machine's services. */
function functionSpec(
  model: FunctionModel,
  principals: Principals,
  awsUrl: string,
  { slackApiUrl, lookupOrigin }: LocalStackOptions,
): FunctionSpec {
  const { name, arn, codeDir, timeoutMs, memoryMb, logLevel } = model;
  const environment = {
    ...model.environment,
    ...(logLevel && { AWS_LAMBDA_LOG_LEVEL: logLevel }),
    ...principals.environmentOf(name),
    AWS_ENDPOINT_URL_DYNAMODB: awsUrl,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: awsUrl,
    AWS_ENDPOINT_URL_SFN: awsUrl,
    AWS_ENDPOINT_URL_EVENTBRIDGE: awsUrl,
    SLACK_API_URL: slackApiUrl,
    ...(lookupOrigin && { LOOKUP_ORIGIN: lookupOrigin }),
  };
  return { name, arn, codeDir, timeoutMs, memoryMb, environment };
}

/**
 * As whom a state machine acts that somebody creates: as its role allows, where it is one of the stack, and
 * otherwise as the operator, who would have made it.
 * @throws AwsError AccessDeniedException for a role that Step Functions cannot assume
 */
function principalOf(roleArn: string, stack: StackModel, principals: Principals): Principal {
  if (stack.functions.some(({ role }) => role.arn === roleArn)) {
    const what = 'Neither the global service principal states.amazonaws.com, nor the regional one';
    throw new AwsError(
      'AccessDeniedException',
      `${what} is authorized to assume the provided role.`,
      403,
    );
  }
  const known = stack.stateMachines.find((machine) => machine.roleArn === roleArn)?.role;
  return known ?? (principals.byKey.get('local') as Principal);
}

/** The secret and the table that the functions get, the same for all. */
function sharedEnvironment({ functions }: StackModel): { secretArn: string; tableName: string } {
  const [secretArn, ...otherSecrets] = valuesOf(functions, 'SECRET_ARN');
  const [tableName, ...otherTables] = valuesOf(functions, 'TABLE_NAME');
  if (!secretArn || !tableName || otherSecrets.length > 0 || otherTables.length > 0) {
    throw new Error(
      'The functions of the template must agree on one SECRET_ARN and one TABLE_NAME in their environment.',
    );
  }
  return { secretArn, tableName };
}

function valuesOf(functions: FunctionModel[], variable: string): string[] {
  const values = functions.map(({ environment }) => environment[variable]);
  return [...new Set(values.filter((value) => value !== undefined))];
}
