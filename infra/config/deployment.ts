import type { Deployment, FunctionConfig } from '../../functions/lambda/environment.ts';
import type { FunctionName } from './physical-names.ts';
import type { Config } from './schema.ts';

/** Which members of its file a function needs. */
const MEMBERS: Record<FunctionName, readonly (keyof Deployment)[]> = {
  'invite-api': ['policy'],
  'invite-task': ['policy'],
  'invite-turn': ['policy'],
  'lane-ticket': [],
  'hr-webhook': ['sources'],
  'slack-events': [],
  'hr-invite': ['policy', 'sources'],
  sweep: [],
};

/**
 * What a function reads along with its code: it changes with the code at once, has no limit that a
 * configuration meets, and passes through no command line.
 */
export function deploymentOf(name: FunctionName, config: Config): Partial<Deployment> {
  const { channels, deniedEmailDomains, readers, sources } = config;
  // As the type that the functions read it by: what synth checks and what they use is one thing.
  const deployment: Deployment = {
    policy: { channels, deniedEmailDomains, readers },
    sources: name === 'hr-webhook' ? openSources(sources) : (sources as Deployment['sources']),
  };
  const sendsAgain = name === 'sweep' && config.lifecycle?.resendOnExpiry;
  const members = sendsAgain ? (['policy'] as const) : MEMBERS[name];
  return Object.fromEntries(members.map((member) => [member, deployment[member]]));
}

/** Those that the door takes deliveries of. Events of the others, once taken, go on. */
const openSources = (sources: Config['sources']) =>
  Object.fromEntries(
    Object.entries(sources).filter(([, { closed }]) => !closed),
  ) as Deployment['sources'];

/** Those whose silence is told. One that is closed is silent by intent. */
const watchedSources = (sources: Config['sources']): Pick<FunctionConfig, 'silentAfterHours'> => {
  const watched = Object.entries(openSources(sources)).flatMap(([name, { silentAfterHours }]) =>
    silentAfterHours === undefined ? [] : [[name, silentAfterHours] as const],
  );
  return watched.length === 0 ? {} : { silentAfterHours: Object.fromEntries(watched) };
};

/** What a function's variables are made of; each has those of the parts that it works with. */
export type EnvironmentParts = {
  name: FunctionName;
  config: Config;
  tableName: string;
  secretArn?: string | undefined;
  webhookSecretArn?: string | undefined;
  lookupSecretArn?: string | undefined;
  workflowArn?: string | undefined;
  eventsWorkflowArn?: string | undefined;
  signingSecretArn?: string | undefined;
};

/** The environment variables of a function; functions/lambda/environment.ts reads them. */
export function functionEnvironment(parts: EnvironmentParts): Record<string, string> {
  const { name, config, tableName, secretArn, workflowArn } = parts;
  const { webhookSecretArn, lookupSecretArn, eventsWorkflowArn, signingSecretArn } = parts;
  const { ratePerMinute, burst, retentionDays, workspace, jwt, lifecycle } = config;
  const functionConfig: FunctionConfig = {
    ratePerMinute,
    burst,
    retentionDays,
    ...(workspace !== undefined && { workspace }),
    ...(jwt?.groupsClaim !== undefined && { groupsClaim: jwt.groupsClaim }),
    ...(lifecycle && { lifecycle: followedBy(lifecycle) }),
    ...(name === 'sweep' && watchedSources(config.sources)),
  };
  return {
    STACK_NAME: config.stackName,
    FUNCTION: name,
    TABLE_NAME: tableName,
    ...(secretArn && { SECRET_ARN: secretArn }),
    ...(webhookSecretArn && { WEBHOOK_SECRET_ARN: webhookSecretArn }),
    ...(lookupSecretArn && { LOOKUP_SECRET_ARN: lookupSecretArn }),
    ...(workflowArn && { WORKFLOW_ARN: workflowArn }),
    ...(eventsWorkflowArn && { EVENTS_WORKFLOW_ARN: eventsWorkflowArn }),
    ...(signingSecretArn && { SIGNING_SECRET_ARN: signingSecretArn }),
    CONFIG: JSON.stringify(functionConfig),
  };
}

const followedBy = ({
  remindBeforeDays,
  resendOnExpiry,
  waitingStateMachines,
}: NonNullable<Config['lifecycle']>): NonNullable<FunctionConfig['lifecycle']> => ({
  remindBeforeDays,
  resendOnExpiry,
  ...(waitingStateMachines && { waits: true }),
});
