import { join } from 'node:path';
import type { Policy } from '../invites/policy.ts';
import type { HrSource } from '../webhooks/source.ts';
import { DEPLOYMENT_FILE, readDeployment } from './deployment.ts';

/** What the stack decided at deploy, as the functions get it in `CONFIG`. */
export type FunctionConfig = {
  ratePerMinute: number;
  burst: number;
  retentionDays: number;
  /** The id of the workspace that the token must belong to; left out: any. */
  workspace?: string;
  /** The claim of a JWT that has the caller's groups; left out: none. */
  groupsClaim?: string;
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
export type BaseEnvironment = {
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
