import { InviteError } from '../errors/invite-error.ts';

/**
 * How every AWS client is set. All services answer in milliseconds or not at all. Two attempts fit
 * into the two seconds that are kept for the last write, so that a known outcome does not become an
 * unknown one.
 */
export const CLIENT = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 500, requestTimeout: 800, throwOnRequestTimeout: true },
};

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

const RETRY_AFTER_S = 5;

type Remedies = {
  lasting: 'Defect' | 'SlackCredentials';
  code: string;
  what: string;
  remedy: string;
};

/**
 * Translates a failure of an AWS service into the domain's terms. Only the name of the error is
 * kept: its message has identifiers of the account, and a request may be quoted in it.
 */
export const awsFailure = (
  error: unknown,
  { lasting, code, what, remedy }: Remedies,
): InviteError => {
  const name = awsErrorName(error);
  if (LASTING.has(name)) {
    return new InviteError(lasting, {
      code: `${code}_misconfigured`,
      detail: `${what} could not be used (${name}): ${remedy}`,
    });
  }
  return new InviteError('SlackUnavailable', {
    code: `${code}_unavailable`,
    detail: `${what} did not answer (${name}), and nothing was sent; ask again after retry_after seconds`,
    retryAfter: RETRY_AFTER_S,
  });
};

/** @returns the name of an error of the SDK's; `Error` for what has none that can be told. */
export const awsErrorName = (error: unknown): string =>
  error instanceof Error && /^\w{1,60}$/.test(error.name) ? error.name : 'Error';
