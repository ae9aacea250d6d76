import type { FunctionModel } from '../template/functions.ts';
import { localAccount, localRegion } from '../template/identity.ts';

/** How callers name a function: its name, its ARN, and which version they mean. */
export type FunctionReference = { name: string; arn: string; qualifier: string };

/**
 * Reads a name, a complete ARN, or a partial ARN (`account:function:name`), each with or without a
 * version at its end. What is none of these is taken for a name, which no function has.
 * @param qualifier the version if the reference has none
 */
export function parseReference(reference: string, qualifier: string): FunctionReference {
  const match = /^(?:(?:arn:aws:lambda:[\w-]+:)?\d{12}:function:)?([\w-]+)(?::([\w$-]+))?$/.exec(
    reference,
  );
  const [, name = reference, suffix = qualifier] = match ?? [];
  const arn = `arn:aws:lambda:${localRegion}:${localAccount}:function:${name}`;
  return { name, arn, qualifier: suffix };
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
    LoggingConfig: { LogFormat: model.logFormat },
  };
}
