import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChannelPolicy, Policy } from '../invites/policy.ts';
import type { SilentAfterHours } from '../webhooks/silence.ts';
import type { HrSource } from '../webhooks/source.ts';

/** What the stack decided at deploy, as the functions get it in `CONFIG`. */
export type FunctionConfig = {
  ratePerMinute: number;
  burst: number;
  retentionDays: number;
  /** The id of the workspace that the token must belong to; left out: any. */
  workspace?: string;
  /** The claim of a JWT that has the caller's groups; left out: none. */
  groupsClaim?: string;
  /** Of the sweep: how many hours of silence are usual, by the HR sources whose silence is told. */
  silentAfterHours?: SilentAfterHours;
  /** What is done about the invitations that are out; left out: nothing. */
  lifecycle?: {
    /** 0: nobody is reminded. */
    remindBeforeDays: number;
    resendOnExpiry: boolean;
    /** Whether state machines may wait for what becomes of an invite. */
    waits?: true;
  };
};

/** What stands in the file beside the code. */
type Deployed = { policy: Policy; sources: Readonly<Record<string, HrSource>> };

/** What every function is told. */
type BaseEnvironment = {
  stack: string;
  /** The function's folder. */
  functionName: string;
  tableName: string;
  config: FunctionConfig;
};

/** What a function that sends invitations is told. */
export type SenderEnvironment = BaseEnvironment &
  Pick<Deployed, 'policy'> & {
    secretArn: string;
    /** Only where the stack runs on one machine; see `slackBaseUrl`. */
    slackApiUrl: string | undefined;
  };

/** What a door that puts requests into the queue is told besides. */
export type Environment = SenderEnvironment & { workflowArn: string };

/**
 * Reads the function's environment, once a process. The values were checked at synth; what is
 * checked here is that they are there.
 * @throws Error that names the variable: then the function does not start.
 */
export const readBaseEnvironment = (variables: NodeJS.ProcessEnv): BaseEnvironment => ({
  stack: required(variables, 'STACK_NAME'),
  functionName: required(variables, 'FUNCTION'),
  tableName: required(variables, 'TABLE_NAME'),
  config: JSON.parse(required(variables, 'CONFIG')) as FunctionConfig,
});

/** The same for a function that sends invitations. */
export const readSenderEnvironment = (variables: NodeJS.ProcessEnv): SenderEnvironment => ({
  ...readBaseEnvironment(variables),
  ...deployed(variables, 'policy'),
  secretArn: required(variables, 'SECRET_ARN'),
  slackApiUrl: variables.SLACK_API_URL,
});

/** The same for a door that puts requests into the queue. */
export const readEnvironment = (variables: NodeJS.ProcessEnv): Environment => ({
  ...readSenderEnvironment(variables),
  workflowArn: required(variables, 'WORKFLOW_ARN'),
});

/** What the sweep is told. */
export type SweepEnvironment = BaseEnvironment & {
  /** Only where it sends again. */
  policy?: Policy;
  workflowArn: string;
  eventsWorkflowArn: string;
};

/** @throws Error that names the variable that is missing: then the function does not start. */
export const readSweepEnvironment = (variables: NodeJS.ProcessEnv): SweepEnvironment => ({
  ...readBaseEnvironment(variables),
  workflowArn: required(variables, 'WORKFLOW_ARN'),
  eventsWorkflowArn: required(variables, 'EVENTS_WORKFLOW_ARN'),
  ...(readBaseEnvironment(variables).config.lifecycle?.resendOnExpiry &&
    deployed(variables, 'policy')),
});

/** @throws Error that names the member that the file does not have. */
const deployed = <Member extends keyof Deployed>(
  variables: NodeJS.ProcessEnv,
  ...members: Member[]
): Pick<Deployed, Member> => {
  const file = join(required(variables, 'LAMBDA_TASK_ROOT'), DEPLOYMENT_FILE);
  const deployment = readDeployment(file);
  for (const member of members) {
    if (!deployment[member]) throw new Error(`${file} has no ${member}: deploy the stack again`);
  }
  return deployment as Deployed;
};

const required = (variables: NodeJS.ProcessEnv, name: string): string => {
  const value = variables[name];
  if (!value)
    throw new Error(`the environment variable ${name} is missing: deploy the stack again`);
  return value;
};

