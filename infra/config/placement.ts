import { ConfigError } from './error.ts';
import type { Config } from './schema.ts';

/** Where the stack goes, as far as it is known: the CDK CLI knows it where it has credentials. */
export type Placement = { region: string | undefined; account: string | undefined };

export const placementOf = (env: NodeJS.ProcessEnv): Placement => ({
  region: env.CDK_DEFAULT_REGION,
  account: env.CDK_DEFAULT_ACCOUNT,
});

/** CloudFormation has no HTTP APIs there. */
const WITHOUT_HTTP_APIS = ['ap-east-2', 'ap-southeast-6'];

/** Keys that name a resource, and whether it may be another account's. */
const ARN_KEYS = {
  tableArn: false,
  secretArn: true,
  webhookSecretArn: true,
  lookupSecretArn: true,
  certificateArn: false,
  'lifecycle.signingSecretArn': true,
} satisfies Partial<Record<keyof Config | 'lifecycle.signingSecretArn', boolean>>;

/**
 * Whether what the configuration names can be reached from where the stack goes.
 *
 * @returns what is worth a warning: another account's secret, which its owner has to open.
 * @throws {ConfigError} for another region, another account's table or certificate, and for a region
 *   without HTTP APIs
 */
export function checkPlacement(config: Config, { region, account }: Placement): string[] {
  const problems: string[] = [];
  const warnings: string[] = [];
  if (region !== undefined && WITHOUT_HTTP_APIS.includes(region)) {
    problems.push(
      `region: found ${region}; allowed: a region with HTTP APIs of API Gateway, which ${WITHOUT_HTTP_APIS.join(' and ')} do not have`,
    );
  }
  const { lifecycle, ...own } = config;
  const arns = { ...own, 'lifecycle.signingSecretArn': lifecycle?.signingSecretArn };
  for (const [key, mayBeForeign] of Object.entries(ARN_KEYS)) {
    const arn = arns[key as keyof typeof ARN_KEYS];
    if (arn === undefined) continue;
    const [, , , itsRegion, itsAccount] = arn.split(':');
    const where = `slackConnectInvites.${key}: found ${arn}`;
    if (region !== undefined && itsRegion !== region) {
      problems.push(`${where}; allowed: an ARN in ${region}, the region of the stack`);
    } else if (account !== undefined && itsAccount !== account) {
      if (mayBeForeign) {
        warnings.push(
          `${where}, of another account than ${account}: its owner has to allow secretsmanager:GetSecretValue to the function's role in the secret's policy, and kms:Decrypt in that of its key, which must be a customer managed one`,
        );
      } else problems.push(`${where}; allowed: an ARN in ${account}, the account of the stack`);
    }
  }
  const { waitingStateMachines: waiting = [] } = config.lifecycle ?? {};
  for (const [index, arn] of waiting === '*' ? [] : waiting.entries()) {
    const [, , , itsRegion, itsAccount] = arn.split(':');
    const isHere =
      (region === undefined || region === itsRegion) &&
      (account === undefined || account === itsAccount);
    if (isHere) continue;
    problems.push(
      `slackConnectInvites.lifecycle.waitingStateMachines.${index}: found ${arn}; allowed: a state machine in the account and region of the stack`,
    );
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return warnings;
}
