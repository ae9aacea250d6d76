import { NotUnderstood, type Place } from '../lib/not-understood.ts';

/** @throws NotUnderstood for something in a definition */
export function refuse(place: Place, what: string): never {
  throw new NotUnderstood(
    place,
    what,
    'Teach it in infra/local/states/, or change the definition.',
  );
}
