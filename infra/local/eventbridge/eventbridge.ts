import { LOCAL_ACCOUNT, LOCAL_REGION } from '../lib/account.ts';
import {
  AwsError,
  type AwsService,
  authorize,
  parseJsonObject,
  tellAsJson,
} from '../lib/aws-service.ts';
import type { Entry, EventBus } from './event-bus.ts';

const CONTENT_TYPE = 'application/x-amz-json-1.1';

/** PutEvents takes so many: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const MOST_ENTRIES = 10;

/** @returns the ARN of a bus that is named, or of the default one. */
export const busArn = (name: unknown = 'default'): string =>
  String(name).startsWith('arn:')
    ? String(name)
    : `arn:aws:events:${LOCAL_REGION}:${LOCAL_ACCOUNT}:event-bus/${name}`;

/** EventBridge, for PutEvents on the default bus. */
export const createEventBridge = (bus: EventBus): AwsService => ({
  name: 'events',
  tell: (error) => tellAsJson(CONTENT_TYPE, error),
  handle: async ({ headers, body, principal }) => {
    const operation = String(headers['x-amz-target']).split('.')[1] ?? '';
    if (operation !== 'PutEvents') {
      const message = `The local EventBridge has no ${operation}, only PutEvents.`;
      throw new AwsError('UnknownOperationException', message);
    }
    const { Entries } = parseJsonObject(body);
    if (!Array.isArray(Entries) || Entries.length === 0 || Entries.length > MOST_ENTRIES) {
      const what = `'entries' failed to satisfy constraint: Member must have length between 1 and ${MOST_ENTRIES}`;
      throw new AwsError('ValidationException', `1 validation error detected: Value at ${what}`);
    }
    const entries = Entries as (Entry & { EventBusName?: unknown })[];
    for (const { EventBusName } of entries) {
      authorize(principal, 'events:PutEvents', busArn(EventBusName));
      if (busArn(EventBusName) !== busArn()) {
        const message = `Event bus ${EventBusName} does not exist.`;
        throw new AwsError('ResourceNotFoundException', message);
      }
    }
    return {
      status: 200,
      headers: { 'content-type': CONTENT_TYPE },
      body: JSON.stringify(bus.put(entries)),
    };
  },
});
