import { invalidFields } from './field-errors.ts';
import { INVITE_ID } from './invite.ts';
import type { QueueKey } from './queue.ts';

/** Reads what the workflow knows of an ask. @throws InviteError `InvalidRequest` */
export const parseQueued = ({ id, generation, ...others }: Record<string, unknown>): QueueKey => {
  const errors = Object.keys(others).map((field) => ({
    field,
    detail: 'is unknown beside id and generation: leave it out',
  }));
  const isId = typeof id === 'string' && INVITE_ID.test(id);
  const isGeneration = Number.isSafeInteger(generation) && (generation as number) > 0;
  if (!isId) errors.push({ field: 'id', detail: 'must be the id of an invite' });
  if (!isGeneration) {
    errors.push({ field: 'generation', detail: 'must be the number that came with the id' });
  }
  if (!isId || !isGeneration || errors.length > 0) throw invalidFields(errors);
  return { id, generation: generation as number };
};
