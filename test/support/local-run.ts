import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Policy } from '../../functions/invites/policy.ts';
import {
  DEPLOYMENT_FILE,
  deploymentText,
  type FunctionConfig,
} from '../../functions/lambda/environment.ts';
import { signedFetch } from '../../infra/local/iam/signer.ts';
import { type LocalStack, startLocalStack } from '../../infra/local/local-stack.ts';
import { type LocalSlack, startLocalSlack } from '../../infra/local/slack/server.ts';
import { SIGNING_SECRET } from '../../infra/local/slack/state.ts';
import { bundledAssembly } from './assemblies.ts';
import type { Delivery } from './deliveries.ts';
import { LOOKUP_CREDENTIALS, WEBHOOK_SECRETS } from './sources.ts';

export const CHANNEL = 'C0PARTNER01';
export const TOKEN = 'xoxb-local-acme-invites';
const STACK = 'SlackConnectInvites';
const LOCAL = { accessKeyId: 'local', secretAccessKey: 'local' };

/** A local run with all that it printed, and short ways of asking it things. */
export type LocalRun = {
  stack: LocalStack;
  slack: LocalSlack;
  /** Every line that functions and servers logged, in order. */
  lines: string[];
  post(body: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** One operation of Step Functions, as an administrator. */
  states(operation: string, input: object): Promise<Record<string, unknown>>;
  /** `POST /invites` with bytes and headers of the test's own. */
  raw(body: string, headers: Record<string, string>): Promise<Response>;
  get(path: string): Promise<Answer>;
  remove(path: string): Promise<Answer>;
  /** Calls `invite-task` as a state machine does. */
  task: Task;
  /** Calls `invite-turn` as the workflow does. */
  turn: Task;
  sandbox(method: string, path: string, body?: unknown): Promise<unknown>;
  /** How often the method, `conversations.inviteShared` if none is named, reached Slack. */
  slackCalls(method?: string): Promise<number>;
  /** One operation of DynamoDB, as an administrator. */
  dynamo(operation: string, input: object): Promise<Record<string, unknown>>;
  putToken(value: string): Promise<void>;
  /** Sends a delivery to the door of HR systems. */
  deliver(delivery: Delivery): Promise<Response>;
  /** Puts another value into the secret of the webhook sources. */
  putWebhookSecret(value: string): Promise<void>;
  close(): Promise<void>;
};

type Task = (
  input: unknown,
) => Promise<{ functionError?: string; payload: Record<string, unknown> }>;

export type Answer = { status: number; headers: Headers; body: Record<string, unknown> };

export type RunOptions = {
  /** Laid over the functions' `CONFIG`. */
  config?: Partial<FunctionConfig>;
  /** Laid over the policy of the deployment. */
  policy?: Partial<Policy>;
  /** What the local Slack permits a minute, for a test of the pace. Otherwise no test meets its limit. */
  slackRate?: number;
  /** Changes the template's text. */
  edit?: (template: string) => string;
  /** What stands in for all HR systems that are asked for an address. */
  lookupOrigin?: string;
  /** The key `lifecycle` of the configuration; with it, Slack's events come in. */
  lifecycle?: true | object;
  /** The key `tableArn`: a ledger that the stack adopts. */
  tableArn?: string;
};

/** Starts the stack of the shipped template on free ports, at a pace that no test waits for. */
export const startLocalRun = async ({
  config,
  policy,
  slackRate,
  edit = (template) => template,
  lookupOrigin,
  lifecycle,
  tableArn,
}: RunOptions = {}): Promise<LocalRun> => {
  const pace = { ratePerMinute: 6000, burst: 19 };
  const more = {
    ...(lifecycle && { 'slackConnectInvites.lifecycle': JSON.stringify(lifecycle) }),
    ...(tableArn !== undefined && { 'slackConnectInvites.tableArn': tableArn }),
  };
  const assemblyDir = changed(await bundledAssembly(more), {
    config: { ...pace, ...config },
    policy,
    edit,
  });
  const slack = await startLocalSlack({
    port: 0,
    ...(slackRate === undefined
      ? { ratePerMinute: 6000, capacity: 1_000_000 }
      : { ratePerMinute: slackRate }),
  });
  const lines: string[] = [];
  const stack = await startLocalStack({
    assemblyDir,
    stackName: STACK,
    ports: { http: 0, aws: 0 },
    slackApiUrl: slack.apiUrl,
    slackToken: TOKEN,
    webhookSecrets: WEBHOOK_SECRETS,
    lookupCredentials: LOOKUP_CREDENTIALS,
    signingSecret: SIGNING_SECRET,
    ...(lookupOrigin !== undefined && { lookupOrigin }),
    log: ({ line }) => lines.push(line),
  });
  const send = (method: string, path: string, body?: string, headers = {}) =>
    signedFetch(
      new URL(path, stack.apiUrl),
      { method, headers, ...(body !== undefined && { body }) },
      { credentials: LOCAL, region: 'us-east-1' },
    );
  const answer = async (response: Response): Promise<Answer> => {
    const { status, headers } = response;
    return { status, headers, body: (await response.json()) as Record<string, unknown> };
  };
  const aws = (service: string, target: string, version: string, input: object) =>
    signedFetch(
      new URL('/', stack.awsUrl),
      {
        method: 'POST',
        headers: { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': target },
        body: JSON.stringify(input),
      },
      { credentials: LOCAL, region: 'us-east-1', service },
    );
  const putSecret = async (name: string | undefined, value: string) => {
    const input = { SecretId: name, SecretString: value };
    await aws('secretsmanager', 'secretsmanager.PutSecretValue', '1.1', input);
  };
  const sandbox: LocalRun['sandbox'] = async (method, path, body) => {
    const response = await fetch(`${slack.url}/sandbox/${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
    return response.json();
  };

  if (lifecycle) await sandbox('POST', 'settings', { events_url: `${stack.apiUrl}/slack/events` });

  return {
    stack,
    slack,
    lines,
    sandbox,
    raw: (body, headers) => send('POST', '/invites', body, headers),
    async post(body, headers) {
      const json = { 'content-type': 'application/json', ...headers };
      return answer(await send('POST', '/invites', JSON.stringify(body), json));
    },
    get: async (path) => answer(await send('GET', path)),
    remove: async (path) => answer(await send('DELETE', path)),
    task: taskOf(stack.lambda, 'invite-task'),
    turn: taskOf(stack.lambda, 'invite-turn'),
    async slackCalls(method = 'conversations.inviteShared') {
      const calls = (await sandbox('GET', 'calls')) as Record<string, { calls: number }>;
      return calls[method]?.calls ?? 0;
    },
    async dynamo(operation, input) {
      const response = await aws('dynamodb', `DynamoDB_20120810.${operation}`, '1.0', {
        TableName: stack.tableName,
        ...input,
      });
      return (await response.json()) as Record<string, unknown>;
    },
    async states(operation, input) {
      const response = await aws('states', `AWSStepFunctions.${operation}`, '1.0', input);
      return (await response.json()) as Record<string, unknown>;
    },
    putToken: (value) => putSecret(stack.secretName, value),
    putWebhookSecret: (value) => putSecret(stack.webhookSecretName, value),
    deliver: ({ source, method, headers, body }) =>
      fetch(`${stack.apiUrl}/webhooks/${source}`, {
        method,
        headers,
        ...(method === 'POST' && { body }),
      }),
    async close() {
      await Promise.all([stack.close(), slack.close()]);
      rmSync(assemblyDir, { recursive: true, force: true });
    },
  };
};

/** Calls one of these functions. */
export const taskOf =
  (lambda: LocalStack['lambda'], name: 'invite-task' | 'invite-turn'): Task =>
  async (input) => {
    const { payload, functionError } = await lambda.invoke(
      `${STACK}-${name}`,
      JSON.stringify(input),
    );
    return { payload: JSON.parse(payload.toString()), ...(functionError && { functionError }) };
  };

type Changed = {
  config: Partial<FunctionConfig>;
  policy: Partial<Policy> | undefined;
  edit: (template: string) => string;
};

/** The assembly again, with other values in the functions' `CONFIG` and another policy. */
const changed = (assemblyDir: string, { config, policy, edit }: Changed): string => {
  const copy = mkdtempSync(join(tmpdir(), 'slack-connect-invites-run-'));
  for (const name of readdirSync(assemblyDir)) {
    if (policy && name.startsWith('asset.')) {
      withDeployment(join(assemblyDir, name), join(copy, name), { policy });
    } else if (name.startsWith('asset.')) symlinkSync(join(assemblyDir, name), join(copy, name));
    else cpSync(join(assemblyDir, name), join(copy, name));
  }
  const file = join(copy, `${STACK}.template.json`);
  const template = JSON.parse(readFileSync(file, 'utf8'));
  for (const { Type, Properties } of Object.values<{
    Type: string;
    Properties: { Environment: { Variables: { CONFIG: string } } };
  }>(template.Resources)) {
    if (Type !== 'AWS::Lambda::Function') continue;
    const variables = Properties.Environment.Variables;
    variables.CONFIG = JSON.stringify({ ...JSON.parse(variables.CONFIG), ...config });
  }
  writeFileSync(file, edit(JSON.stringify(template)));
  return copy;
};

/** A function's code again, its bundle linked, with another policy where it has one. */
export const withDeployment = (
  codeDir: string,
  copy: string,
  { policy }: { policy: Partial<Policy> },
): void => {
  mkdirSync(copy);
  for (const name of readdirSync(codeDir)) {
    if (name !== DEPLOYMENT_FILE) symlinkSync(join(codeDir, name), join(copy, name));
  }
  const deployment = JSON.parse(readFileSync(join(codeDir, DEPLOYMENT_FILE), 'utf8'));
  if (deployment.policy) deployment.policy = { ...deployment.policy, ...policy };
  writeFileSync(join(copy, DEPLOYMENT_FILE), deploymentText(deployment));
};
