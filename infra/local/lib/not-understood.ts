/** Where in the template something stands: the resource, its type, and the path inside it. */
export type Place = { logicalId: string; type: string; path: string };

/**
 * Something in the template that the local run would have to guess at, or that AWS would not run.
 * It stops the start: what runs here never differs silently from what would be deployed.
 */
export class NotUnderstood extends Error {
  override name = 'NotUnderstood';

  constructor(place: Place, what: string, remedy?: string) {
    const where = place.path ? `, ${place.path}` : '';
    super(
      `The local run stops at ${place.logicalId} (${place.type})${where}: ${what}. ` +
        (remedy ?? 'Teach it in infra/local, or change the stack.'),
    );
  }
}

/** The same place one step further in. */
export function inside(place: Place, step: string | number): Place {
  return { ...place, path: place.path ? `${place.path}.${step}` : String(step) };
}
