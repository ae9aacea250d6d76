import * as z from 'zod';
import { text, whole } from './fields.ts';
import { secretArn } from './resources.ts';

const WAITING =
  'a list of 1 to 50 ARNs of state machines in the account and region of the stack, or "*" for all of them';
const stateMachineArn = text(
  /^arn:aws[a-z-]*:states:[a-z0-9-]+:\d{12}:stateMachine:[\w-]{1,80}$/,
  WAITING,
);

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
        /** Which state machines may wait for what becomes of an invite. */
        waitingStateMachines: z
          .union(
            [z.literal('*'), z.array(stateMachineArn, WAITING).min(1, WAITING).max(50, WAITING)],
            WAITING,
          )
          .exactOptional(),
        /** Of a secret with the Slack app's signing secrets that is there already. */
        signingSecretArn: secretArn.exactOptional(),
      },
      ALLOWED,
    )
    .optional(),
);
