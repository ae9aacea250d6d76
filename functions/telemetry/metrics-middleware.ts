import type { MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';
import { InviteError } from '../errors/invite-error.ts';
import type { Environment } from '../lambda/environment.ts';
import { writeEmf } from './emf.ts';
import { logOddities, logUnexpected } from './log.ts';
import { metricsRecord } from './metrics.ts';
import { createObservation, type Observation } from './observation.ts';

/** Lambda's context with what the invocation has to tell. */
export type ObservedContext = Context & { observation: Observation };

/**
 * Metrics and logs, once an invocation, also when it fails. It stands before every middleware that
 * can fail and behind the one that answers: errors run through the chain backwards.
 */
export const observed = (
  environment: Pick<Environment, 'stack' | 'door'>,
): MiddlewareObj<unknown, unknown, Error, ObservedContext> => {
  const emit = (context: ObservedContext) => {
    const { facts } = context.observation;
    logOddities(facts);
    writeEmf(metricsRecord(environment, facts, context.awsRequestId, Date.now()));
  };

  return {
    before: ({ context }) => {
      context.observation = createObservation();
    },
    after: ({ context }) => emit(context),
    onError: (request) => {
      if (!(request.error instanceof InviteError)) {
        logUnexpected(request.error);
        request.error = unexpected();
      }
      request.context.observation.failed(request.error as InviteError);
      emit(request.context);
    },
  };
};

const unexpected = () =>
  new InviteError('Defect', {
    code: 'unexpected',
    detail: "something failed that should not; the function's log says where",
  });
