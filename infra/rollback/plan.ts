/** A published version of a function. */
export type Version = {
  /** As Lambda counts them: `"7"`. */
  version: string;
  /** When it was published, in milliseconds since 1970. */
  publishedAt: number;
};

/** A function of the stack: what its alias names, and what it could name. */
export type DeployedFunction = {
  /** The function's name, such as `SlackConnectInvites-invite-api`. */
  name: string;
  /** The version that the alias `live` names. */
  live: string;
  /** Of the alias: Lambda refuses to move an alias that somebody else has moved meanwhile. */
  revisionId: string;
  versions: Version[];
};

/** What happens to one alias. */
export type Move = {
  name: string;
  revisionId: string;
  from: Version;
  /** Undefined where the alias stays. */
  to?: Version;
  /** Why it stays. */
  why?: string;
};

/**
 * Versions that were published no longer than this after each other are of one deploy: CloudFormation
 * updates the functions one beside the other, within minutes.
 */
const ONE_DEPLOY_MS = 15 * 60_000;

/**
 * Where each alias goes, all of them to the state of one moment.
 *
 * @param moment in milliseconds since 1970; what was published then counts
 */
export function planMoves(functions: DeployedFunction[], moment: number): Move[] {
  return functions.map(({ name, live, revisionId, versions }) => {
    const from = versions.find(({ version }) => version === live) as Version;
    const target = newest(versions.filter(({ publishedAt }) => publishedAt <= moment));
    const stays = { name, revisionId, from };
    if (!target) return { ...stays, why: 'it has no version of that time' };
    if (target.version === live) return { ...stays, why: 'it had this version then' };
    return { ...stays, to: target };
  });
}

/**
 * The moment before the deploy that made the newest live version.
 * @returns in milliseconds since 1970, the last one of a second
 */
export function beforeLastDeploy(functions: DeployedFunction[]): number {
  const newestLive = Math.max(
    ...functions.flatMap(({ live, versions }) =>
      versions.filter(({ version }) => version === live).map(({ publishedAt }) => publishedAt),
    ),
  );
  const times = functions
    .flatMap(({ versions }) => versions.map(({ publishedAt }) => publishedAt))
    .filter((time) => time <= newestLive)
    .sort((a, b) => b - a);
  let first = newestLive;
  for (const time of times) {
    if (first - time > ONE_DEPLOY_MS) break;
    first = time;
  }
  return Math.floor(first / 1000) * 1000 - 1;
}

const newest = (versions: Version[]): Version | undefined =>
  versions.toSorted((a, b) => Number(b.version) - Number(a.version))[0];
