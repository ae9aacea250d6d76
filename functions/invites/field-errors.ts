import { type FieldError, InviteError } from './errors.ts';

/** Enough to correct a request by. A body of thousands of fields gets no answer of a megabyte. */
const MAX_ERRORS = 10;

/**
 * Refuses a request for its fields: all that is wrong at once (the first ten), each with its
 * remedy. A field's name comes from outside too, and only a harmless one is repeated.
 */
export const invalidFields = (found: FieldError[]): InviteError => {
  const errors = found.slice(0, MAX_ERRORS).map(({ field, detail }) => ({
    field: /^\w{0,40}$/.test(field) ? field : 'a field',
    detail,
  }));
  return new InviteError('InvalidRequest', {
    code: 'invalid_request',
    detail: errors.map(({ field, detail }) => `${field} ${detail}`.trim()).join('; '),
    errors,
  });
};
