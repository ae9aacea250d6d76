import { NotUnderstood, type Place } from '../template/not-understood.ts';

/** @throws NotUnderstood for something in a definition */
export function refuse(place: Place, what: string): never {
  throw new NotUnderstood(
    place,
    what,
    'Teach it in infra/local/states/, or change the definition.',
  );
}
