import { AwsError } from '../lib/aws-service.ts';

/** "Maximum input or output size": https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const MAX_INPUT_BYTES = 262_144;

/** What a name must not contain: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html */
const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\p{Cs}\u{fffe}\u{ffff}\u{10ffff}]/u;

/**
 * The ARN of a thing of one kind, whether there is such a thing or not.
 * @throws AwsError InvalidArn
 */
export function arn(given: unknown, kind: 'stateMachine' | 'execution'): string {
  if (
    typeof given === 'string' &&
    new RegExp(`^arn:aws:states:[^:]*:[^:]*:${kind}:.`).test(given)
  ) {
    return given;
  }
  throw new AwsError('InvalidArn', `Invalid Arn: 'no ARN of the type ${kind}'`);
}

/** @throws AwsError ValidationException for anything but a text or nothing */
export function optionalText(given: unknown, field: string): string | undefined {
  if (given === undefined || given === null) return undefined;
  if (typeof given === 'string') return given;
  throw new AwsError(
    'ValidationException',
    `1 validation error detected: Value at '${field}' failed to satisfy constraint: Member must be a string`,
  );
}

/** @throws AwsError InvalidName */
export function executionName(name: unknown): string | undefined {
  if (name === undefined || name === null) return undefined;
  if (typeof name === 'string' && name.length >= 1 && name.length <= 80 && !FORBIDDEN.test(name)) {
    return name;
  }
  throw new AwsError(
    'InvalidName',
    'Invalid Name: 1 to 80 characters, no white space, none of < > { } [ ] ? * " # % \\ ^ | ~ ` $ & , ; : /, no control characters.',
  );
}

/**
 * @returns JSON, `{}` if nothing is given
 * @throws AwsError InvalidExecutionInput, and ValidationException for more than AWS takes
 */
export function executionInput(input: unknown): string {
  const text = optionalText(input, 'input') ?? '{}';
  if (Buffer.byteLength(text) > MAX_INPUT_BYTES) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to ${MAX_INPUT_BYTES}`,
    );
  }
  try {
    JSON.parse(text);
  } catch {
    // The parser's own sentence would quote the input.
    throw new AwsError(
      'InvalidExecutionInput',
      "Invalid State Machine Execution Input: 'no valid JSON'",
    );
  }
  return text;
}
