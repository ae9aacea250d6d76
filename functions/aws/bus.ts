import type { Telling } from '../invites/invite.ts';
import type { Tell } from '../invites/telling.ts';
import { awsClient } from './client.ts';

/** Whose events they are, on the account's default bus. */
export const EVENT_SOURCE = 'slack-connect-invites';

/**
 * EventBridge's default bus.
 * @param limitMs how long telling may take, for a function that has something else to do by then.
 * @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
export const eventBus = (limitMs?: number): Tell => {
  const client = awsClient('events');
  return async (tellings, { signal }) => {
    const limits = limitMs === undefined ? [] : [AbortSignal.timeout(limitMs)];
    const soon = AbortSignal.any([signal, ...limits]);
    const Entries = tellings.map(entryOf);
    try {
      const { FailedEntryCount } = await client<Answer>('PutEvents', { Entries }, { signal: soon });
      return FailedEntryCount === 0;
    } catch {
      return false;
    }
  };
};

type Answer = { FailedEntryCount: number };

const entryOf = ({ type, at, detail }: Telling) => ({
  Source: EVENT_SOURCE,
  DetailType: type,
  Detail: JSON.stringify(detail),
  Time: Date.parse(at) / 1000,
});
