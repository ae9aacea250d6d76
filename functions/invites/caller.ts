import type { InviteSource } from './invite.ts';

/**
 * Who makes a request. The invite shows the `source`. The policy knows the caller by its `names`:
 *
 *     role/NAME  user/NAME                     IAM
 *     jwt/SUB  client/CLIENT_ID  group/NAME    a JWT
 *     source/NAME                              an HR source
 *     task                                     the task door
 */
export type Caller = { source: InviteSource; names: readonly string[] };

/** Whoever may invoke the task function. Lambda does not say who did. */
export const TASK: Caller = { source: { door: 'invite-task' }, names: ['task'] };

/** An HR source, by its name in the configuration. @param event the id of the event's record. */
export const hrCaller = (source: string, event?: string): Caller => ({
  source: { door: 'hr-webhook', caller: source, ...(event !== undefined && { event }) },
  names: [`source/${source}`],
});

const FORMS: Record<string, string> = {
  role: 'role/NAME',
  user: 'user/NAME',
  jwt: 'jwt/SUB',
  client: 'client/CLIENT_ID',
  group: 'group/NAME',
  source: 'source/NAME',
  task: 'task',
};

/** In which forms a configuration can name a caller; not the names, since a name may be an address. */
export const formsOf = (names: readonly string[]): string => {
  const kinds = new Set(names.map((name) => name.split('/')[0] ?? ''));
  const forms = [...kinds].map((kind) => FORMS[kind] ?? kind);
  return forms.length === 0 ? 'role/NAME of a role that it takes on' : forms.join(' or ');
};
