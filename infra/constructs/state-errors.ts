import { Duration } from 'aws-cdk-lib';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { ERROR_CLASSES, type ErrorClass } from '../../functions/errors/classes.ts';

const CLASSES = Object.keys(ERROR_CLASSES) as ErrorClass[];

export const FINAL = CLASSES.filter((errorClass) => !ERROR_CLASSES[errorClass].retryable);
export const RETRYABLE = CLASSES.filter((errorClass) => ERROR_CLASSES[errorClass].retryable);

/** These say when to come back. That is not a fault, and may go on until the execution itself ends. */
export const WAITED_FOR: ErrorClass[] = ['RateLimited', 'InProgress', 'Blocked'];
export const RETRIED = RETRYABLE.filter((errorClass) => !WAITED_FOR.includes(errorClass));
/** For a step before the turn, which no lane holds: it waits by its own back-off. */
export const RETRIED_ALONE: ErrorClass[] = [...RETRIED, 'Blocked'];

/**
 * Lambda's own faults, which pass. A function that timed out or died may be called again: the ledger
 * knows whether it sent anything, and answers `InProgress` or `OutcomeUnknown`.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html
 */
const LAMBDA_FAULTS = [
  'States.Timeout',
  'Sandbox.Timedout',
  'Runtime.ExitError',
  'Lambda.Unknown',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.ClientExecutionTimeoutException',
];
const THROTTLED = ['Lambda.TooManyRequestsException'];

/**
 * What every task of the machines has in addition to its function. A function ends long before the
 * time-out. Without one, the machine would wait for a lost answer until the execution's own end.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/sfn-stuck-execution.html
 */
export const TASK = {
  taskTimeout: sfn.Timeout.duration(Duration.seconds(60)),
  // The retriers below name each error.
  retryOnServiceExceptions: false,
};

/**
 * The waits are 5, 10, 20, … 640 s, then 900 s each, and full jitter shortens each at random, to half of
 * it on average. So they end after 6.6 days, a few hours before the execution would: what is mended
 * until then loses nothing, and what is not can still be noted. Each takes 3 of the 25,000 events that
 * an execution may have.
 */
const untilMended = (errors: string[]): sfn.RetryProps => ({
  errors,
  maxAttempts: 1270,
  interval: Duration.seconds(5),
  backoffRate: 2,
  maxDelay: Duration.seconds(900),
  jitterStrategy: sfn.JitterType.FULL,
});

/** An error that no attempt can change. */
const never = (errors: string[]): sfn.RetryProps => ({ errors, maxAttempts: 0 });

/**
 * A retrier for each kind of error, since each counts its own attempts: many executions that start at
 * once throttle each other. Waiting costs nothing: it outlasts an outage, a role that is wrong, or a
 * deployment whose function does not even start.
 *
 * @param classes the error classes that are tried again; the others are not.
 */
export const retriers = (classes: ErrorClass[]): sfn.RetryProps[] => [
  ...[classes, LAMBDA_FAULTS, THROTTLED].map(untilMended),
  never(CLASSES.filter((errorClass) => !classes.includes(errorClass))),
  untilMended(['States.ALL']),
];

/**
 * For a note in the ledger, whatever the error is: for about an hour. It outlasts the claim of a function
 * that died, and a service that is away; where it fails all the same, the sweep ends the record later.
 */
export const noteRetriers = (): sfn.RetryProps[] => [
  never(['InvalidRequest']),
  { ...untilMended(['States.ALL']), maxAttempts: 30, maxDelay: Duration.seconds(300) },
];
