import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { type FunctionSpec, HANDLER } from './function-model.ts';

/**
 * Every variable that an execution environment sees: Lambda's own, and the function's. Nothing comes
 * from the environment of the local run, so no function works here only because of the developer's
 * shell.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
export function environmentVariables(spec: FunctionSpec): Record<string, string> {
  const { name, arn, codeDir, memoryMb, environment } = spec;
  const region = arn.split(':')[3] ?? '';
  return {
    // What a function may set otherwise.
    LANG: 'en_US.UTF-8',
    PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
    TZ: ':UTC',
    ...environment,
    // What it may not set: who it is.
    _HANDLER: HANDLER,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_FORMAT: 'JSON',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: logStreamName(),
    AWS_REGION: region,
    LAMBDA_TASK_ROOT: codeDir,
    // And where its credentials come from: a function without credentials fails, as it should. The SDK
    // finds neither the developer's profiles nor those of a cloud machine. (Without HOME, its search
    // would go on to the user's home directory.)
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
