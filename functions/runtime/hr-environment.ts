import { type BaseEnvironment, readBaseEnvironment, required } from './environment.ts';

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
