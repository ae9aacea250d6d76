import { type Path, pathIn } from './path.ts';
import type { Auth, Provider } from './provider.ts';
import { PROVIDERS } from './providers.ts';
import type { HrSource } from './source.ts';

/** A provider as one source has it: all that its row leaves to the operator is settled. */
export type InstalledProvider = Provider & {
  auth: Auth;
  /** What the events of a delivery are, where no path says it. */
  eventsExpression?: string;
};

/** What of a source says how its deliveries are read. */
type Description = Pick<
  HrSource,
  'provider' | 'auth' | 'events' | 'eventId' | 'time' | 'ignore' | 'handshake'
>;

/** @throws Error for a source that does not say how its sender proves who it is. */
export const installedProvider = ({
  provider: name,
  auth: own,
  events,
  eventId,
  time,
  ignore,
  handshake,
}: Description): InstalledProvider => {
  const row: Provider = PROVIDERS[name];
  const auth = authOf(row, own);
  if (!auth) throw new Error(`a source of the provider "${name}" needs auth`);
  return {
    ...row,
    auth,
    ...(events !== undefined && eventsAt(events)),
    ...(eventId !== undefined && { eventId: [eventId] }),
    ...(time !== undefined && { time: [time] }),
    ...(ignore !== undefined && { ignore: [ignore] }),
    ...(handshake !== undefined && { handshake }),
  };
};

/** A row's own scheme stands; only the header in which a fixed secret comes may be another one. */
const authOf = ({ auth: row }: Provider, own: Auth | undefined): Auth | undefined => {
  if (row === 'operator') return own;
  return 'header' in row && own && 'header' in own ? own : row;
};

/** Names with dots between them are a path; whatever else JSONata is, an expression. */
const eventsAt = (events: string): { splitPath: Path } | { eventsExpression: string } => {
  const splitPath = pathIn(events);
  return splitPath === undefined ? { eventsExpression: events } : { splitPath };
};
