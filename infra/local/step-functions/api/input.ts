import { AwsError } from '../../lib/aws-service.ts';
import { MAX_DATA_BYTES, type Reason } from '../errors.ts';

/** What a name must not contain: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html */
const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\p{Cs}\u{fffe}\u{ffff}\u{10ffff}]/u;

/**
 * The ARN of a thing of one kind, whether there is such a thing or not.
 * @throws AwsError InvalidArn
 */
export function arn(given: unknown, kind: 'stateMachine' | 'execution'): string {
  const pattern = new RegExp(`^arn:aws:states:[^:]*:[^:]*:${kind}:.`);
  if (typeof given === 'string' && pattern.test(given)) return given;
  throw new AwsError('InvalidArn', `Invalid Arn: 'not an ARN of the type ${kind}'`);
}

/**
 * @param longest AWS's limit on its characters
 * @throws AwsError ValidationException for anything but a text of that length or nothing
 */
export function optionalText(
  given: unknown,
  field: string,
  longest = Infinity,
): string | undefined {
  if (given === undefined || given === null) return undefined;
  if (typeof given !== 'string') throw invalid(field, 'Member must be a string');
  if (given.length <= longest) return given;
  throw invalid(field, `Member must have length less than or equal to ${longest}`);
}

/** Why an execution or a task is ended from outside: https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskFailure.html */
export function reason({ error, cause }: Record<string, unknown>): Reason {
  return { error: optionalText(error, 'error', 256), cause: optionalText(cause, 'cause', 32_768) };
}

/** The name of an execution or of a state machine. @throws AwsError InvalidName */
export function resourceName(given: unknown): string {
  const isName = typeof given === 'string' && /^.{1,80}$/.test(given) && !FORBIDDEN.test(given);
  if (isName) return given;
  throw new AwsError(
    'InvalidName',
    'Invalid Name: 1 to 80 characters, no white space, none of < > { } [ ] ? * " # % \\ ^ | ~ ` $ & , ; : /, no control characters.',
  );
}

export function executionName(given: unknown): string | undefined {
  return given === undefined || given === null ? undefined : resourceName(given);
}

/**
 * @returns JSON, `{}` if nothing is given
 * @throws AwsError InvalidExecutionInput, and ValidationException for more than AWS takes
 */
export function executionInput(given: unknown): string {
  const text = optionalText(given, 'input') ?? '{}';
  json(text, 'input', 'InvalidExecutionInput', "Invalid State Machine Execution Input: 'not JSON'");
  return text;
}

/**
 * The value of a JSON text.
 * @throws AwsError with the code that is given, and ValidationException for more than AWS takes
 */
export function json(given: unknown, field: string, code: string, message: string): unknown {
  const text = optionalText(given, field) ?? '';
  if (Buffer.byteLength(text) > MAX_DATA_BYTES) {
    throw invalid(field, `Member must have length less than or equal to ${MAX_DATA_BYTES}`);
  }
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own sentence would quote the text.
    throw new AwsError(code, message);
  }
}

function invalid(field: string, constraint: string): AwsError {
  return new AwsError(
    'ValidationException',
    `1 validation error detected: Value at '${field}' failed to satisfy constraint: ${constraint}`,
  );
}
