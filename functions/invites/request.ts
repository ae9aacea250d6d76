import type { FieldError } from '../errors/invite-error.ts';
import { invalidFields } from '../errors/invite-error.ts';
import { nearest } from '../lib/nearest.ts';
import { emailProblem, type Recipient, userIdProblem } from './recipient.ts';

/** A request for an invitation, whichever door it came through. */
export type InviteRequest = {
  channel: string;
  recipient: Recipient;
  external_limited: boolean;
  /** The `attempts` that the caller saw; with it, another invitation goes to the same person. */
  resend?: number;
  /** The caller's own id for the person or ticket. Kept with the invite, never logged. */
  reference?: string;
};

/** Public (C) and private (G) channels; direct messages (D) cannot be shared. */
export const CHANNEL_ID = /^[CG][A-Z0-9]{8,20}$/;
const MAX_ATTEMPTS = 1_000_000;
/** The caller's own id, as every door takes it. */
export const REFERENCE = /^[\w.:-]{1,64}$/;
/** A longer name is nobody's slip, and comparing it letter by letter would cost time. */
const LONGEST_NAME = 40;
const FIELDS = ['channel', 'emails', 'user_ids', 'external_limited', 'resend', 'reference'];

/**
 * Reads a request. Everything is checked here, before anything is spent on it, so that Slack never
 * has to refuse the shape of a request.
 *
 * @param input Slack's argument names and ours; `emails` and `user_ids` each a list of one, or
 *   that one as a plain string. White space around the channel and the recipient is left out.
 * @throws InviteError `InvalidRequest` with every field that is wrong and its remedy. No value of
 *   the input is repeated.
 */
export const parseRequest = (input: unknown): InviteRequest => {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw invalidFields([
      {
        field: '',
        detail:
          'the request must be an object with the field channel and either emails or user_ids',
      },
    ]);
  }
  const fields = new Map(Object.entries(input));
  const errors: FieldError[] = [];
  const refuse = (field: string, detail: string) => void errors.push({ field, detail });

  for (const name of fields.keys()) {
    if (!FIELDS.includes(name)) refuse(name, unknownField(name));
  }

  const channel = trimmedIfText(fields.get('channel'));
  const problem = channelProblem(channel);
  if (problem) refuse('channel', problem);

  const recipient = readRecipient(fields, refuse);

  const externalLimited = fields.has('external_limited') ? fields.get('external_limited') : true;
  if (typeof externalLimited !== 'boolean')
    refuse('external_limited', 'must be true or false, or left out for true');

  const resend = fields.get('resend');
  if (
    fields.has('resend') &&
    !(Number.isInteger(resend) && (resend as number) >= 0 && (resend as number) <= MAX_ATTEMPTS)
  ) {
    refuse('resend', 'must be the whole number that the invite shows as attempts');
  }

  const reference = fields.get('reference');
  if (fields.has('reference') && !(typeof reference === 'string' && REFERENCE.test(reference))) {
    refuse('reference', 'must have 1 to 64 letters, digits, or the characters _ . : -');
  }

  if (errors.length > 0 || !recipient) throw invalidFields(errors);
  return {
    channel: channel as string,
    recipient,
    external_limited: externalLimited as boolean,
    ...(fields.has('resend') && { resend: resend as number }),
    ...(fields.has('reference') && { reference: reference as string }),
  };
};

const unknownField = (name: string): string => {
  const close = name.length <= LONGEST_NAME ? nearest(name, FIELDS) : undefined;
  return close
    ? `is unknown (did you mean ${close}?)`
    : `is unknown; leave it out, since the fields are ${FIELDS.join(', ')}`;
};

/** What copying brings along at the ends: blanks, tabs, line ends, and the no-break space of web pages. */
export const trimmed = (text: string): string =>
  text.replace(/^[ \t\r\n\u00a0]+|[ \t\r\n\u00a0]+$/g, '');

const trimmedIfText = (value: unknown): unknown =>
  typeof value === 'string' ? trimmed(value) : value;

const WHERE_THE_ID_IS = "Slack shows the id at the bottom of the channel's details";

const channelProblem = (channel: unknown): string | undefined => {
  if (typeof channel !== 'string') {
    return `must be given as the id of a public or private channel, such as C012AB3CD4E; ${WHERE_THE_ID_IS}`;
  }
  if (CHANNEL_ID.test(channel)) return undefined;
  if (/[/<]/.test(channel)) {
    return 'must be the channel id alone, such as C012AB3CD4E; in a link, it is the part that begins with C or G';
  }
  if (/^D[A-Z0-9]{8,20}$/.test(channel)) {
    return 'must be the id of a channel; this is a direct message, which cannot be shared';
  }
  // Names are in small letters, too, but rarely have digits.
  if (CHANNEL_ID.test(channel.toUpperCase()) && /\d/.test(channel)) {
    return `must have the channel id in capitals, such as C012AB3CD4E; ${WHERE_THE_ID_IS}`;
  }
  return `must be the id of a public or private channel, such as C012AB3CD4E, not its name; ${WHERE_THE_ID_IS}`;
};

const readRecipient = (
  fields: Map<string, unknown>,
  refuse: (field: string, detail: string) => void,
): Recipient | undefined => {
  if (!fields.has('emails') && !fields.has('user_ids')) {
    refuse('emails', 'must be given, or user_ids in place of emails');
    return undefined;
  }
  if (fields.has('emails') && fields.has('user_ids')) {
    refuse('user_ids', 'must be left out: give either emails or user_ids, not both');
    return undefined;
  }
  const field = fields.has('emails') ? 'emails' : 'user_ids';
  const given = fields.get(field);
  const list = Array.isArray(given) ? given : [given];
  const value = trimmedIfText(list[0]);
  if (list.length === 0) {
    refuse(field, 'must name one recipient; the list is empty');
    return undefined;
  }
  if (list.length > 1) {
    refuse(field, 'must name exactly one recipient; send one request per person');
    return undefined;
  }
  // A list in a form is JSON text.
  if (typeof value !== 'string' || value.startsWith('[')) {
    refuse(field, 'must be a list of one string, or that string');
    return undefined;
  }
  const problem = field === 'emails' ? emailProblem(value) : userIdProblem(value);
  if (problem) {
    refuse(field, problem);
    return undefined;
  }
  return { kind: field === 'emails' ? 'email' : 'user_id', value };
};
