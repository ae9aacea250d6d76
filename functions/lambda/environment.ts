import type { Policy } from '../invites/policy.ts';

/** What the stack decided at deploy, as the functions get it in `CONFIG`. */
export type FunctionConfig = {
  ratePerMinute: number;
  burst: number;
  retentionDays: number;
  /** The id of the workspace that the token must belong to; left out: any. */
  workspace?: string;
  policy: Policy;
};

/** What every function is told. */
export type BaseEnvironment = {
  stack: string;
  door: string;
  tableName: string;
  config: FunctionConfig;
};

/** What a door is told. */
export type Environment = BaseEnvironment & {
  secretArn: string;
  workflowArn: string;
  /** Only where the stack runs on one machine; see `slackBaseUrl`. */
  slackApiUrl: string | undefined;
};

/**
 * Reads the function's environment, once a process. The values were checked at synth; what is
 * checked here is that they are there.
 * @throws Error that names the variable: then the function does not start.
 */
export const readBaseEnvironment = (variables: NodeJS.ProcessEnv): BaseEnvironment => ({
  stack: required(variables, 'STACK_NAME'),
  door: required(variables, 'DOOR'),
  tableName: required(variables, 'TABLE_NAME'),
  config: JSON.parse(required(variables, 'CONFIG')) as FunctionConfig,
});

/** The same for a door. */
export const readEnvironment = (variables: NodeJS.ProcessEnv): Environment => ({
  ...readBaseEnvironment(variables),
  secretArn: required(variables, 'SECRET_ARN'),
  workflowArn: required(variables, 'WORKFLOW_ARN'),
  slackApiUrl: variables.SLACK_API_URL,
});

export const required = (variables: NodeJS.ProcessEnv, name: string): string => {
  const value = variables[name];
  if (!value)
    throw new Error(`the environment variable ${name} is missing: deploy the stack again`);
  return value;
};

/** What the functions of the HR door are told. */
export type HrEnvironment = BaseEnvironment & {
  /** Of the secret that holds the sources' own secrets. */
  webhookSecretArn: string;
  /** Only where the stack runs on one machine; see `lookupOrigin`. */
  lookupOrigin: string | undefined;
};

/** @throws Error that names the variable that is missing: then the function does not start. */
export const readHrEnvironment = (variables: NodeJS.ProcessEnv): HrEnvironment => ({
  ...readBaseEnvironment(variables),
  webhookSecretArn: required(variables, 'WEBHOOK_SECRET_ARN'),
  lookupOrigin: variables.LOOKUP_ORIGIN,
});
