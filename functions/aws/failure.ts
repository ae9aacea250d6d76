import type { OwnCode } from '../errors/codes.ts';
import { type InviteError, ownError } from '../errors/invite-error.ts';

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