/** What the functions of HR events are told. */
export type HrEnvironment = BaseEnvironment &
  Deployed & {
    /** Of the secret that holds the credentials of the sources' lookups; none without sources. */
    lookupSecretArn: string | undefined;
    /** Only where the stack runs on one machine; see `lookupOrigin`. */
    lookupOrigin: string | undefined;
  };

/** What the door for Slack's events is told. */
export type EventsEnvironment = BaseEnvironment & {
  /** Of the secret that holds what Slack signs with. */
  signingSecretArn: string;
};

/** @throws Error that names the variable that is missing: then the function does not start. */
export const readEventsEnvironment = (variables: NodeJS.ProcessEnv): EventsEnvironment => ({
  ...readBaseEnvironment(variables),
  signingSecretArn: required(variables, 'SIGNING_SECRET_ARN'),
});

/** What the webhooks' door is told. */
export type WebhookEnvironment = BaseEnvironment &
  Pick<Deployed, 'sources'> & {
    /** Of the secret that holds what the sources sign with; none without sources. */
    webhookSecretArn: string | undefined;
    workflowArn: string;
  };

/** @throws Error that names the variable that is missing: then the function does not start. */
export const readWebhookEnvironment = (variables: NodeJS.ProcessEnv): WebhookEnvironment => ({
  ...readBaseEnvironment(variables),
  ...deployed(variables, 'sources'),
  webhookSecretArn: variables.WEBHOOK_SECRET_ARN,
  workflowArn: required(variables, 'WORKFLOW_ARN'),
});

/** @throws Error that names the variable that is missing: then the function does not start. */
export const readHrEnvironment = (variables: NodeJS.ProcessEnv): HrEnvironment => ({
  ...readBaseEnvironment(variables),
  ...deployed(variables, 'policy', 'sources'),
  lookupSecretArn: variables.LOOKUP_SECRET_ARN,
  lookupOrigin: variables.LOOKUP_ORIGIN,
});

/**
 * What the stack decided at deploy and outgrows a function's environment of 4 KB: a file beside the
 * code, with the members that the function needs.
 */
export type Deployment = {
  policy: Policy & { channels: Readonly<Record<string, ChannelPolicy>> };
  sources: Readonly<Record<string, HrSource>>;
};

/** The file's name, next to the bundle. */
export const DEPLOYMENT_FILE = 'deployment.json';

const BEFORE_ROWS = '"channels":{\n';
const AFTER_ROWS = '\n}';

/** Writes the file: JSON, with a line for each channel, which {@link readDeployment} counts on. */
export const deploymentText = ({ policy, ...others }: Partial<Deployment>): string => {
  if (!policy) return JSON.stringify(others);
  const { channels, ...rest } = policy;
  const rows = Object.entries(channels).map(
    ([channel, row]) => `${JSON.stringify(channel)}:${JSON.stringify(row)}`,
  );
  const written = `{${BEFORE_ROWS}${rows.join(',\n')}${AFTER_ROWS}${further(rest)}`;
  return `{"policy":${written}${further(others)}`;
};

/** The end of an object that has members already. */
const further = (members: object): string => {
  const text = JSON.stringify(members);
  return text === '{}' ? '}' : `,${text.slice(1)}`;
};

/**
 * Reads the file. A channel is parsed when somebody wants its row, and none before: thousands of
 * them cost a cold start nothing.
 */
export const readDeployment = (
  file: string,
): { policy?: Policy; sources?: Deployment['sources'] } => {
  const bytes = readFileSync(file);
  const start = bytes.indexOf(BEFORE_ROWS);
  if (start === -1) return JSON.parse(String(bytes));
  // Each row begins behind a line end.
  const begin = start + BEFORE_ROWS.length - 1;
  const end = bytes.indexOf(AFTER_ROWS, begin);
  const { policy, ...others } = JSON.parse(
    `${bytes.toString('utf8', 0, begin)}${bytes.toString('utf8', end)}`,
  );
  const rows = bytes.subarray(begin, end);
  return { ...others, policy: { ...policy, channels: (channel: string) => rowIn(rows, channel) } };
};

const rowIn = (rows: Buffer, channel: string): ChannelPolicy | undefined => {
  const name = `\n${JSON.stringify(channel)}:`;
  const at = rows.indexOf(name);
  if (at === -1) return undefined;
  const begin = at + Buffer.byteLength(name);
  const end = rows.indexOf('\n', begin);
  return JSON.parse(rows.toString('utf8', begin, end === -1 ? rows.length : end - 1));
};
