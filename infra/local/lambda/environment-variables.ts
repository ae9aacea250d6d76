import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { type FunctionSpec, HANDLER } from './function-model.ts';

/**
 * Every variable that an execution environment sees: Lambda's own
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html) and the function's.
 * Nothing comes from the environment of the local run, so no function works here only because of
 * the developer's shell.
 */
export function environmentVariables(spec: FunctionSpec): Record<string, string> {
  return { ...defaults(), ...spec.environment, ...reserved(spec) };
}

/** What a function may set otherwise. */
function defaults(): Record<string, string> {
  return {
    LANG: 'en_US.UTF-8',
    PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
    TZ: ':UTC',
  };
}

/** What it may not set: who it is, and where its credentials come from. */
function reserved(spec: FunctionSpec): Record<string, string> {
  const region = spec.arn.split(':')[3] ?? '';
  return {
    _HANDLER: HANDLER,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
    AWS_LAMBDA_FUNCTION_NAME: spec.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_FORMAT: 'JSON',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${spec.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: logStreamName(),
    AWS_REGION: region,
    LAMBDA_TASK_ROOT: spec.codeDir,
    ...noOtherCredentials(),
  };
}

/**
 * A function without credentials fails, as it should. The SDK finds neither the developer's
 * profiles nor those of a cloud machine. (Without HOME, its search would go on to the user's home
 * directory.)
 */
function noOtherCredentials(): Record<string, string> {
  return {
    AWS_CONFIG_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    HOME: '/home/sbx_user1051',
  };
}

function logStreamName(): string {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
  return `${day}/[$LATEST]${randomBytes(16).toString('hex')}`;
}
