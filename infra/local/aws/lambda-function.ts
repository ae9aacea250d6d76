import type { FunctionModel } from '../template/functions.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION } from '../template/identity.ts';

/**
 * Reads a name, a complete ARN, or a partial ARN (`account:function:name`), each with or without
 * `:$LATEST`, the only version there is. What is none of these is taken for a name, which no
 * function has.
 */
export function parseReference(reference: string): { name: string; arn: string } {
  const match = /^(?:(?:arn:aws:lambda:[\w-]+:)?\d{12}:function:)?([\w-]+)(?::\$LATEST)?$/.exec(
    reference,
  );
  const name = match?.[1] ?? reference;
  return { name, arn: `arn:aws:lambda:${LOCAL_REGION}:${LOCAL_ACCOUNT}:function:${name}` };
}

/** Lambda's FunctionConfiguration, with the environment of the template and nothing added to it. */
export function configuration(model: FunctionModel) {
  return {
    FunctionName: model.name,
    FunctionArn: model.arn,
    Runtime: 'nodejs24.x',
    Role: model.role.arn,
    Handler: model.handler,
    Timeout: model.timeoutMs / 1000,
    MemorySize: model.memoryMb,
    Version: '$LATEST',
    PackageType: 'Zip',
    State: 'Active',
    Environment: { Variables: model.environment },
    LoggingConfig: { LogFormat: 'JSON' },
  };
}
