import type { FieldError } from '../errors/invite-error.ts';
import { invalidFields } from '../errors/invite-error.ts';
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
const FIELDS = ['channel', 'emails', 'user_ids', 'external_limited', 'resend', 'reference'];

/**
 * Reads a request. Everything is checked here, before anything is spent on it, so that Slack never
 * has to refuse the shape of a request.
 *
 * @param input Slack's argument names and ours; `emails` and `user_ids` each a list of one, or
 *   that one as a plain string.
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
    if (!FIELDS.includes(name))
      refuse(name, `is unknown, leave it out: the fields are ${FIELDS.join(', ')}`);
  }

  const channel = fields.get('channel');
  if (typeof channel !== 'string' || !CHANNEL_ID.test(channel)) {
    refuse(
      'channel',
      'must be the id of a public or private channel, such as C012AB3CD4E: not a name, not a direct message',
    );
  }

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

const readRecipient = (
  fields: Map<string, unknown>,
  refuse: (field: string, detail: string) => void,
): Recipient | undefined => {
  if (!fields.has('emails') && !fields.has('user_ids')) {
    refuse('emails', 'must be given, or user_ids in place of emails');
    return undefined;
  }
  if (fields.has('emails') && fields.has('user_ids')) {
    refuse('user_ids', 'must be left out beside emails: name the person in one of the two');
    return undefined;
  }
  const field = fields.has('emails') ? 'emails' : 'user_ids';
  const given = fields.get(field);
  const list = Array.isArray(given) ? given : [given];
  const [value] = list;
  if (list.length !== 1) {
    refuse(
      field,
      'must name exactly one recipient: Slack invites one person a call; ask once per person',
    );
    return undefined;
  }
  if (typeof value !== 'string') {
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
