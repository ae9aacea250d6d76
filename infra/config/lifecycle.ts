import * as z from 'zod';
import { whole } from './fields.ts';
import { secretArn } from './resources.ts';

const ALLOWED =
  'true, false, or an object with any of remindBeforeDays, resendOnExpiry, waitingStateMachines and signingSecretArn';

/** Whether the stack learns from Slack what becomes of an invitation; left out or false: it does not. */
export const lifecycle = z.preprocess(
  (written) => (written === true ? {} : written === false ? undefined : written),
  z
    .strictObject(
      {
        /** How long before its end an invitation is told of; 0: not at all. */
        remindBeforeDays: whole(0, 13, ' days').default(3),
        /** Whether an invitation that ended is sent once more, by the queue. */
        resendOnExpiry: z.boolean('true or false').default(false),
        /** Of a secret with the Slack app's signing secrets that is there already. */
        signingSecretArn: secretArn.exactOptional(),
      },
      ALLOWED,
    )
    .optional(),
);
