import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { vi } from 'vitest';
import type { HttpResponse } from '../../functions/lambda/http-error-handler.ts';
import type { HrSource } from '../../functions/webhooks/source.ts';
import { startDynalite } from './dynalite.ts';
import { OPEN } from './fakes.ts';
import { taskRoot } from './task-root.ts';

/** What an AWS service says instead of doing its work. */
type Failure = { name: string; message: string };

/** Until something is put into the secret: functions read it when they start, and then again. */
const NO_VALUE: Failure = { name: 'ResourceNotFoundException', message: 'no value yet' };

/**
 * Secrets Manager and Step Functions, as far as the functions of the HR door ask them: one secret,
 * and executions that run for ever. Beside them, the API of an HR system.
 */
const startServices = async () => {
  let secret: string | undefined;
  let person: unknown;
  let failure: Partial<Record<string, Failure>> = { GetSecretValue: NO_VALUE };
  const started: { name: string; input: string }[] = [];
  const answers: Record<string, (body: { name: string; input: string }) => object> = {
    GetSecretValue: () => ({ SecretString: secret }),
    StartExecution: ({ name, input }) => {
      if (!started.some((one) => one.name === name)) started.push({ name, input });
      return { executionArn: 'arn', startDate: 0 };
    },
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    const failed = failure[operation];
    const body = Buffer.concat(chunks).toString();
    const answer = failed
      ? { __type: failed.name, message: failed.message }
      : (answers[operation]?.(JSON.parse(body)) ?? person);
    response.writeHead(failed ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    started,
    putSecret: (value: unknown) => {
      secret = JSON.stringify(value);
      if (failure.GetSecretValue === NO_VALUE) failure = {};
    },
    /** What a lookup finds of everybody. */
    putPerson: (value: unknown) => {
      person = value;
    },
    /** Has operations fail, by their names; the others work. */
    fail: (failures: typeof failure) => {
      failure = failures;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
};

type Handler<Event, Answer> = (event: Event, context: unknown) => Promise<Answer>;

/**
 * The two functions of the HR door in this process, with the AWS services that they need.
 * @param sources what the functions are bundled with.
 */
export const startHrFunctions = async (sources: Record<string, HrSource>) => {
  const dynalite = await startDynalite();
  const services = await startServices();
  const table = await dynalite.table();
  const config = { ratePerMinute: 20, burst: 5, retentionDays: 400 };
  const environment = {
    STACK_NAME: 'Stack',
    TABLE_NAME: table.name,
    WEBHOOK_SECRET_ARN: 'webhook-secrets',
    LOOKUP_SECRET_ARN: 'lookup-credentials',
    WORKFLOW_ARN: 'arn:aws:states:us-east-1:000000000000:stateMachine:events',
    CONFIG: JSON.stringify(config),
    LAMBDA_TASK_ROOT: taskRoot({ policy: OPEN, sources }),
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: dynalite.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: services.url,
    AWS_ENDPOINT_URL_SFN: services.url,
    LOOKUP_ORIGIN: services.url,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  vi.stubEnv('FUNCTION', 'hr-webhook');
  const webhook = (await import('../../functions/hr-webhook/handler.ts')).handler;
  vi.stubEnv('FUNCTION', 'hr-invite');
  const invite = (await import('../../functions/hr-invite/handler.ts')).handler;

  const context = () => {
    const end = Date.now() + 10_000;
    return { awsRequestId: 'r-1', getRemainingTimeInMillis: () => end - Date.now() };
  };
  return {
    table,
    ...services,
    /** Delivers to a source. */
    deliver: (
      source: string,
      event: Partial<APIGatewayProxyEventV2>,
      method = 'POST',
    ): Promise<HttpResponse> =>
      (webhook as Handler<unknown, HttpResponse>)(
        {
          headers: {},
          isBase64Encoded: false,
          pathParameters: { source },
          requestContext: { http: { method } },
          ...event,
        },
        context(),
      ),
    /** Runs the first step of an event's workflow. */
    makeInvite: (input: unknown): Promise<object> =>
      (invite as Handler<unknown, object>)(input, context()),
    async close() {
      await services.close();
      await dynalite.close();
    },
  };
};

export type HrFunctions = Awaited<ReturnType<typeof startHrFunctions>>;
