import type { OwnCode } from '../errors/codes.ts';
import { type InviteError, ownError } from '../errors/invite-error.ts';
import { parseObject } from '../lib/text.ts';
import { AWS_PAUSE_MS, AWS_THROTTLED_PAUSE_MS } from '../lib/times.ts';

/**
 * Failures that stay until somebody changes the deployment, by the name of the AWS error: those of
 * DynamoDB, Secrets Manager and Step Functions, and those that all services have in common.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/CommonErrors.html
 */
const LASTING = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'DecryptionFailure',
  'InvalidArn',
  'InvalidExecutionInput',
  'InvalidName',
  'InvalidParameterException',
  'InvalidRequestException',
  'InvalidSignatureException',
  'KmsAccessDeniedException',
  'KmsInvalidStateException',
  'ResourceNotFoundException',
  'StateMachineDeleting',
  'StateMachineDoesNotExist',
  'UnrecognizedClientException',
  'ValidationException',
]);

/** The codes of a service that cannot be used: until somebody acts, and for now. */
export type FailureCodes = {
  lasting: Extract<OwnCode, `${string}_misconfigured`>;
  passing: Extract<OwnCode, `${string}_unavailable`>;
};

/**
 * Translates a failure of an AWS service into the domain's terms. Only the name of the error is
 * kept: its message has identifiers of the account, and may quote a request.
 */
export const awsFailure = (error: unknown, { lasting, passing }: FailureCodes): InviteError => {
  const reason = awsErrorName(error);
  return ownError(LASTING.has(reason) ? lasting : passing, { reason });
};

/** @returns the name of an error of AWS's; `Error` where it has none that can be told. */
export const awsErrorName = (error: unknown): string =>
  error instanceof Error && /^\w{1,60}$/.test(error.name) ? error.name : 'Error';

/** What AWS refused with. Its message names the account, and stays behind. */
export class AwsError extends Error {
  override readonly name: string;
  /** Before a second attempt, in milliseconds at most; undefined where none can help. */
  readonly pauseMs: number | undefined;

  constructor(name: string, pauseMs?: number) {
    super(name);
    this.name = name;
    this.pauseMs = pauseMs;
  }
}

/** @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html */
const THROTTLED = new Set([
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottledException',
  'ThrottlingException',
  'TooManyRequestsException',
]);

/** @returns what an answer that is no success means. */
export const errorOf = (
  { status, body }: { status: number; body: string },
  clockWasWrong: boolean,
): AwsError => {
  const { __type, message } = parseObject(body);
  // Such as `com.amazonaws.dynamodb.v20120810#ResourceNotFoundException`.
  const name = /(?:^|#)(\w{1,60})(?:$|:)/.exec(String(__type))?.[1] ?? `Http${status}`;
  if (THROTTLED.has(name) || status === 429) return new AwsError(name, AWS_THROTTLED_PAUSE_MS);
  // The function may have been frozen between the signature and the request.
  const expired = name === 'InvalidSignatureException' && /expired/.test(String(message));
  const canHelp = status >= 500 || clockWasWrong || expired;
  return new AwsError(name, canHelp ? AWS_PAUSE_MS : undefined);
};
