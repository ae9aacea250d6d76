import type { Policy } from '../../functions/invites/policy.ts';
import type { Config } from './schema.ts';
import { eventsWorkflowName, workflowName } from './workflow-name.ts';

/** Lambda's quota for all environment variables of a function, which cannot be raised. */
const LAMBDA_ENVIRONMENT_BYTES = 4_096;

// Known only after the deploy: a name that CloudFormation makes up, the ARN of a new secret, and
// where the stack is.
const LONGEST_TABLE_NAME = 'x'.repeat(255);
const LONGEST_SECRET_ARN = 'x'.repeat(200);
const LONGEST_STATE_MACHINE_PREFIX = `arn:aws-us-gov:states:${'x'.repeat(16)}:123456789012:stateMachine:`;

/** What the functions need of the configuration: the value of their variable `CONFIG`. */
export function functionConfig(config: Config): string {
  const { ratePerMinute, burst, retentionDays, workspace } = config;
  const { allowedChannels, allowedEmailDomains, deniedEmailDomains } = config;
  const { allowUserIds, allowFullAccess } = config;
  const policy = {
    allowedChannels,
    allowedEmailDomains,
    deniedEmailDomains,
    allowUserIds,
    allowFullAccess,
  } satisfies Policy;
  return JSON.stringify({ ratePerMinute, burst, retentionDays, workspace, policy });
}

/** What a function's variables are made of; each has those of the parts that it works with. */
export type EnvironmentParts = {
  door: string;
  config: Config;
  tableName: string;
  secretArn?: string | undefined;
  webhookSecretArn?: string | undefined;
  workflowArn?: string | undefined;
};

/** The environment variables of a function; functions/lambda/environment.ts reads them. */
export function functionEnvironment(parts: EnvironmentParts): Record<string, string> {
  const { door, config, tableName, secretArn, webhookSecretArn, workflowArn } = parts;
  return {
    STACK_NAME: config.stackName,
    DOOR: door,
    TABLE_NAME: tableName,
    ...(secretArn && { SECRET_ARN: secretArn }),
    ...(webhookSecretArn && { WEBHOOK_SECRET_ARN: webhookSecretArn }),
    ...(workflowArn && { WORKFLOW_ARN: workflowArn }),
    CONFIG: functionConfig(config),
  };
}

/**
 * Lambda measures the variables as one JSON object, so that the quotation marks inside `CONFIG`
 * count twice.
 *
 * @returns undefined when they fit, otherwise one line that names the longest lists
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export function environmentProblem(config: Config): string | undefined {
  const shared = { config, tableName: LONGEST_TABLE_NAME };
  const inviteTask = functionEnvironment({
    ...shared,
    door: 'invite-task',
    secretArn: config.secretArn ?? LONGEST_SECRET_ARN,
    workflowArn: LONGEST_STATE_MACHINE_PREFIX + workflowName(config.stackName),
  });
  const hrWebhook = functionEnvironment({
    ...shared,
    door: 'hr-webhook',
    webhookSecretArn: LONGEST_SECRET_ARN,
    workflowArn: LONGEST_STATE_MACHINE_PREFIX + eventsWorkflowName(config.stackName),
  });
  const hasSources = Object.keys(config.sources).length > 0;
  const environments = hasSources ? [inviteTask, hrWebhook] : [inviteTask];
  const bytes = Math.max(
    ...environments.map((variables) => Buffer.byteLength(JSON.stringify(variables))),
  );
  if (bytes <= LAMBDA_ENVIRONMENT_BYTES) return undefined;

  const lists = ['allowedChannels', 'allowedEmailDomains', 'deniedEmailDomains'] as const;
  const sizes = lists
    .map((key) => ({ key, size: JSON.stringify(JSON.stringify(config[key])).length }))
    .sort((a, b) => b.size - a.size)
    .map(({ key, size }) => `slackConnectInvites.${key} (${size} bytes)`);
  return `the functions' environment would take ${bytes} bytes; Lambda allows ${LAMBDA_ENVIRONMENT_BYTES}. Shorten ${sizes.join(', ')}`;
}
