import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Policy } from '../../functions/invites/policy.ts';
import type { FunctionConfig } from '../../functions/lambda/environment.ts';
import { type Lambda, startLambda } from '../../infra/local/lambda/lambda.ts';
import type { Delivery } from './deliveries.ts';
import { type LocalRun, taskOf, withDeployment } from './local-run.ts';

/** What is different from the functions of the run. */
export type Changes = {
  environment?: Record<string, string>;
  /** Laid over `CONFIG`. */
  config?: Partial<FunctionConfig>;
  /** Laid over the policy of the deployment. */
  policy?: Partial<Policy>;
  timeoutMs?: number;
};

const codeWith = (codeDir: string, policy: Partial<Policy>): string => {
  const copy = join(mkdtempSync(join(tmpdir(), 'slack-connect-invites-code-')), 'code');
  withDeployment(codeDir, copy, { policy });
  return copy;
};

export type FunctionsAgain = {
  lambda: Lambda;
  task: LocalRun['task'];
  turn: LocalRun['turn'];
  /** `POST /invites` as the gateway hands it to the function. */
  post(
    body: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: Record<string, unknown> }>;
  /** A request to the door of HR systems, likewise. @returns the status of the answer */
  deliver(delivery: Delivery): Promise<number>;
  close(): Promise<void>;
};

/**
 * The functions of a run once more, from the same bundles, over the same table, secret and Slack,
 * but in fresh processes and with something changed. What they log is among the run's lines.
 */
export const startFunctionsAgain = async (
  run: LocalRun,
  { environment, config, policy, timeoutMs }: Changes = {},
): Promise<FunctionsAgain> => {
  const lambda = await startLambda({
    functions: run.stack.lambda.functions.map((spec) => ({
      ...spec,
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(policy && { codeDir: codeWith(spec.codeDir, policy) }),
      environment: {
        ...spec.environment,
        CONFIG: JSON.stringify({ ...JSON.parse(spec.environment.CONFIG ?? ''), ...config }),
        ...environment,
      },
    })),
    log: ({ line }) => run.lines.push(line),
  });
  return {
    lambda,
    task: taskOf(lambda, 'invite-task'),
    turn: taskOf(lambda, 'invite-turn'),
    async post(body, headers) {
      const { payload } = await lambda.invoke(
        'SlackConnectInvites-invite-api',
        JSON.stringify({
          routeKey: 'POST /invites',
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify(body),
          isBase64Encoded: false,
          requestContext: {},
        }),
      );
      const answer = JSON.parse(payload.toString());
      return { status: answer.statusCode, body: JSON.parse(answer.body) };
    },
    async deliver({ source, method, headers, body }) {
      const { payload } = await lambda.invoke(
        'SlackConnectInvites-hr-webhook',
        JSON.stringify({
          headers,
          pathParameters: { source },
          body: Buffer.from(body).toString('base64'),
          isBase64Encoded: true,
          requestContext: { http: { method } },
        }),
      );
      return JSON.parse(payload.toString()).statusCode;
    },
    close: lambda.close,
  };
};

/** Kills the processes of a function that are at work, as a crash does. */
export const killBusy = ({ environments }: Pick<Lambda, 'environments'>, name: string): void => {
  for (const { pid, state } of environments(name)) {
    if (state === 'busy') process.kill(pid, 'SIGKILL');
  }
};
