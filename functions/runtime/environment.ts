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

export type Environment = {
  stack: string;
  door: string;
  tableName: string;
  secretArn: string;
  config: FunctionConfig;
  /** Only where the stack runs on one machine; see `slackBaseUrl`. */
  slackApiUrl: string | undefined;
};

/**
 * Reads the function's environment, once a process. The values were checked at synth; what is
 * checked here is that they are there.
 * @throws Error that names the variable: then the function does not start.
 */
export const readEnvironment = (variables: NodeJS.ProcessEnv): Environment => {
  const required = (name: string): string => {
    const value = variables[name];
    if (!value)
      throw new Error(`the environment variable ${name} is missing: deploy the stack again`);
    return value;
  };
  return {
    stack: required('STACK_NAME'),
    door: required('DOOR'),
    tableName: required('TABLE_NAME'),
    secretArn: required('SECRET_ARN'),
    config: JSON.parse(required('CONFIG')) as FunctionConfig,
    slackApiUrl: variables.SLACK_API_URL,
  };
};
