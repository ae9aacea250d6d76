import * as z from 'zod';
import {
  type EventIdPlace,
  type Handshake,
  type Mark,
  pathIn,
} from '../../functions/webhooks/provider.ts';
import { text } from './fields.ts';
import { HEADER, path } from './sources-auth.ts';
import { expression } from './sources-expression.ts';

// How the deliveries of a sender without a row are read: what its operator knows of it.

const EVENTS =
  'a path to the list of events, such as "Report_Entry", or a JSONata expression over the whole delivery that gives them';
const eventsExpression = expression('the whole delivery');

const events = z
  .string(EVENTS)
  .max(2_000, { error: EVENTS, abort: true })
  .superRefine((value, context) => {
    if (pathIn(value) !== undefined) return;
    for (const { message } of eventsExpression.safeParse(value).error?.issues ?? []) {
      context.addIssue(message);
    }
  });

const EVENT_ID = 'a path over one event, such as "meta.id", or {"header": "x-event-id"}';
const eventId = z.union(
  [path, z.strictObject({ header: HEADER })],
  EVENT_ID,
) satisfies z.ZodType<EventIdPlace>;

const ignore = z.strictObject(
  {
    path,
    equals: z.union(
      [z.string().max(200), z.number(), z.boolean()],
      'a text, a number, true or false',
    ),
  },
  'an object with path and equals, such as {"path": "test", "equals": true}',
) satisfies z.ZodType<Mark>;

const HANDSHAKES =
  'exactly one of {"header": …, "key": …}, {"query": …}, {"echo": …} and {"body": …}, see docs/webhook-providers.md';
const handshake = z.union(
  [
    z.strictObject({
      header: HEADER,
      key: text(/^[\w-]{1,64}$/, 'the name under which the challenge goes back in JSON'),
    }),
    z.strictObject({ query: text(/^[\w.-]{1,64}$/, 'the name of a parameter of the address') }),
    z.strictObject({ echo: HEADER }),
    z.strictObject({ body: path }),
  ],
  HANDSHAKES,
) satisfies z.ZodType<Handshake>;

export const description = {
  events: events.exactOptional(),
  eventId: eventId.exactOptional(),
  time: path.exactOptional(),
  ignore: ignore.exactOptional(),
  handshake: handshake.exactOptional(),
};
