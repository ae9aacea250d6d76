import { type FieldError, invalidFields } from '../errors/invite-error.ts';
import { invisibleIn, nearest, placeOf, trimmed } from '../lib/text.ts';
import {
  type ReadValue,
  type Recipient,
  readEmail,
  readUserId,
  visible,
  withoutInvisible,
} from './recipient.ts';

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
 *   that one as a plain string. White space around the channel and the recipient is left out; null,
 *   an empty text or list stands for a field that is not there.
 * @throws InviteError `InvalidRequest` with every field that is wrong and its remedy. No value of
 *   the input is repeated.
 */
export const parseRequest = (input: unknown): InviteRequest => {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw invalidFields([
      {
        field: '',
        detail: `the request must be an object with the field channel and either emails or user_ids; ${typeOf(input)}`,
      },
    ]);
  }
  const fields = new Map(Object.entries(input).filter(([, value]) => !isNothing(value)));
  const errors: FieldError[] = [];
  const refuse = (field: string, detail: string) => void errors.push({ field, detail });

  for (const name of Object.keys(input)) {
    if (!FIELDS.includes(name)) refuse(name, unknownField(name));
  }

  const channel = readChannel(fields.get('channel'));
  if ('problem' in channel) refuse('channel', channel.problem);

  const recipient = readRecipient(fields, refuse);

  const externalLimited = fields.get('external_limited') ?? true;
  if (typeof externalLimited !== 'boolean') {
    refuse(
      'external_limited',
      `must be true or false, or left out for true; ${typeOf(externalLimited)}`,
    );
  }

  const resend = fields.get('resend');
  if (resend !== undefined && typeof resend !== 'number') {
    refuse('resend', `must be a number, the attempts that the invite shows; ${typeOf(resend)}`);
  } else if (
    resend !== undefined &&
    !(Number.isInteger(resend) && resend >= 0 && resend <= MAX_ATTEMPTS)
  ) {
    refuse('resend', 'must be the whole number that the invite shows as attempts');
  }

  const reference = fields.get('reference');
  if (reference !== undefined && typeof reference !== 'string') {
    refuse('reference', `must be a text in quotes; ${typeOf(reference)}`);
  } else if (reference !== undefined && !REFERENCE.test(reference)) {
    refuse('reference', 'must have 1 to 64 letters, digits, or the characters _ . : -');
  }

  if (errors.length > 0 || !recipient || 'problem' in channel) throw invalidFields(errors);
  return {
    channel: channel.value,
    recipient,
    external_limited: externalLimited as boolean,
    ...(resend !== undefined && { resend: resend as number }),
    ...(reference !== undefined && { reference: reference as string }),
  };
};

/** What forms and typed clients send for a field that somebody left empty. */
export const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (Array.isArray(value) && value.length === 0);

/** The type that a value has and should not have. */
export const typeOf = (value: unknown): string => {
  if (value === null) return 'this is null';
  if (Array.isArray(value)) return 'this is a list';
  return `this is ${typeof value === 'object' ? 'an object' : `a ${TYPES[typeof value] ?? typeof value}`}`;
};

const TYPES: Record<string, string> = { string: 'text', boolean: 'boolean' };

const unknownField = (name: string): string => {
  if (name === 'dry_run') return 'is a parameter of the URL: write POST /invites?dry_run=true';
  const close =
    name.length <= LONGEST_NAME ? nearest(name.replace(/\[\d*\]$/, ''), FIELDS) : undefined;
  return close
    ? `is unknown (did you mean ${close}?)`
    : `is unknown; leave it out, since the fields are ${FIELDS.join(', ')}`;
};

const WHERE_THE_ID_IS = "Slack shows the id at the bottom of the channel's details";

/** Reads the id of a channel. White space around it is left out. */
export const readChannel = (given: unknown): ReadValue => {
  const problem = (what: string) => ({ problem: `must be ${what}` });
  if (isNothing(given)) {
    return problem(
      `given as the id of a public or private channel, such as C012AB3CD4E; ${WHERE_THE_ID_IS}`,
    );
  }
  if (typeof given !== 'string') {
    return problem(`a text, the id of one channel, such as "C012AB3CD4E"; ${typeOf(given)}`);
  }
  const channel = trimmed(given);
  if (CHANNEL_ID.test(channel)) return { value: channel };
  const invisible = invisibleIn(channel);
  if (invisible && CHANNEL_ID.test(visible(channel))) {
    return { problem: withoutInvisible(invisible) };
  }
  if (/[/<]/.test(channel)) {
    return problem(
      'the channel id alone, such as C012AB3CD4E; in a link, it is the part that begins with C or G',
    );
  }
  if (/^D[A-Z0-9]{8,20}$/.test(channel)) {
    return problem('the id of a channel; this is a direct message, which cannot be shared');
  }
  const foreign = placeOf(channel, (character) => /[^\x21-\x7e]/.test(character));
  if (foreign && CHANNEL_ID.test(channel.replace(/[^\x21-\x7e]/gu, 'C'))) {
    return problem(`the channel id in plain capitals and digits; ${foreign} only looks like one`);
  }
  // Names are in small letters, too, but rarely have digits.
  if (CHANNEL_ID.test(channel.toUpperCase()) && /\d/.test(channel)) {
    return {
      problem: `must have the channel id in capitals, such as C012AB3CD4E; ${WHERE_THE_ID_IS}`,
    };
  }
  return problem(
    `the id of a public or private channel, such as C012AB3CD4E, not its name; ${WHERE_THE_ID_IS}`,
  );
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
  if (list.length > 1) {
    refuse(field, 'must name exactly one recipient; send one request per person');
    return undefined;
  }
  const [one] = list;
  // A list in a form is JSON text.
  if (typeof one !== 'string' || trimmed(one).startsWith('[')) {
    const what = typeof one === 'string' ? '' : `; ${typeOf(one)}`;
    refuse(field, `must be a list of one string, or that string${what}`);
    return undefined;
  }
  const read = field === 'emails' ? readEmail(one) : readUserId(one);
  if ('problem' in read) {
    refuse(field, read.problem);
    return undefined;
  }
  return { kind: field === 'emails' ? 'email' : 'user_id', value: read.value };
};
